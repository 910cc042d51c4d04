"""How a deployment plan is judged: its risks weighed, and READY or not with the reason."""

import re

from rollsafe.engine.coverage import is_read
from rollsafe.plans.contribution import ChangedFile, DraftRisk, DraftStep, Phase, PlanContext, unknown
from rollsafe.plans.model import Claim, Risk, Verdict
from rollsafe.plans.risk import severity_of
from rollsafe.workspace.rollout import Scope


def weighed(context: PlanContext, risks: list[DraftRisk], drafts: list[DraftStep]) -> list[Risk]:
    """Return the risks with their scores, the highest first."""
    weights = context.settings.plan.weights
    found: list[Risk] = []
    for risk in risks:
        severity = severity_of(risk.hazard, weights)
        step = _checking(risk, drafts)
        found.append(
            Risk(
                kind=risk.hazard.value,
                name=risk.name,
                severity=severity,
                radius=risk.radius,
                score=severity * risk.radius,
                reason=risk.reason,
                radius_reason=risk.radius_reason,
                mitigation=risk.mitigation,
                step=step,
            )
        )
    return sorted(found, key=lambda risk: (-risk.score, risk.name))


def _checking(risk: DraftRisk, drafts: list[DraftStep]) -> int | None:
    """Return the number of the step that holds a risk in check; None where no step is about it."""
    steps = [(n, draft) for n, draft in enumerate(drafts, 1) if draft.phase is risk.checked_in]
    names = [risk.checked_by] if risk.checked_by else re.findall(r"`[^`]+`", risk.name)
    same = next((n for name in names for n, draft in steps if name in draft.title), None)
    is_backup = risk.checked_in is Phase.BACKUP and steps
    return same or (steps[0][0] if is_backup else None)


def missing(context: PlanContext) -> list[Claim]:
    """Return what nobody knows without a base."""
    if context.rollout.scope is not Scope.WHOLE:
        return []
    return [unknown("what is running at present: there is no base to compare with (`--base REF`)")]


def unreached(context: PlanContext, drafts: list[DraftStep]) -> list[Claim]:
    """Return that nobody says how what differs is deployed, unless all of it is done by a step."""
    rollout = context.rollout
    left = [one for one in context.changed if one.ships and not _is_migration(one)]
    if rollout.deliveries or (drafts and not left) or (rollout.scope is Scope.CHANGES and not left):
        return []
    reach = f"how this repository reaches {context.environment}"
    return [unknown(f"{reach}: no workflow, manifest, chart or Compose file says so")]


def _is_migration(one: ChangedFile) -> bool:
    view = one.after or one.before
    return view is not None and view.kind == "migration"


def judged(
    context: PlanContext,
    blocking: list[Claim],
    risks: list[Risk],
    drafts: list[DraftStep],
    unknowns: list[Claim],
    incomplete: list[Claim],
) -> tuple[Verdict, str]:
    """Return the verdict and its reason; what keeps the plan from leading anywhere comes first."""
    if blocking:
        return Verdict.BLOCKED, f"by {len(blocking)} error{'s' * (len(blocking) > 1)}"
    if not drafts:
        return _nothing_to_do(context, incomplete)
    if context.rollout.scope is Scope.WHOLE:
        return Verdict.INCOMPLETE, f"no base; {len(unknowns)} unknown"
    if incomplete:
        more = f"; {_highest(risks)}" if risks else ""
        return Verdict.INCOMPLETE, f"{len(unknowns)} unknown: {incomplete[0].text}{more}"
    if risks:
        return Verdict.RISKS, _highest(risks)
    return Verdict.READY, f"{len(unknowns)} unknown" if unknowns else "no error, no risk found"


def _nothing_to_do(context: PlanContext, incomplete: list[Claim]) -> tuple[Verdict, str]:
    """Return whether there is nothing to do, or nobody can say so."""
    if context.rollout.scope is not Scope.CHANGES:
        return Verdict.INCOMPLETE, "no step could be derived"
    if incomplete:
        return Verdict.INCOMPLETE, f"no step could be derived; unknown: {incomplete[0].text}"
    known = bool(context.rollout.deliveries)
    open_ = [one.path for one in context.changed if one.ships and not (known and is_read(one))]
    if not open_:
        return Verdict.READY, "there is nothing to do"
    more = f" and {len(open_) - 1} more" if len(open_) > 1 else ""
    return Verdict.INCOMPLETE, f"no step could be derived from `{open_[0]}`{more}"


def _highest(risks: list[Risk]) -> str:
    plural = "risks, the highest" if len(risks) > 1 else "risk"
    return f"{len(risks)} {plural}: {risks[0].name} ({risks[0].score} of 15)"
