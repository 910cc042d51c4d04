"""Workflows as processes: jobs, what they need, the workflows they call, and those that follow them."""

from collections.abc import Iterator
from itertools import product
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Matrix, Workflow
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.nodes import Node as Yaml
from rollsafe.plans.contribution import evidence, fact, unknown
from rollsafe.plans.model import Claim
from rollsafe.plans.times import MINUTE, words
from rollsafe.text.records import replace
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import callers
from rollsafe.workspace.pipelines import called_workflow, roles_of_job
from rollsafe.workspace.view import View
from rollsafe_agents.orchestration_manager.graph.draft import Node, Process, all_before

_MOST_CALLS: Final = 4
"""Levels of workflows that call workflows; GitHub itself allows few."""
_MOST_LEGS: Final = 256


class _Reader:
    """Reads the pipelines of a project."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._graph = view.graph
        found = view.elements(Workflow)
        names = [one.file.name for one in found]
        self.workflows = found
        self.short = {
            one.file.path: one.file.name if names.count(one.file.name) == 1 else one.file.path
            for one in found
        }

    def process(self, workflow: Workflow) -> Process:
        """Return one workflow, what it calls included."""
        name = self.short[workflow.file.path]
        made = Process(name, "pipeline", evidence(workflow, workflow.on_key))
        self._jobs(made, workflow, name, (workflow.file.path,), ())
        return made

    def _jobs(
        self, made: Process, workflow: Workflow, prefix: str, path: tuple[str, ...], names: tuple[str, ...]
    ) -> tuple[list[str], list[str]]:
        """Add the jobs of a workflow; return those that begin, and those nothing waits for."""
        ends: dict[str, list[str]] = {}
        for job in workflow.jobs:
            ends[job.id.lower()] = self._job(made, job, f"{prefix}/{job.id}", path, names)
        waited: set[str] = set()
        for job in workflow.jobs:
            for need in job.needs:
                sources = ends.get(need.id.lower())
                place = evidence(job, need.node)
                if sources is None:
                    made.dangling.append(fact(f"`{job.id}` needs `{need.id}`, which is no job of it", place))
                    continue
                waited.add(need.id.lower())
                all_before(made, sources, [f"{prefix}/{job.id}"], "needs", fact(f"needs `{need.id}`", place))
        roots = [f"{prefix}/{job.id}" for job in workflow.jobs if not job.needs]
        sinks = [one for job in workflow.jobs if job.id.lower() not in waited for one in ends[job.id.lower()]]
        return roots, sinks

    def _job(
        self, made: Process, job: Job, id_: str, path: tuple[str, ...], names: tuple[str, ...]
    ) -> list[str]:
        """Add a job, and the jobs of the workflow it calls; return the nodes that end it."""
        node = made.add(_node(job, id_, names, self._graph))
        if job.is_disabled:
            made.idle.append(fact(f"`{node.title}` never runs", evidence(job, job.if_ or job.key)))
        if job.uses is None:
            return [id_]
        callee = called_workflow(job, self._graph)
        where = evidence(job, job.uses)
        if callee is None or callee.file.path in path or len(path) > _MOST_CALLS:
            made.unknowns.append(unknown(f"what `{job.id}` calls: `{job.uses.text}` is not read", where))
            # What it calls takes its time, and nobody knows how much.
            made.add(replace(node, kind="job", is_instant=bool(node.idle), limit=None, limited=None))
            return [id_]
        inner = (*names, job.name or job.id)
        roots, sinks = self._jobs(made, callee, id_, (*path, callee.file.path), inner)
        all_before(made, [id_], roots, "calls", fact(f"calls `{callee.file.name}`", where))
        return sinks or [id_]


def pipelines(view: View) -> list[Process]:
    """Return the workflows as processes; those that follow each other by `workflow_run` are one."""
    reader = _Reader(view)
    made: dict[str, Process] = {}
    for workflow in reader.workflows:
        if _is_only_called(workflow, view.graph):
            continue
        made[workflow.file.path] = reader.process(workflow)
        if workflow.triggers.keys() == {"workflow_call"}:
            place = evidence(workflow, workflow.on_key)
            made[workflow.file.path].idle.append(
                fact("it runs only when called, and nothing here calls it", place)
            )
    _follow(reader, made)
    return [one for one in dict.fromkeys(made.values()) if one.nodes]


def _is_only_called(workflow: Workflow, graph: Graph) -> bool:
    return workflow.triggers.keys() == {"workflow_call"} and bool(callers(workflow, graph))


# `workflow_run` ----------------------------------------------------------------------------------


def _follow(reader: _Reader, made: dict[str, Process]) -> None:
    """Join workflows of which one starts when the other has ended."""
    by_name: dict[str, list[Workflow]] = {}
    for one in reader.workflows:
        by_name.setdefault(one.name or one.file.path, []).append(one)
    for workflow in reader.workflows:
        trigger = workflow.triggers.get("workflow_run")
        mine = made.get(workflow.file.path)
        if trigger is None or mine is None or (trigger.types and "completed" not in trigger.types):
            continue
        place = evidence(workflow, trigger.key)
        for name in trigger.workflows:
            first = [one for one in by_name.get(name, ()) if one.file.path in made]
            if not first:
                mine.dangling.append(
                    fact(f"it follows `{name}`, which is no workflow of the repository", place)
                )
            for one in first:
                _join(made, one, workflow, fact(f"starts when `{name}` has ended", place), reader)


def _join(made: dict[str, Process], first: Workflow, then: Workflow, claim: Claim, reader: _Reader) -> None:
    source, target = made[first.file.path], made[then.file.path]
    if source is not target:
        _told_apart(source)
        _told_apart(target)
        source.absorb(target)
        source.name = f"{source.name}, {target.name}"
        for path in [path for path, process in made.items() if process is target]:
            made[path] = source
    ends = _ends(source, reader.short[first.file.path])
    begins = _begins(source, reader.short[then.file.path])
    all_before(source, ends, begins, "workflow_run", claim)


def _told_apart(process: Process) -> None:
    """Put the workflow's name before the titles of its jobs: another workflow may call one the same."""
    for id_, node in process.nodes.items():
        prefix = f"{process.name}: "
        if ", " not in process.name and not node.title.startswith(prefix):
            process.nodes[id_] = replace(node, title=f"{prefix}{node.title}")


