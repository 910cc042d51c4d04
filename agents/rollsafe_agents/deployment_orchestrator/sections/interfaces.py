"""Changes of interfaces that one side does not survive: the order they leave, and who is hurt meanwhile."""

from collections.abc import Iterator
from typing import Final

from rollsafe.plans.contribution import Contribution, DraftRisk, PlanContext, derived, place_in
from rollsafe.plans.model import Claim, Evidence, Release
from rollsafe.plans.reach import reach, risk_of
from rollsafe.plans.risk import Hazard
from rollsafe.workspace.interfaces import First, listed
from rollsafe.workspace.interfaces.breaks import Break, breaks_of

_MOST_PLACES: Final = 6


def contribute(context: PlanContext, total: Contribution) -> None:
    """Add one claim, risk and split per interface and order."""
    for group in _groups(context):
        total.strategy.append(_claim(group))
        total.risks.append(_risk(context, group))
        total.releases += _releases(context, group)
        total.told.append(group[0].file.path)


def _groups(context: PlanContext) -> list[list[Break]]:
    """Return the breaks of each interface by who goes first, by path."""
    found: dict[tuple[str, First], list[Break]] = {}
    for one in breaks_of(context.after, context.base):
        found.setdefault((one.file.path, one.first), []).append(one)
    return [found[key] for key in sorted(found)]


def _claim(group: list[Break]) -> Claim:
    first = group[0]
    more = f", and {len(group) - 1} more like it" if len(group) > 1 else ""
    return derived(f"{first.what}{more}: {_merged(group).order}", *_places(group))


def _merged(group: list[Break]) -> Break:
    """Return the first break with all who are on the other side of any."""
    others = tuple(dict.fromkeys(party for one in group for party in one.sides.others))
    return group[0]._replace(sides=group[0].sides._replace(others=others))


def _places(group: list[Break]) -> list[Evidence]:
    """Return where it is broken first, and where those on the other side say so."""
    merged = _merged(group)
    places = [place_in(merged.file, merged.where)]
    places += [place_in(one.file, one.where) for one in merged.sides.others]
    return list(dict.fromkeys(places))[:_MOST_PLACES]


def _risk(context: PlanContext, group: list[Break]) -> DraftRisk:
    one = _merged(group)
    names = [*one.owners, *one.others]
    theirs = listed(one.others)
    match one.first:
        case First.NOBODY:
            name = f"old and new do not understand each other: {one.what}"
            told = "both forms for a while; the old one goes with a later release"
        case First.WRITERS:
            name = f"what was written before may stop {theirs or 'those who read it'}: {one.what}"
            told = "the release of those who read it, once nothing older is left"
        case _:
            name = f"what is new may break {theirs or 'those who use it'}: {one.what}"
            told = "the release of those who use it, first"
    reason = derived(one.what, *_places(group)[:1])
    return risk_of(Hazard.BREAKING, name, reach(context, names), reason, told)


def _releases(context: PlanContext, group: list[Break]) -> Iterator[Release]:
    """Yield two releases where both sides are brought out by this plan, or three where no order works."""
    one = _merged(group)
    touched = {touched.current.name for touched in context.rollout.kept}
    touched |= {service.current.name for service in context.rollout.services}
    users = [party for party in one.sides.others if party.name in touched]
    here = place_in(one.file, one.where)
    if one.first is not First.OTHERS or not touched.intersection(one.owners) or not users:
        return
    named = dict(
        (party.name, derived(f"`{party.name}`", place_in(party.file, party.where))) for party in users
    )
    owner = listed(one.owners)
    yield Release(
        name="users of an interface",
        what=f"those who use {owner} do without it",
        claims=tuple(named.values()),
    )
    yield Release(
        name="the interface", what=f"{owner} follows when they run", claims=(derived(one.what, here),)
    )
