"""Puts a deployment plan together from what the agents contributed.

The agents know what changes mean; this module numbers steps, pairs them with their rollback and finds the
point of no return.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rollsafe import __version__
from rollsafe.engine.coverage import aside, not_understood, what_is_left
from rollsafe.engine.judgement import judged, missing, unreached, weighed
from rollsafe.plans.contribution import (
    Contribution,
    DraftStep,
    Frame,
    Phase,
    PlanContext,
    Undo,
    assumed,
    derived,
    unknown,
)
from rollsafe.plans.model import (
    ROOT,
    Claim,
    DeploymentPlan,
    Gate,
    RollbackDecision,
    RollbackStep,
    Step,
    Verdict,
)
from rollsafe.plans.risk import formula
from rollsafe.workspace.rollout import Scope
from rollsafe.workspace.snapshot import Snapshot

_MOST_NAMES: Final = 4
_IDLE: Final = assumed("none, because no step changes anything")
_AWAY: Final = assumed("none, because nothing is deployed")
_AROUND: Final = frozenset({Phase.FREEZE, Phase.SUSPEND, Phase.RESUME, Phase.RECORD})
"""Phases whose steps only make room for those of others."""


def frame_of(snapshot: Snapshot) -> Frame:
    """Return what plans of a project say of how they were made."""
    skipped = tuple(f"{path} ({reason})" for path, reason in snapshot.skipped)
    return Frame(_content_hash(snapshot), f"rollsafe {__version__}", skipped)


def assemble(context: PlanContext, total: Contribution) -> DeploymentPlan:
    """Return the finished plan."""
    drafts = _ordered(total.steps)
    if not drafts:
        total = what_is_left(context, total)
    total.incomplete += unreached(context, drafts)
    steps, rollback = _number(drafts)
    unknowns = _distinct([*total.incomplete, *total.unknowns, *missing(context)])
    risks = weighed(context, total.risks, drafts)
    blocking = _distinct(total.blocking)
    incomplete = _distinct(total.incomplete)
    verdict, reason = judged(context, blocking, risks, drafts, unknowns, incomplete)
    is_idle = not drafts and verdict is not Verdict.INCOMPLETE
    return DeploymentPlan(
        title=_title(total.subjects, context, steps),
        scope=context.rollout.scope.value,
        verdict=verdict,
        verdict_reason=reason,
        **context.head,
        not_understood=tuple(not_understood(context, total)),
        aside=tuple(aside(context, total)),
        blocking=tuple(blocking),
        point_of_no_return=_IDLE if is_idle else _point_of_no_return(drafts, steps),
        changes=tuple(total.changes),
        strategy=tuple(_distinct(total.strategy)),
        releases=tuple(total.releases),
        preconditions=tuple(_distinct(total.preconditions)),
        risks=tuple(risks),
        risk_score=max((risk.score for risk in risks), default=0),
        risk_formula=formula(context.settings.plan.weights),
        downtime=_AWAY if is_idle else _downtime(total),
        timing=tuple(total.timing),
        steps=tuple(steps),
        validation=tuple(total.checks),
        triggers=tuple(_distinct(total.triggers)),
        decisions=tuple(_decisions(drafts, steps, rollback)),
        rollback=tuple(rollback),
        rollback_checks=tuple(total.rollback_checks),
        contacts=tuple(_distinct(total.contacts)),
        monitoring=tuple(total.monitoring),
        unknowns=tuple(unknowns),
    )


def _ordered(steps: list[DraftStep]) -> list[DraftStep]:
    """Return the steps by phase; none at all where they would only make room for nothing."""
    if not any(step.changes and step.phase not in _AROUND for step in steps):
        return []
    return sorted(steps, key=lambda step: step.phase)


def _distinct(claims: Iterable[Claim]) -> list[Claim]:
    return list({(claim.text, claim.evidence): claim for claim in claims}.values())


def _title(subjects: Sequence[str], context: PlanContext, steps: Sequence[Step]) -> str:
    names = list(dict.fromkeys(subjects))
    shown = ", ".join(names[:_MOST_NAMES])
    if len(names) > _MOST_NAMES:
        shown += f" and {len(names) - _MOST_NAMES} more"
    match context.rollout.scope:
        case Scope.REDEPLOY:
            shown = f"redeploy {shown or 'what is there'}"
        case Scope.CHANGES:
            shown = shown or _untitled(context, steps)
        case Scope.WHOLE:
            shown = shown or "everything"
    return f"Deployment plan: {shown} ({context.environment})"


def _untitled(context: PlanContext, steps: Sequence[Step]) -> str:
    """Return what a plan is called where nothing that differs has a name of its own."""
    files = len(context.rollout.changed)
    if steps or not context.rollout.deliveries:
        return f"{files} changed file{'s' * (files != 1)}"
    return "nothing that is deployed differs"


# Steps and the way back --------------------------------------------------------------------------


def _number(drafts: list[DraftStep]) -> tuple[list[Step], list[RollbackStep]]:
    """Number the steps and write their rollback: the last step's first, each step's in its own order."""
    rollback: list[RollbackStep] = []
    for number, draft in reversed(list(enumerate(drafts, 1))):
        for undo in (*draft.undo, *((draft.restore,) if draft.restore is not None else ())):
            rollback.append(_rollback_step(f"R{len(rollback) + 1}", number, draft, undo))
    steps = [_step(number, draft, rollback) for number, draft in enumerate(drafts, 1)]
    return steps, rollback


def _step(number: int, draft: DraftStep, rollback: list[RollbackStep]) -> Step:
    own = [one for one in rollback if one.undoes == number and one.advice != "restore"]
    inverse = "; ".join(f"{one.name} {one.title}" for one in own) or draft.undone_with or None
    return Step(
        number=number,
        phase=draft.phase.words,
        title=draft.title,
        command=draft.command,
        context=draft.context or ROOT,
        access=draft.access,
        gate=Gate(command=draft.gate, expected=draft.expected),
        on_failure=_on_failure(number, draft, rollback),
        inverse=inverse,
        irreversible_reason=None if inverse is not None else draft.irreversible,
        changes=draft.changes,
        is_point_of_no_return=draft.destroys is not None,
        claim=draft.claim,
    )


def _on_failure(number: int, draft: DraftStep, rollback: list[RollbackStep]) -> str:
    if draft.phase >= Phase.RESUME:
        return "try again: the deployment stands"
    if draft.phase in (Phase.REMOVE, Phase.BACKFILL, Phase.CONTRACT):
        parts = ["stop", draft.if_fails, "the new release stands without it"]
        return "; ".join(part for part in parts if part)
    # A step that fails may have done half of its work, so its own undo comes first.
    first = next((one.name for one in rollback if one.undoes <= number and one.advice == "run"), None)
    parts = ["stop", draft.if_fails, f"then from {first}" if first else ""]
    return "; ".join(part for part in parts if part)


def _rollback_step(name: str, number: int, draft: DraftStep, undo: Undo) -> RollbackStep:
    return RollbackStep(
        name=name,
        undoes=number,
        title=undo.title,
        command=undo.command,
        advice=undo.advice,
        data_loss=undo.data_loss,
        claim=draft.claim,
        context=undo.context or ROOT,
    )


def _point_of_no_return(drafts: list[DraftStep], steps: list[Step]) -> Claim:
    lasting = [step.number for step in steps if step.changes and step.inverse is None]
    for draft, step in zip(drafts, steps, strict=True):
        if draft.destroys is not None:
            others = ", ".join(str(number) for number in lasting if number < step.number)
            text = (
                f"step {step.number} {draft.destroys.text}. Until then every step"
                f"{f' but {others}' if others else ''} can be undone; after it only a restore from backup"
                " brings the data back"
            )
            return derived(text, *draft.destroys.evidence)
    unread = [(step.number, draft) for draft, step in zip(drafts, steps, strict=True) if draft.is_unread]
    if unread:
        number, draft = unread[0]
        return unknown(f"unknown: what step {number} does to data is not read", *draft.claim.evidence)
    evidence = [place for draft in drafts if draft.changes for place in draft.claim.evidence][:1]
    if not evidence:
        return unknown("unknown: no step is known")
    if lasting:
        listed = ", ".join(map(str, lasting))
        return derived(f"none is certain, but there is no way back from step {listed}", *evidence)
    left = any(undo.advice == "leave" for draft in drafts for undo in draft.undo)
    return derived(f"none; every step can be undone{' or left in place' * left}", *evidence)


def _decisions(
    drafts: list[DraftStep], steps: list[Step], rollback: list[RollbackStep]
) -> list[RollbackDecision]:
    """Say for every step that changes something where the rollback begins if it was the last to succeed."""
    decisions: list[RollbackDecision] = []
    for step in steps:
        if step.changes:
            reached = [one for one in rollback if one.undoes <= step.number]
            do = (
                "; ".join(_decision(drafts[: step.number], steps[: step.number], reached))
                or "nothing to undo"
            )
            decisions.append(RollbackDecision(number=step.number, last_completed=step.title, do=do))
    return decisions


def _decision(drafts: list[DraftStep], steps: list[Step], reached: list[RollbackStep]) -> Iterator[str]:
    """Yield what to do once some steps went through; `reached` is what takes them back."""
    run = _listed([one.name for one in reached if one.advice == "run"])
    restore = ", ".join(one.name for one in reached if one.advice == "restore")
    broken = [draft.breaks for draft in drafts if draft.breaks]
    if broken:
        back = f"; or {restore} first, then {run}" if restore and run else ""
        yield f"fix forward: the old release fails on {', '.join(broken)}{back}"
    elif run:
        yield run
    left = [one.name for one in reached if one.advice == "leave"]
    if left:
        yield f"leave what {', '.join(left)} would undo"
    lasting = [step.number for step in steps if step.changes and step.inverse is None]
    if lasting and not broken:
        yield f"no way back from {'step' if len(lasting) == 1 else 'steps'} {', '.join(map(str, lasting))}"
    if any(draft.destroys for draft in drafts):
        yield f"data only from the backup ({restore or 'no command is known'})"


def _listed(names: list[str]) -> str:
    """Return the names of rollback steps, stretches without a gap in short: `R1 to R4, R6, in order`."""
    runs: list[list[int]] = []
    for number in (int(name[1:]) for name in names):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = [f"R{run[0]} to R{run[-1]}" if len(run) > 2 else ", ".join(f"R{n}" for n in run) for run in runs]
    return ", ".join(words) + (", in order" if len(names) > 1 else "")


def _downtime(total: Contribution) -> Claim:
    return total.downtime[0] if total.downtime else unknown("unknown: no rollout strategy was found")


def _content_hash(snapshot: Snapshot) -> str:
    digest = hashlib.sha256()
    for path in sorted(snapshot.files):
        digest.update(f"{path}\0{snapshot.files[path].text}\0".encode("utf-8", "replace"))
    return digest.hexdigest()[:12]