def _ends(process: Process, prefix: str) -> list[str]:
    mine = [id_ for id_ in process.nodes if id_.startswith(f"{prefix}/")]
    inside = set(mine)
    followed = {one.source for one in process.waits if one.target in inside}
    return [id_ for id_ in mine if id_ not in followed]


def _begins(process: Process, prefix: str) -> list[str]:
    mine = [id_ for id_ in process.nodes if id_.startswith(f"{prefix}/")]
    inside = set(mine)
    waiting = {one.target for one in process.waits if one.source in inside}
    return [id_ for id_ in mine if id_ not in waiting]


# One job -----------------------------------------------------------------------------------------


def _node(job: Job, id_: str, names: tuple[str, ...], graph: Graph) -> Node:
    legs = tuple(_legs(job.matrix)) if job.matrix is not None else ()
    batches = _batches(job, legs)
    timed = job.uses is None and job.timeout is not None and job.timeout >= 0
    known = timed and batches is not None
    limit = (job.timeout or 0) * MINUTE * (batches or 1) if known else None
    calls = job.uses is not None
    after_failure = job.if_ is not None and job.if_.after_failure
    idle = "never runs" if job.is_disabled else "runs only after a failure" if after_failure else ""
    shown = " / ".join((*names, job.name or job.id))
    return Node(
        id=id_,
        kind="called workflow" if calls else "job",
        title=job.id if not names else f"{' / '.join(names)} / {job.id}",
        where=evidence(job, job.key),
        limit=limit,
        limited=fact(_limited(job, batches, limit), evidence(job, job.timeout_node))
        if limit is not None and job.timeout_node is not None
        else None,
        names=(id_, shown, job.name or job.id, job.id),
        legs=legs,
        most_at_once=job.max_parallel,
        is_instant=calls or bool(idle),
        idle=idle,
        roles=tuple(sorted(role.value for role in roles_of_job(job, graph))),
        element=job,
    )


def _limited(job: Job, batches: int | None, limit: int) -> str:
    text = f"`timeout-minutes: {job.timeout}`"
    return text if batches in (None, 1) else f"{text}, {batches} after another: {words(limit)}"


def _batches(job: Job, legs: tuple[str, ...]) -> int | None:
    """Return how many rounds the runs of a matrix take; None when their number is not known but matters."""
    if job.matrix is None or job.max_parallel is None:
        return 1
    if not legs or job.max_parallel < 1:
        return None
    return -(-len(legs) // job.max_parallel)


def _legs(matrix: Matrix) -> Iterator[str]:
    """Yield the values of each run of a matrix as GitHub shows them; nothing when they are not known."""
    if matrix.is_dynamic or not isinstance(matrix.node, Mapping) or (matrix.legs or 0) > _MOST_LEGS:
        return
    rows = {n: v for n, v in matrix.node.pairs() if n not in ("include", "exclude")}
    combinations = [
        dict(zip(rows, values, strict=True)) for values in product(*(row.items_at() for row in rows.values()))
    ]
    excluded = [dict(one.pairs()) for one in matrix.node.items_at("exclude") if isinstance(one, Mapping)]
    kept = [one for one in combinations if rows and not any(_matches(one, other) for other in excluded)]
    seen = [dict(one) for one in kept]
    for one in matrix.node.items_at("include"):
        extra = dict(one.pairs()) if isinstance(one, Mapping) else {}
        # An `include` that contradicts no combination is laid over it; else it is a run of its own.
        fitting = [base for base in seen if _matches(base, {k: v for k, v in extra.items() if k in rows})]
        if not fitting or not rows:
            kept.append(extra)
    yield from (", ".join(_word(value) for value in one.values()) for one in kept)


def _matches(one: dict[str, Yaml], other: dict[str, Yaml]) -> bool:
    return all(name in one and _word(one[name]) == _word(value) for name, value in other.items())


def _word(node: Yaml) -> str:
    return node.text if isinstance(node, Scalar) else "…"
