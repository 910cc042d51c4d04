"""Migrations that an application applies when it starts: they happen with the rollout."""

from rollsafe.plans.contribution import DraftStep, Phase
from rollsafe.text.records import replace


def joined(steps: list[DraftStep], riding: list[DraftStep]) -> list[DraftStep]:
    """Return the steps, what rides along being a part of the first rollout, or last where there is none."""
    at = next((n for n, one in enumerate(steps) if one.phase is Phase.DEPLOY and one.changes), None)
    if at is None or not riding:
        return [*steps, *riding]
    rollout = steps[at]
    for one in riding:
        rollout = _with(rollout, one)
    return [*steps[:at], rollout, *steps[at + 1 :]]


def _with(rollout: DraftStep, one: DraftStep) -> DraftStep:
    """Return a rollout that also does what `one` does; its own way back is run first."""
    claim = rollout.claim.model_copy(update={"evidence": (*rollout.claim.evidence, *one.claim.evidence)})
    return replace(
        rollout,
        title=f"{rollout.title}; {one.title}",
        claim=claim,
        undo=(*rollout.undo, *one.undo),
        restore=one.restore or rollout.restore,
        if_fails="; ".join(part for part in (rollout.if_fails, one.if_fails) if part),
        destroys=one.destroys or rollout.destroys,
        breaks=", ".join(part for part in (rollout.breaks, one.breaks) if part),
        is_unread=rollout.is_unread or one.is_unread,
    )
