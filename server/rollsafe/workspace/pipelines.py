"""What jobs do, other files included: the workflows, actions, targets and scripts they call.

Calls are followed over at most `MAX_HOPS` files. What is found there replaces what the name of the call
suggests; a call that leads out of the repository, or to something unknown, stays what its name suggests.
"""

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from rollsafe.artefacts.github_workflow import Job, Step, Workflow
from rollsafe.artefacts.other_pipelines.model import OtherJob, OtherPipeline
from rollsafe.artefacts.recognition import Role, roles_of
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_acts import (
    Act,
    Certainty,
    called_by,
    in_order,
    judged,
    left_of,
    offset_of,
    own_act,
)
from rollsafe.workspace.pipeline_others import of_other

__all__ = [
    "MAX_HOPS",
    "MAX_NEIGHBOURS",
    "Act",
    "AnyJob",
    "Certainty",
    "activities_of",
    "acts_of_step",
    "called_workflow",
    "deployments",
    "deploys",
    "migrations",
    "roles_of_job",
    "rolls_back",
    "tests",
    "verifies",
]

AnyJob: TypeAlias = Job | OtherJob
"""A job of a workflow of GitHub, or of a pipeline of GitLab, CircleCI or Azure."""

MAX_HOPS: Final = 2
MAX_NEIGHBOURS: Final = 64
"""Jobs looked at before or after one, nearest first: a chain of hundreds is no pipeline."""

_NOT_LIVE: Final = frozenset({Role.ROLLBACK, Role.TEARDOWN})


def activities_of(job: AnyJob, graph: Graph) -> tuple[Act, ...]:
    """Return what a job does, in order; a called workflow's jobs in the order they wait for each other."""
    if isinstance(job, OtherJob) and not job.calls:
        return job.tells(_by_itself)
    return graph.remember(("activities", job), lambda: tuple(_of_any(job, graph)))


def _by_itself(job: OtherJob) -> tuple[Act, ...]:
    """Return what a job does that calls nothing of other files."""
    return tuple(of_other(job, None, 0))


def acts_of_step(step: Step, graph: Graph) -> tuple[Act, ...]:
    """Return what a step does, what its scripts do included, but not what the steps of an action do.

    Those are elements of their own, in their own file.
    """
    owner = step.owner
    if not isinstance(owner, Job):
        return tuple(own_act(activity, step) for activity in step.activities)
    return graph.remember(("steps", owner), lambda: _by_step(owner, graph)).get(id(step), ())


def _by_step(job: Job, graph: Graph) -> dict[int, tuple[Act, ...]]:
    found: dict[int, tuple[Act, ...]] = {}
    for act in activities_of(job, graph):
        if act.step is not None and act.inner is act.step:
            found[id(act.step)] = (*found.get(id(act.step), ()), act)
    return found


def roles_of_job(job: AnyJob, graph: Graph) -> frozenset[Role]:
    """Return the roles of everything the job does."""
    if isinstance(job, Job) and job.is_alone:
        return job.roles
    return graph.remember(
        ("roles", job), lambda: roles_of(act.classification for act in activities_of(job, graph))
    )


def deployments(job: AnyJob, graph: Graph) -> tuple[Act, ...]:
    """Return what puts a version live: deployments that neither go back, tear down nor repair."""
    if Role.DEPLOY not in roles_of_job(job, graph):
        return ()
    return graph.remember(("deployments", job), lambda: tuple(_deployments(job, graph)))


def _deployments(job: AnyJob, graph: Graph) -> Iterator[Act]:
    if job.repairs or (isinstance(job, OtherJob) and job.is_aside):
        return
    for act in activities_of(job, graph):
        if Role.DEPLOY in act and _NOT_LIVE.isdisjoint(act.classification.roles) and not act.after_failure:
            yield act


def deploys(job: AnyJob, graph: Graph) -> Certainty | None:
    """Say whether the job puts a version live, and how that is known; None when it does not."""
    found = deployments(job, graph)
    if not found:
        return None
    certain = any(not act.classification.probable for act in found)
    return Certainty.CERTAIN if certain else Certainty.PROBABLE


def migrations(job: AnyJob, graph: Graph) -> tuple[Act, ...]:
    """Return what migrates a database that outlives the job, forwards."""
    if Role.MIGRATE not in roles_of_job(job, graph):
        return ()
    acts = activities_of(job, graph)
    return tuple(a for a in acts if Role.MIGRATE in a and Role.ROLLBACK not in a and not a.after_failure)


def tests(job: AnyJob, graph: Graph) -> bool:
    """Say whether the job is a gate: it tests before it deploys anything, or is named as a gate."""
    if job.tests:
        return True
    for act in activities_of(job, graph):
        if Role.DEPLOY in act:
            return False
        if Role.TEST in act:
            return True
    return False


