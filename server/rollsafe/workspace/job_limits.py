"""How long jobs and workflows of GitHub run at most, waiting for runners and approvals left out.

A number is an upper bound that GitHub enforces. Where anything on the way is not known, there is none.
"""

from typing import Final

from rollsafe.artefacts.github_workflow import Job, Workflow
from rollsafe.artefacts.github_workflow.runners import is_hosted
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipelines import called_workflow

DEFAULT_MINUTES: Final = 360
"""After which GitHub ends a job that says nothing, and any job on a machine of its own."""
_DEEPEST: Final = 4
"""Workflows that call each other are followed this far; GitHub itself allows hardly more."""


class Limit(NamedTuple):
    """The most minutes that a job runs; None where that is not known, for the reason `why`.

    `why` otherwise says what the number rests on. `is_default` tells that nothing in the file bounds it.
    """

    minutes: int | None
    why: str
    is_default: bool = False


class Chain(NamedTuple):
    """The most minutes from the start of a workflow until a job ends.

    `before` is the job it waits for longest. `minutes` is None where it is not known, for the reason `why`.
    """

    minutes: int | None
    why: str = ""
    before: str | None = None
    is_default: bool = False


class Longest(NamedTuple):
    """The most minutes that a workflow runs, and the ids of the jobs that take them, in order."""

    minutes: int | None
    why: str
    jobs: tuple[str, ...]
    is_default: bool


def limit_of(job: Job, graph: Graph, depth: int = 0) -> Limit:
    """Return how long a job runs at most, all rounds of its matrix together."""
    if job.is_disabled:
        return Limit(0, "its `if` is `false`")
    once = _called(job, graph, depth) if job.uses is not None else _own(job)
    rounds = _rounds(job)
    if once.minutes is None or rounds == 1:
        return once
    if rounds is None:
        return Limit(None, f"how many runs the matrix of `{job.id}` makes one after the other is not known")
    return once._replace(minutes=once.minutes * rounds, why=f"{once.why}, {rounds} rounds of the matrix")


def _own(job: Job) -> Limit:
    node, minutes = job.timeout_node, job.timeout
    if node is None:
        return Limit(DEFAULT_MINUTES, "GitHub's default", is_default=True)
    if minutes is None or minutes <= 0:
        return Limit(None, f"`timeout-minutes` of `{job.id}` is known when it runs")
    if minutes > DEFAULT_MINUTES and job.runs_on and all(is_hosted(label) for label in job.runs_on):
        return Limit(DEFAULT_MINUTES, f"GitHub's machines allow no more than that, not {minutes} min")
    return Limit(minutes, "`timeout-minutes`")


def _called(job: Job, graph: Graph, depth: int) -> Limit:
    uses = job.uses.text if job.uses is not None else ""
    called = called_workflow(job, graph) if depth < _DEEPEST else None
    if called is None:
        return Limit(None, f"`{job.id}` calls `{uses}`, which is not read")
    found = longest(called, graph, depth + 1)
    return Limit(found.minutes, found.why or f"jobs of `{called.file.path}`", found.is_default)


def _rounds(job: Job) -> int | None:
    """Return how many runs of the matrix follow each other; None where that is not known."""
    strategy = job.strategy
    written = strategy.at("max-parallel") if strategy is not None else None
    if job.matrix is None or written is None:
        return 1
    most, legs = job.max_parallel, job.matrix.legs
    if most is None or most < 1 or legs is None:
        return None
    return max(1, -(-legs // most))


def chains(workflow: Workflow, graph: Graph, depth: int = 0) -> dict[str, Chain]:
    """Return by its lower-case id how long it takes until each job has ended."""
    return graph.remember(("chains", workflow, depth), lambda: _chains(workflow, graph, depth))


def _chains(workflow: Workflow, graph: Graph, depth: int) -> dict[str, Chain]:
    jobs = {job.id.lower(): job for job in workflow.jobs}
    open_needs = {id_: {one.id.lower() for one in job.needed()} for id_, job in jobs.items()}
    found: dict[str, Chain] = {}
    ready = [id_ for id_, needs in open_needs.items() if not needs]
    for id_ in ready:
        found[id_] = _chain(jobs[id_], found, graph, depth)
        for waiting in jobs[id_].waiting():
            needs = open_needs[waiting.id.lower()]
            if id_ in needs:
                needs.discard(id_)
                ready += [waiting.id.lower()] if not needs else []
    circle = Chain(None, "jobs wait for each other in a circle")
    return {id_: found.get(id_, circle) for id_ in jobs}


def _chain(job: Job, found: dict[str, Chain], graph: Graph, depth: int) -> Chain:
    own = limit_of(job, graph, depth)
    if len(job.needed()) < len(job.needs):
        return Chain(None, f"`{job.id}` waits for a job that is not there")
    before = {one.id: found[one.id.lower()] for one in job.needed()}
    unknown = next((one.why for one in before.values() if one.minutes is None), None)
    if own.minutes is None or unknown is not None:
        return Chain(None, own.why if own.minutes is None else unknown or "")
    slowest = max(before, key=lambda id_: before[id_].minutes or 0, default=None)
    spent = (before[slowest].minutes or 0) if slowest is not None else 0
    is_default = own.is_default or (slowest is not None and before[slowest].is_default)
    return Chain(spent + own.minutes, "", slowest, is_default)


def longest(workflow: Workflow, graph: Graph, depth: int = 0) -> Longest:
    """Return how long a workflow runs at most."""
    by_id = chains(workflow, graph, depth)
    unknown = next((one.why for one in by_id.values() if one.minutes is None), None)
    if unknown is not None or not by_id:
        return Longest(None, unknown or "it has no jobs", (), is_default=False)
    last = max(workflow.jobs, key=lambda job: by_id[job.id.lower()].minutes or 0)
    end = by_id[last.id.lower()]
    return Longest(end.minutes, "", way_to(last.id, by_id), end.is_default)


def way_to(id_: str, by_id: dict[str, Chain]) -> tuple[str, ...]:
    """Return the jobs that take the time until a job ends, in order, itself last."""
    way = [id_]
    while (before := by_id[way[-1].lower()].before) is not None:
        way.append(before)
    return tuple(reversed(way))
