"""How much it matters when a step fails and nobody hears of it."""

from enum import IntEnum
from typing import Final

from rollsafe.artefacts.github_workflow import Activity, Step
from rollsafe.artefacts.other_pipelines.model import Act, OtherJob
from rollsafe.artefacts.recognition import EnvironmentKind, Role
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import jobs_running, production_of
from rollsafe.workspace.pipelines import AnyJob, deployments, migrations, tests

FORGIVABLE: Final = frozenset(
    {"delete", "create", "down", "stop", "pull", "rm", "cloudfront create-invalidation"}
)
"""Deployments that fail when there is nothing to do, or that nothing rests on."""


class Weight(IntEnum):
    """What a lost failure hides."""

    NONE = 0
    CHECK = 1
    """A test before the deployment or a check after it."""
    CHANGE = 2
    """A deployment or a migration."""

    @property
    def verb(self) -> str:
        """What the thing does, as a verb."""
        return "deploys or migrates" if self is Weight.CHANGE else "guards a deployment"


def weight_of(activity: Activity, graph: Graph) -> Weight:
    """Return what a lost failure of something a step does hides."""
    found = activity.classification
    step = activity.step
    if Role.ROLLBACK in found.roles or Role.TEARDOWN in found.roles or _is_last_resort(step):
        return Weight.NONE
    jobs = jobs_running(step, graph)
    if jobs and all(production_of(job, graph).kind is EnvironmentKind.PREVIEW for job in jobs):
        return Weight.NONE
    if Role.MIGRATE in found.roles or (Role.DEPLOY in found.roles and found.verb not in FORGIVABLE):
        return Weight.CHANGE
    if Role.VERIFY in found.roles:
        return (
            Weight.CHECK
            if any(_ships(job, graph) for job in jobs) and not _is_polled(activity)
            else Weight.NONE
        )
    if Role.TEST in found.roles and any(guards(job, graph) for job in jobs):
        return Weight.CHECK
    return Weight.NONE


def weight_of_act(act: Act, job: OtherJob, graph: Graph) -> Weight:
    """Return what a lost failure of something hides that a job of another kind of pipeline does."""
    found = act.classification
    if found.probable or not found.roles.isdisjoint({Role.ROLLBACK, Role.TEARDOWN}):
        return Weight.NONE
    if Role.MIGRATE in found.roles or (Role.DEPLOY in found.roles and found.verb not in FORGIVABLE):
        return Weight.CHANGE
    polled = act.raw is not None and act.raw.surroundings.loop
    return Weight.CHECK if Role.VERIFY in found.roles and not polled and _ships(job, graph) else Weight.NONE


def _is_last_resort(step: Step) -> bool:
    """Say whether the step only cleans up or repairs."""
    return step.if_ is not None and (step.if_.after_failure or "always()" in step.if_.text)


def _is_polled(activity: Activity) -> bool:
    command = activity.raw_command
    return command is not None and command.surroundings.loop


def _ships(job: AnyJob, graph: Graph) -> bool:
    return any(bool(deployments(one, graph)) for one in (job, *job.needs_closure))


def guards(job: AnyJob, graph: Graph) -> bool:
    """Say whether a deployment waits for the tests of the job, or follows them inside of it."""
    if not tests(job, graph):
        return False
    later: tuple[AnyJob, ...] = (job, *job.dependants)
    return any(bool(deployments(one, graph)) or bool(migrations(one, graph)) for one in later)


def weight_of_job(job: AnyJob, graph: Graph) -> Weight:
    """Return what a lost failure of a whole job hides."""
    if production_of(job, graph).kind is EnvironmentKind.PREVIEW:
        return Weight.NONE
    if deployments(job, graph) or migrations(job, graph):
        return Weight.CHANGE
    return Weight.CHECK if guards(job, graph) else Weight.NONE


def handles_outcome(step: Step) -> bool:
    """Say whether something in the step's file asks how the step ended."""
    if not step.id:
        return False
    name = f"steps.{step.id}."
    text = step.file.text
    return f"{name}outcome" in text or f"{name}conclusion" in text