def verifies(job: AnyJob, graph: Graph) -> bool:
    """Say whether the job, or one that waits for it, looks at what the job has deployed."""
    acts = activities_of(job, graph)
    first = next(
        (at for at, act in enumerate(acts) if Role.DEPLOY in act and not act.after_failure), len(acts)
    )
    if any(act.classification.self_verifying for act in acts[first:] if Role.DEPLOY in act):
        return True
    if any(_looks(act) for act in acts[first:]):
        return True
    later = job.dependants[:MAX_NEIGHBOURS]
    return any(_looks(act) for one in later for act in _before_deploying(one, graph))


def _looks(act: Act) -> bool:
    return (Role.VERIFY in act or Role.TEST in act) and not act.after_failure


def _before_deploying(job: AnyJob, graph: Graph) -> Iterator[Act]:
    for act in activities_of(job, graph):
        if Role.DEPLOY in act and not act.after_failure:
            return
        yield act


def rolls_back(job: AnyJob, graph: Graph) -> bool:
    """Say whether something brings the previous version back when the job's deployment fails.

    The deployment itself, the job, another job of the workflow, or a workflow beside it.
    """
    mine = [act for act in deployments(job, graph) if Role.MIGRATE not in act]
    if mine and all(act.classification.self_rolling_back for act in mine):
        return True
    workflow = job.pipeline if isinstance(job, OtherJob) else job.workflow
    key = ("goes back", workflow.file.path, workflow.name)
    return graph.remember(key, lambda: _has_way_back(workflow, graph))


def _has_way_back(workflow: Workflow | OtherPipeline, graph: Graph) -> bool:
    jobs: Sequence[AnyJob] = workflow.jobs
    if any(_goes_back(act) for one in jobs for act in activities_of(one, graph)):
        return True
    if isinstance(workflow, OtherPipeline):
        # A job that nobody knows here may do it.
        left_open = not workflow.is_whole
        return left_open or any(one.repairs and _may_go_back(one, graph) for one in workflow.jobs)
    return workflow.goes_back or bool(graph.find(Workflow, "does:rollback"))


def _may_go_back(job: OtherJob, graph: Graph) -> bool:
    """Say whether a job that runs after a failure does more than tell somebody."""
    roles = roles_of_job(job, graph)
    return not job.is_whole or bool(roles & {Role.DEPLOY, Role.ROLLBACK}) or Role.NOTIFY not in roles


def _goes_back(act: Act) -> bool:
    return Role.ROLLBACK in act or (Role.DEPLOY in act and act.after_failure)


def _of_any(job: AnyJob, graph: Graph) -> Iterator[Act]:
    return of_other(job, graph, MAX_HOPS) if isinstance(job, OtherJob) else _of_job(job, graph, MAX_HOPS)


def _of_job(job: Job, graph: Graph, hops: int) -> Iterator[Act]:
    if job.is_disabled:
        return
    for step in job.steps:
        if step.calls_others or job.activities_of(step):
            yield from _of_step(job, step, graph, hops)
    if job.uses is not None:
        yield from _of_call(job, graph, hops)


def _of_call(job: Job, graph: Graph, hops: int) -> Iterator[Act]:
    """Yield what the workflow that a job calls does; what its name suggests when it is not at hand."""
    uses, callee = job.uses, called_workflow(job, graph) if hops else None
    if uses is None:
        return
    found = _of_workflow(callee, graph, hops - 1) if callee is not None else []
    for act in found:
        yield Act(act.classification, act.file, act.where, None, act.inner, act.hops + 1, act.command)
    named = left_of(job.call, found)
    if named is not None:
        yield Act(named, job.file, uses, None, None, 0)


def _of_workflow(workflow: Workflow, graph: Graph, hops: int) -> list[Act]:
    jobs = sorted(workflow.jobs, key=lambda one: len(one.needs_closure))
    return [act for job in jobs for act in _of_job(job, graph, hops)]


def called_workflow(job: Job, graph: Graph) -> Workflow | None:
    """Return the workflow of this repository that the job calls."""
    call = job.indirection
    return None if call is None or call.key is None else graph.first(Workflow, call.key)


def _of_step(job: Job, step: Step, graph: Graph, hops: int) -> Iterator[Act]:
    own = [own_act(activity, step) for activity in job.activities_of(step)]
    called = called_by(step, graph, hops) if hops and step.calls_others and not step.is_disabled else []
    if not called:
        yield from own
        return
    verdicts_ = job.settled(step, [act.classification for _, act in called])
    verdicts = {id(act): verdict for (_, act), verdict in zip(called, verdicts_, strict=True)}
    for act in in_order([(offset_of(act), act) for act in own], called):
        verdict = verdicts.get(id(act), act.classification)
        if verdict is not None:
            yield act if verdict is act.classification else judged(act, verdict)
