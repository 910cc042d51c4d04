"""The rollback plan: by the last completed step, what to run, what comes back and what does not."""

from collections.abc import Iterator

from rollsafe.plans.contribution import Phase, PlanContext
from rollsafe.plans.kind import PlanKind, PlanOption, PlanRequest, PlanRequestError
from rollsafe.plans.model import Check, DeploymentPlan, RollbackDecision
from rollsafe.plans.parts import steps_to_run
from rollsafe_agents.deployment_orchestrator.rollback.checks import checks
from rollsafe_agents.deployment_orchestrator.rollback.model import RollbackCase, RollbackPlan
from rollsafe_agents.deployment_orchestrator.rollback.targets import open_questions, targets
from rollsafe_agents.deployment_orchestrator.rollback.way_back import (
    WayBack,
    judged,
    subject_of,
    warning,
    way_back,
)


def make(context: PlanContext, request: PlanRequest) -> RollbackPlan:
    """Return how what the deployment plan does is taken back."""
    plan = context.deployment()
    after = _after(plan, request.one("after"))
    way = way_back(context, after)
    verdict, reason = judged(way)
    cases = [_case(way_back(context, one.number), one) for one in plan.decisions if one.number <= way.last]
    deployed = bool(way.of_phases(Phase.DEPLOY) & {step.number for step in way.done})
    questions = list(open_questions(context)) if deployed else []
    return RollbackPlan(
        title=f"Rollback plan: {subject_of(plan)}",
        **context.head,
        verdict=verdict,
        verdict_reason=reason,
        not_understood=plan.not_understood,
        unknowns=(*questions, *plan.unknowns),
        scope=plan.scope,
        after=after,
        begun=_begun(way) if after is not None else None,
        hold=way.holds,
        cases=tuple(cases if after is None else cases[-1:]),
        steps=way.steps,
        step_count=steps_to_run(way.steps),
        targets=tuple(targets(way)) if deployed else (),
        migrations=way.migrations,
        checks=_checks(way, deployed=deployed),
        triggers=plan.triggers,
        contacts=plan.contacts,
    )


def _after(plan: DeploymentPlan, given: str | None) -> int | None:
    """Return the number of the step that went through last.

    Raises:
        PlanRequestError: the deployment plan has no such step.
    """
    if given is None:
        return None
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 0
    if 1 <= number <= len(plan.steps):
        return number
    steps = f"steps 1 to {len(plan.steps)}" if plan.steps else "no steps"
    raise PlanRequestError(f"no step `{given}`: the deployment plan has {steps}")


def _case(way: WayBack, decision: RollbackDecision) -> RollbackCase:
    return RollbackCase(
        number=decision.number,
        last_completed=decision.last_completed,
        do=decision.do if way.steps else "nothing to run",
        steps=steps_to_run(way.steps),
        data_loss="; ".join(_losses(way)) or None,
        warning=warning(way),
    )


def _losses(way: WayBack) -> Iterator[str]:
    for one in way.steps:
        if one.advice == "run" and one.data_loss:
            yield f"{one.data_loss} ({one.name})"
    back = next((one for one in way.steps if one.advice == "restore"), None)
    for gone in way.migrations:
        if gone.advice == "restore" and back is not None and back.command:
            yield f"{gone.data_loss}, unless {back.name}, which loses {back.data_loss}"
        elif gone.advice == "restore":
            yield f"{gone.data_loss}: no command is known that brings it back"


def _begun(way: WayBack) -> str | None:
    """Return what to do when the step after the last completed one had begun: it counts as done."""
    following = next((s for s in way.plan.steps if s.number > way.last and s.changes), None)
    if following is None:
        return None
    own = [one for one in way.plan.rollback if one.undoes == following.number and one.advice == "run"]
    first = f"then {own[0].name} comes first" if own else "nothing more is to be run for it"
    return f"if step {following.number} ({following.title}) had begun, it counts as done: {first}"


def _checks(way: WayBack, *, deployed: bool) -> tuple[Check, ...]:
    return tuple(checks(way)) if deployed else ()


PLAN = PlanKind(
    title="Rollback plan",
    summary="by the last completed step, what to run, what comes back and what does not",
    model=RollbackPlan,
    make=make,
    options=(
        PlanOption("after", "Only the case that this step of the deployment plan was the last", "STEP"),
    ),
)
