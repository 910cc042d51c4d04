"""How far trouble with a workload reaches: alone, several, or all the way to requests from outside."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from rollsafe.plans.contribution import (
    DraftRisk,
    Phase,
    PlanContext,
    assumed,
    derived,
    evidence,
    place_in,
)
from rollsafe.plans.model import Claim
from rollsafe.plans.risk import Hazard
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.delivery import Means
from rollsafe.workspace.dependencies import Call, Entrance, entrances

_MOST_NAMED: Final = 4


class Reach(NamedTuple):
    """A radius from 1 to 3 and why."""

    radius: Literal[1, 2, 3]
    reason: Claim


def risk_of(
    hazard: Hazard,
    name: str,
    how_far: Reach,
    reason: Claim,
    mitigation: str,
    checked_in: Phase | None = None,
    checked_by: str = "",
) -> DraftRisk:
    """Return a risk that reaches as far as `how_far` says; the rest is as `DraftRisk` has it."""
    return DraftRisk(hazard, name, how_far.radius, reason, how_far.reason, mitigation, checked_in, checked_by)


def reach(context: PlanContext, names: Iterable[str]) -> Reach:
    """Return how far trouble with the workloads or services called `names` reaches."""
    wanted = list(dict.fromkeys(names))
    outside = _from_outside(context, wanted) or _published(context, wanted)
    if outside is not None:
        return Reach(3, outside)
    if len(wanted) > 1:
        return Reach(2, assumed(f"{_listed(wanted)}; no way in from outside is written down"))
    if wanted:
        return Reach(1, assumed(f"`{wanted[0]}` alone; no way in from outside is written down"))
    return Reach(2, assumed("everything that uses the database; who does is not written down"))


def _from_outside(context: PlanContext, wanted: list[str]) -> Claim | None:
    for workload in context.rollout.deployed:
        doors = entrances(workload, context.after)
        path = _path(workload.name, wanted, context.rollout.calls) if doors else None
        if path is not None:
            return _claim(workload.name, doors[0], path)
    return None


def _path(start: str, wanted: list[str], calls: Sequence[Call]) -> list[Call] | None:
    """Return the calls that lead from `start` to one of `wanted`; None when none does."""
    pending: list[tuple[str, list[Call]]] = [(start, [])]
    seen = {start}
    for name, path in pending:
        if name in wanted:
            return path
        for call in calls:
            if call.consumer == name and call.provider not in seen:
                seen.add(call.provider)
                pending.append((call.provider, [*path, call]))
    return None


def _claim(name: str, door: Entrance, path: list[Call]) -> Claim:
    way = " → ".join([f"`{name}`", *(f"`{call.provider}`" for call in path)])
    places = [evidence(door.object, door.where), *(place_in(call.file, call.where) for call in path)]
    return derived(f"requests to {door.host or 'a public address'} → {way}", *places)


def _published(context: PlanContext, wanted: list[str]) -> Claim | None:
    for service in context.rollout.services:
        current = service.current
        if current.name in wanted and service.delivery.means is Means.COMPOSE:
            for port in current.ports:
                if port.is_on_every_interface and port.published is not None:
                    text = f"`{current.name}` listens on port {port.published.first} of the host"
                    return derived(text, evidence(current, port.node))
    return None


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_MOST_NAMED])
    return shown + (f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else "")
