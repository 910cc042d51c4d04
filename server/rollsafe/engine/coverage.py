"""Which of the files that differ a deployment plan speaks of, and which it leaves out and why."""

from collections.abc import Iterable
from typing import Final

from rollsafe.plans.contribution import ChangedFile, Contribution, PlanContext
from rollsafe.plans.model import Claim
from rollsafe.workspace.delivery import Means
from rollsafe.workspace.rollout import Scope

_NAMED_ONLY: Final = frozenset({"code", "migration"})
"""Kinds of changes whose rows may stand for files that nobody has read."""


def what_is_left(context: PlanContext, total: Contribution) -> Contribution:
    """Return what is left to say where nothing is to be done: what is about the files that differ."""
    changed = set(context.rollout.changed) if context.rollout.scope is Scope.CHANGES else set[str]()

    def about(claims: Iterable[Claim]) -> list[Claim]:
        return [one for one in claims if any(place.path in changed for place in one.evidence)]

    return Contribution(
        subjects=total.subjects,
        blocking=total.blocking,
        changes=total.changes,
        strategy=about(total.strategy),
        preconditions=about(total.preconditions),
        risks=[one for one in total.risks if about([one.reason])],
        contacts=total.contacts,
        unknowns=about(total.unknowns),
        incomplete=total.incomplete,
        told=total.told,
    )


def is_read(one: ChangedFile) -> bool:
    """Say whether a file is one whose content is looked at."""
    return one.before is not None or one.after is not None


def not_understood(context: PlanContext, total: Contribution) -> list[str]:
    """Return what nobody has looked into: files that were skipped, and those known by name only."""
    read = {at.path for one in total.changes if one.kind not in _NAMED_ONLY for at in one.claim.evidence}
    found = list(context.frame.skipped)
    found += [f"{name} (in the kustomization)" for name in context.rollout.unread]
    if context.rollout.scope is Scope.CHANGES:
        charts = tuple(f"{one.path}/" for one in context.rollout.deliveries if one.means is Means.CHART)
        named = (one.path for one in context.changed if _by_name_only(one))
        code = [path for path in named if path not in read and not path.startswith(charts)]
        shown = ", ".join(code[:3]) + (" …" if len(code) > 3 else "")
        if code:
            found.append(f"{len(code)} changed file{'s' * (len(code) > 1)} by name only ({shown})")
    return found


def _by_name_only(one: ChangedFile) -> bool:
    return one.ships and not is_read(one)


def aside(context: PlanContext, total: Contribution) -> list[str]:
    """Return the files that differ and that no delivery takes in, those left out that nobody has read."""
    if context.rollout.scope is not Scope.CHANGES:
        return []
    told = {place.path for one in total.changes for place in one.claim.evidence}
    told |= set(total.told) | context.rollout.files
    return [one.path for one in context.changed if one.path not in told and not _by_name_only(one)]
