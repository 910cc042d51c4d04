"""The way back of a deployment: what both the rollback plan and the emergency page are made from."""

from collections.abc import Iterator, Sequence
from typing import Final

from rollsafe.artefacts.migrations.effects import Effect
from rollsafe.plans.contribution import Phase, PlanContext, derived, evidence
from rollsafe.plans.model import DeploymentPlan, RollbackStep, Step, Verdict
from rollsafe.plans.parts import counted, steps_to_run
from rollsafe.text.cached import cached_property
from rollsafe.text.records import open_record
from rollsafe.workspace.histories import Assessed
from rollsafe.workspace.rollout import Scope
from rollsafe_agents.deployment_orchestrator.rollback.model import Advice, MigrationBack, OldRelease
from rollsafe_agents.deployment_orchestrator.sections.migration_steps import step_title
from rollsafe_agents.deployment_orchestrator.sections.migrations import label, place, told
from rollsafe_agents.deployment_orchestrator.sections.pending import Group, Pending, pending_of

CHECK_OUT: Final = "git switch --detach "
"""How a command begins that brings back the files of the base."""

_MOST_NAMED: Final = 3


@open_record
class WayBack:
    """The rollback steps of a deployment plan up to the forward step `last`, and what they meet."""

    context: PlanContext
    plan: DeploymentPlan
    last: int

    @cached_property
    def done(self) -> tuple[Step, ...]:
        """The forward steps that went through and changed something."""
        return tuple(step for step in self.plan.steps if step.changes and step.number <= self.last)

    @cached_property
    def steps(self) -> tuple[RollbackStep, ...]:
        """The rollback steps, in order.

        Where nothing differs from the base, checking the base out brings nothing back: such steps are left
        out.
        """
        found = [one for one in self.plan.rollback if one.undoes <= self.last]
        if self.plan.scope == Scope.REDEPLOY.value:
            same = {one.undoes for one in found if (one.command or "").startswith(CHECK_OUT)}
            found = [one for one in found if one.undoes not in same]
        return tuple(found)

    @cached_property
    def lasting(self) -> tuple[Step, ...]:
        """The steps that went through and have no way back."""
        return tuple(step for step in self.done if step.inverse is None or step.is_point_of_no_return)

    @cached_property
    def pending(self) -> list[Pending]:
        """The histories with new migrations."""
        return pending_of(self.context)

    @cached_property
    def migrations(self) -> tuple[MigrationBack, ...]:
        """What happens to each migration that was applied; none where nobody knows which were."""
        return tuple(self._migrations())

    def of_phases(self, *phases: Phase) -> set[int]:
        """Return the numbers of the forward steps of some phases."""
        words = {phase.words for phase in phases}
        return {step.number for step in self.plan.steps if step.phase in words}

    @property
    def holds(self) -> tuple[Step, ...]:
        """The forward steps that keep pipelines from deploying."""
        return tuple(step for step in self.plan.steps if step.phase == Phase.FREEZE.words)

    def _migrations(self) -> Iterator[MigrationBack]:
        for pending in self.pending:
            for group in pending.groups if pending.history.is_pending_known else ():
                titled = step_title(pending, group)
                step = next((step for step in self.done if titled in step.title), None)
                if step is not None:
                    yield from (self._migration(one, group, step) for one in group.assessed)

    def _migration(self, one: Assessed, group: Group, step: Step) -> MigrationBack:
        named = f"`{label(group.first.migration)}`"
        about = [
            back
            for back in self.steps
            if back.undoes == step.number and (named in back.title or back.advice == "restore")
        ]
        advice: Advice = "restore" if one.lost else "forward"
        if about:
            advice = about[0].advice
        losses = [back.data_loss for back in about if back.data_loss]
        gone = [deed.lost for deed in one.lost]
        return MigrationBack(
            name=label(one.migration),
            does=_does(one),
            advice=advice,
            steps=tuple(back.name for back in about),
            old_release=_old_release(one),
            data_loss="; ".join(gone[:_MOST_NAMED] or losses) or None,
            claim=derived(_does(one), *([place(deed) for deed in one.lost] or [evidence(one.migration)])),
        )


def subject_of(plan: DeploymentPlan) -> str:
    """Return what is taken back, as the title of the deployment plan names it."""
    named = plan.title.partition(": ")[2]
    if plan.scope == Scope.REDEPLOY.value:
        return f"take back the last release of {named.removeprefix('redeploy ')}"
    return f"take back {named}" if plan.steps else named


def way_back(context: PlanContext, last: int | None = None) -> WayBack:
    """Return the way back of what is deployed, from the end or from the step `last`."""
    plan = context.deployment()
    return WayBack(context, plan, len(plan.steps) if last is None else last)


def judged(way: WayBack) -> tuple[Verdict, str]:
    """Return whether the way back leads back, and why."""
    if not way.plan.steps and way.plan.verdict is Verdict.INCOMPLETE:
        return way.plan.verdict, way.plan.verdict_reason
    if not way.plan.steps:
        return Verdict.READY, "there is nothing to take back"
    if not way.done:
        return Verdict.READY, "nothing has changed yet"
    if way.plan.scope == Scope.WHOLE.value:
        return Verdict.INCOMPLETE, "no base: what ran before is not known (`--base REF`)"
    if way.plan.scope == Scope.REDEPLOY.value:
        return Verdict.INCOMPLETE, "nothing differs from the base: `--base REF` names what ran before"
    if not way.context.rollout.deliveries:
        return Verdict.INCOMPLETE, "no file says what deploys: how the code of before comes back is not known"
    silent = [one for one in way.steps if one.advice == "run" and one.command is None]
    if silent:
        return Verdict.INCOMPLETE, f"no command is known for {silent[0].name}: {silent[0].title}"
    if way.lasting:
        return Verdict.RISKS, f"no way back from step {_numbers(way.lasting)}: {way.lasting[-1].title}"
    lossy = [one for one in way.steps if one.advice == "run" and one.data_loss]
    if lossy:
        return Verdict.RISKS, f"{lossy[0].name} loses {lossy[0].data_loss}"
    return Verdict.READY, f"{counted(steps_to_run(way.steps))} back, no data is lost"


def warning(way: WayBack) -> str | None:
    """Return what makes the old release fail on the schema as it is; None where nothing is known to."""
    stuck = [one for one in way.migrations if one.old_release == "fails" and one.advice != "run"]
    if stuck:
        names = ", ".join(f"`{one.name}`" for one in stuck[-_MOST_NAMED:])
        first = next((name for one in reversed(stuck) for name in one.steps), None)
        restore = f"{first} first, or" if first else "only"
        return f"the old release fails on {names} ({stuck[-1].does}): {restore} forward with a fix"
    late = [one for one in way.migrations if one.old_release == "fails" and one.steps]
    order = [one.name for one in way.steps]
    code = [one.name for one in way.steps if one.undoes in way.of_phases(Phase.DEPLOY) and one.command]
    if late and code and order.index(late[0].steps[0]) > order.index(code[0]):
        return f"the old release fails on `{late[0].name}` until {late[0].steps[0]} has run"
    return None


def _numbers(steps: Sequence[Step]) -> str:
    return ", ".join(str(step.number) for step in steps)


def _does(one: Assessed) -> str:
    return told([one])


def _old_release(one: Assessed) -> OldRelease:
    if one.is_contracting:
        return "fails"
    return "unknown" if Effect.UNKNOWN in one.effects else "goes on"
