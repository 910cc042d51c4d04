"""Which jobs stand between a change and its deployment, and which of them do not hold it up."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Guard, Job, Step, Workflow
from rollsafe.artefacts.github_workflow.runs import Run, step_survives, survives
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.recognition import Role, role_of_name, words_of
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipelines import AnyJob, activities_of, deployments, migrations, roles_of_job, tests

_ANY_RUN: Final = Run("")
_MAX_GATES: Final = 24
_WORTH_WAITING_FOR: Final = frozenset(
    {Role.TEST, Role.VERIFY, Role.BUILD, Role.PUBLISH, Role.MIGRATE, Role.DEPLOY}
)


def gates(workflow: Workflow, graph: Graph) -> tuple[Job, ...]:
    """Return the jobs that test before anything of the workflow is deployed, in source order."""
    return graph.remember(("gates", workflow), lambda: tuple(_gates(workflow, graph)))


def _gates(workflow: Workflow, graph: Graph) -> Iterator[Job]:
    for job in workflow.jobs:
        if job.is_disabled or is_allowed_to_fail(job) or not tests(job, graph):
            continue
        if not any(deployments(one, graph) for one in (job, *job.needs_closure)):
            yield job


def is_allowed_to_fail(job: Job) -> bool:
    """Say whether a failure of the job counts as success: `continue-on-error: true`."""
    scalar = job.continue_on_error
    return scalar is not None and scalar.as_bool() is True


def disarmed_gates(job: Job, graph: Graph) -> tuple[Job, ...]:
    """Return the jobs whose failure does not keep `job` from running, although it waits for them.

    Of those it names itself, the ones that test, build, migrate or deploy; of the ones before them only
    tests.
    """
    return graph.remember(("disarmed", job), lambda: tuple(_disarmed(job, graph)))


def _disarmed(job: Job, graph: Graph) -> Iterator[Job]:
    guard = job.if_
    if guard is None or guard.condition.padded or job.repairs:
        return
    runs = [run for run in job.runs or (_ANY_RUN,) if not _is_chosen(guard, run)]
    named = set(job.needed())
    for gate in job.needs_closure[:_MAX_GATES]:
        roles = roles_of_job(gate, graph)
        counts = tests(gate, graph) or (gate in named and not _WORTH_WAITING_FOR.isdisjoint(roles))
        if counts and any(survives(job, gate, run) for run in runs):
            yield gate


def _is_chosen(guard: Guard, run: Run) -> bool:
    """Say whether a condition that asks for results lets somebody who starts it by hand choose otherwise."""
    return run.event == "workflow_dispatch" and "inputs." in guard.text and ".result" in guard.text


def disarmed_steps(job: Job, graph: Graph) -> Iterator[tuple[Step, Step]]:
    """Yield steps that deploy or migrate although a test before them has failed, with that test."""
    tested: Step | None = None
    live = {id(act.step) for act in (*deployments(job, graph), *migrations(job, graph))}
    testing = {id(act.step) for act in activities_of(job, graph) if Role.TEST in act}
    for step in job.steps:
        if tested is not None and id(step) in live:
            if any(step_survives(step, tested, run) for run in job.runs or (_ANY_RUN,)):
                yield step, tested
        elif id(step) in testing:
            tested = step


def really_tests(job: AnyJob, graph: Graph) -> bool:
    """Say whether a gate runs tests or a linter, or is called so: not just `build` or `check`."""
    return graph.remember(("really tests", job), lambda: _really_tests(job, graph))


def _really_tests(job: AnyJob, graph: Graph) -> bool:
    if Role.TEST in roles_of_job(job, graph):
        return True
    return any(
        role_of_name(name) is Role.TEST and "check" not in words_of(name)
        for name in (job.id, "" if isinstance(job, OtherJob) else job.name)
    )
