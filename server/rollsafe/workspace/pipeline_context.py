"""What applies to a job from around it: who calls it, where it deploys to, what it excludes."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from rollsafe.artefacts.github_workflow import Concurrency, Job, JobEnvironment, Step, Workflow
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.recognition import EnvironmentKind, Production, Role, Signal, command_hints, judge
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipelines import Act, AnyJob, activities_of, called_workflow, deployments

T = TypeVar("T")
_WORDS = frozenset({"command", "input"})


class Held(NamedTuple):
    """A `concurrency:` that a job runs under; `job` is None when it is its whole workflow's."""

    concurrency: Concurrency
    workflow: Workflow
    job: Job | None


def callers(workflow: Workflow, graph: Graph) -> tuple[Job, ...]:
    """Return the jobs of the repository that call `workflow`, by file and place."""
    if not workflow.has_event("workflow_call"):
        return ()
    key = f"path:{workflow.file.path}"
    calling = graph.find(Workflow, f"calls:{workflow.file.path}")
    return tuple(job for one in calling for job in one.jobs if job.indirection and job.indirection.key == key)


def jobs_running(step: Step, graph: Graph) -> tuple[Job, ...]:
    """Return the jobs a step runs in: its own, or those that use the action it belongs to."""
    owner = step.owner
    if isinstance(owner, Job):
        return (owner,)
    path = step.file.path
    names = {f"path:{path}", f"path:{step.file.directory}"}
    using = {
        id(one): one
        for name in sorted(names)
        for one in graph.find(Workflow, name.replace("path", "calls", 1))
    }
    return tuple(
        job
        for one in using.values()
        for job in one.jobs
        if any(
            call.key in names for it in job.steps if it.uses_text.startswith(".") for call in it.indirections
        )
    )


def environment_of(job: Job, graph: Graph) -> JobEnvironment | None:
    """Return the environment a job deploys to: its own, or that of the workflow it calls."""
    if job.environment is not None or job.uses is None:
        return job.environment
    callee = called_workflow(job, graph)
    found = (one.environment for one in callee.jobs if not one.is_disabled) if callee is not None else ()
    return next((one for one in found if one is not None), None)


def production_of(job: AnyJob, graph: Graph) -> Production:
    """Judge where a job deploys to by its own file, else by those that call it or that it calls."""
    if isinstance(job, OtherJob) and job.production.kind is not EnvironmentKind.UNKNOWN:
        return job.production
    return graph.remember(("production", job), lambda: _production(job, graph))


def goes_to_production(act: Act, job: AnyJob, graph: Graph) -> bool:
    """Say whether a deployment of a job of production goes there itself, and not to a preview beside it.

    What its own words say of a place counts first. A word that makes another command one of production,
    such as `--prod`, says nothing of this one.
    """
    own = {signal.kind for signal in _signals_of(act)}
    if own:
        return EnvironmentKind.PRODUCTION in own
    decisive = [one for one in production_of(job, graph).signals if one.strong]
    by_word = not isinstance(job, Job) or job.uses is None
    return not decisive or any(
        one.kind is EnvironmentKind.PRODUCTION and not (by_word and one.source in _WORDS) for one in decisive
    )


def _signals_of(act: Act) -> Iterator[Signal]:
    """Yield what the words of a command, or the inputs of an action, say of where it goes."""
    raw = act.raw
    for hint in command_hints(raw) if raw is not None else ():
        yield Signal(hint.kind, hint.strong, hint.source, hint.text)
    inputs = act.inner.inputs if raw is None and act.inner is not None else {}
    if any(" --prod" in f" {value}" for value in inputs.values()):
        yield Signal(EnvironmentKind.PRODUCTION, True, "input", "--prod")


def siblings(job: AnyJob) -> Sequence[AnyJob]:
    """Return the jobs of a job's workflow or pipeline, itself included."""
    return job.pipeline.jobs if isinstance(job, OtherJob) else job.workflow.jobs


def remembered(job: AnyJob, what: str, graph: Graph, find: Callable[[Sequence[AnyJob]], T]) -> T:
    """Return what `find` makes of all jobs of a job's workflow or pipeline, found once for all of them."""
    whole = job.pipeline if isinstance(job, OtherJob) else job.workflow
    return graph.remember((what, whole.file.path, whole.name), lambda: find(siblings(job)))


def staged(job: AnyJob, graph: Graph) -> Sequence[AnyJob]:
    """Return the jobs beside a job that certainly deploy to staging."""

    def find(jobs: Sequence[AnyJob]) -> Sequence[AnyJob]:
        return [
            one for one in jobs if goes_to(one, EnvironmentKind.STAGING, graph) and deployments(one, graph)
        ]

    return remembered(job, "staged", graph, find)


def goes_to(job: AnyJob, kind: EnvironmentKind, graph: Graph) -> bool:
    """Say whether something decisive tells that a job deploys to an environment of `kind`."""
    production = production_of(job, graph)
    return production.kind is kind and production.strong


def _production(job: AnyJob, graph: Graph) -> Production:
    own = _with_called(job, graph)
    if own.kind is not EnvironmentKind.UNKNOWN or isinstance(job, OtherJob):
        return own
    others = [one.production for one in _relatives(job, graph)]
    known = [one for one in others if one.kind is not EnvironmentKind.UNKNOWN]
    production = next((one for one in known if one.is_production), None)
    return production or (known[0] if known else own)


def _with_called(job: AnyJob, graph: Graph) -> Production:
    """Judge by what is written in the job's file and, where that tells nothing, in the scripts it calls."""
    own = job.production
    if own.kind is not EnvironmentKind.UNKNOWN or (isinstance(job, Job) and job.uses is not None):
        return own
    acts = (act for act in activities_of(job, graph) if act.hops and not act.is_conditional)
    ships = (act for act in acts if Role.DEPLOY in act or Role.MIGRATE in act)
    told = [signal for act in ships for signal in _signals_of(act)]
    agree = len({signal.kind for signal in told}) == 1
    return judge((*told, *own.signals)) if agree else own


def _relatives(job: Job, graph: Graph) -> Iterator[Job]:
    yield from callers(job.workflow, graph)
    callee = called_workflow(job, graph)
    for one in callee.jobs if callee is not None else ():
        if deployments(one, graph):
            yield one


def concurrency_of(job: Job, graph: Graph) -> tuple[Held, ...]:
    """Return every `concurrency:` a job runs under: its own, its workflow's, its callers', its callee's."""
    return graph.remember(("concurrency", job), lambda: tuple(_concurrency(job, graph)))


def _concurrency(job: Job, graph: Graph) -> Iterator[Held]:
    yield from _own_concurrency(job)
    for caller in callers(job.workflow, graph):
        yield from _own_concurrency(caller)
    callee = called_workflow(job, graph)
    if callee is not None:
        if callee.concurrency is not None:
            yield Held(callee.concurrency, callee, None)
        for one in callee.jobs:
            if one.concurrency is not None and deployments(one, graph):
                yield Held(one.concurrency, callee, one)


def _own_concurrency(job: Job) -> Iterator[Held]:
    if job.concurrency is not None:
        yield Held(job.concurrency, job.workflow, job)
    if job.workflow.concurrency is not None:
        yield Held(job.workflow.concurrency, job.workflow, None)
