"""What a job amounts to: what it may do, what keeps its runs apart, what it waits for, how long it takes."""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final, TypeVar

from rollsafe.artefacts.github_workflow import Concurrency, Job
from rollsafe.artefacts.github_workflow.values import Permissions
from rollsafe.engine.facts import Facts
from rollsafe.formats.nodes import Scalar
from rollsafe.plans.times import MINUTE, spoken
from rollsafe.text import Span
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.job_limits import chains, limit_of, way_to
from rollsafe.workspace.pipeline_context import callers
from rollsafe.workspace.pipelines import called_workflow

T = TypeVar("T")

_FEW: Final = 8
_LONGEST: Final = 80
_DEFAULT: Final = "the repository's default: read only, or read and write, as its settings say"


def job_facts(job: Job, offset: int, graph: Graph) -> Facts | None:
    """Return what is known of a job where its id stands, or of one it needs where that is named."""
    if job.key.start <= offset <= job.key.end:
        return Facts(Span.of(job.key), f"Job `{job.id}`", tuple(_lines(job, graph)))
    for need in job.needs:
        needed = job.workflow.job(need.id)
        if needed is not None and need.node.start <= offset <= need.node.end:
            return Facts(Span.of(need.node), f"Job `{needed.id}`", tuple(_lines(needed, graph)))
    return None


def _lines(job: Job, graph: Graph) -> Iterator[str]:
    yield f"Permissions: {_permissions(job, graph)}"
    yield from _concurrency(job, graph)
    waits = in_order({one.id: one for one in job.needs_closure}, lambda one: [it.id for it in one.needed()])
    if waits:
        yield f"Waits for {' → '.join(waits)}"
    if job.environment is not None and job.environment.name:
        yield f"Environment {quoted(job.environment.name)}"
    yield from _matrix(job)
    yield from _duration(job, graph)


# What it may do


def _permissions(job: Job, graph: Graph) -> str:
    workflow = job.workflow
    own = job.permissions or workflow.permissions
    where = "the job" if job.permissions is not None else "the workflow"
    said = f"{_granted(own)}, from {where}" if own is not None else _DEFAULT
    if not workflow.has_event("workflow_call"):
        return said
    calling = callers(workflow, graph)
    given = list(dict.fromkeys(_given(one) for one in calling))[:_FEW]
    at_most = f" ({'; '.join(given)})" if given else ""
    if own is None and workflow.is_only_called:
        return f"those of the job that calls the workflow{at_most}"
    return f"{said}; when called, no more than the calling job has{at_most}"


def _given(caller: Job) -> str:
    own = caller.permissions or caller.workflow.permissions
    what = _granted(own) if own is not None else "the repository's default"
    return f"{what} in `{caller.workflow.file.name}`"


def _granted(permissions: Permissions) -> str:
    node = permissions.node
    if isinstance(node, Scalar):
        words = {"read-all": "everything may be read", "write-all": "everything may be read and written"}
        return words.get(node.text, "unknown" if node.text.strip() else _DEFAULT)
    levels = [f"`{scope}: {level}`" for scope, level in permissions.scopes.items() if level != "none"]
    if not levels:
        return "none"
    return f"{listed(levels)} and nothing else"


# What keeps its runs apart


def _concurrency(job: Job, graph: Graph) -> Iterator[str]:
    held: list[tuple[Concurrency | None, str]] = [
        (job.concurrency, "the job"),
        (job.workflow.concurrency, "the workflow"),
    ]
    called = called_workflow(job, graph) if job.uses is not None else None
    if called is not None:
        held.append((called.concurrency, f"`{called.file.name}`"))
    for one, where in held:
        if one is not None and one.group:
            yield f"Concurrency: group {quoted(one.group)} of {where}, {_newer(one)}"


def _newer(one: Concurrency) -> str:
    cancel = one.cancel.strip()
    if one.node.at("queue") is not None and cancel in ("", "false"):
        return "`queue` decides which of those that wait are kept"
    if cancel in ("", "false"):
        return "a newer run waits, and takes the place of one that waits"
    if cancel == "true":
        return "a newer run cancels one that is in progress"
    return f"{quoted(cancel)} decides whether a newer run cancels one that is in progress"


# What it waits for, and how long it takes


def in_order(
    closure: dict[str, T], needed: Callable[[T], Iterable[str]], hidden: Collection[str] = ()
) -> list[str]:
    """Return jobs by when they can run: those that may run at the same time together, first ones first.

    `closure` holds them by id, and `needed` says which ids one of them waits for. What is `hidden`, such as
    a group of jobs, counts and is not named.
    """
    left = {
        id_: {one for one in needed(job) if one in closure and one != id_} for id_, job in closure.items()
    }
    found: list[str] = []
    while left:
        # Those that wait for each other are told together.
        ready = {id_ for id_, needs in left.items() if needs.isdisjoint(left)} or set(left)
        names = [f"`{id_}`" for id_ in left if id_ in ready and id_ not in hidden]
        found += [listed(names)] if names else []
        left = {id_: needs for id_, needs in left.items() if id_ not in ready}
    return found


def _matrix(job: Job) -> Iterator[str]:
    if job.matrix is None:
        return
    legs, most = job.matrix.legs, job.max_parallel
    runs = f"at most {legs} runs" if legs is not None else "as many runs as are found when it runs"
    yield f"Matrix: {runs}{f', {most} at once' if most is not None else ''}"


def _duration(job: Job, graph: Graph) -> Iterator[str]:
    if job.is_disabled:
        yield "Never runs: its `if` is `false`"
        return
    own, by_id = limit_of(job, graph), chains(job.workflow, graph)
    if own.minutes is None:
        yield f"How long it runs at most is unknown: {own.why}"
        return
    yield f"Runs at most {spoken(own.minutes * MINUTE)} ({own.why})"
    chain = by_id.get(job.id.lower())
    if chain is None or not job.needs:
        return
    if chain.minutes is None:
        yield f"When it ends at the latest is unknown: {chain.why}"
        return
    way = way_to(job.id, by_id)
    yield f"Ends at most {spoken(chain.minutes * MINUTE)} after the start, by way of {way_in_words(way)}"


def way_in_words(way: tuple[str, ...]) -> str:
    """Return jobs that follow each other, the first and the last of many."""
    if len(way) > _FEW:
        return f"{' → '.join(f'`{one}`' for one in way[:3])} → … → `{way[-1]}` ({len(way)} jobs)"
    return " → ".join(f"`{one}`" for one in way)


def listed(names: Iterable[str]) -> str:
    """Return names in a row, the first few of many."""
    all_ = list(names)
    more = f" and {len(all_) - _FEW} more" if len(all_) > _FEW else ""
    return f"{', '.join(all_[:_FEW])}{more}"


def quoted(text: str) -> str:
    """Return a text of a file as a name, the beginning of a long one."""
    flat = " ".join(text.split()).replace("`", "'")
    return f"`{flat[:_LONGEST]}{'…' if len(flat) > _LONGEST else ''}`"
