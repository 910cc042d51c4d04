"""One cause, one finding: what several agents say about the same hazard at the same place is said once.

Two findings have one cause where they underline the same words and name a hazard that some other tool has
one rule for (`Finding.equivalents`), or are word for word the same. The worst, surest one stays and keeps
what the other knows: its name, its place in the list of related ones, its equivalents, its fixes where it
has none itself. Nothing is lowered by it. Rules of one agent are told apart by that agent.
"""

from collections.abc import Callable
from operator import attrgetter, is_
from typing import Final

from rollsafe.engine.found import Found
from rollsafe.rules import Confidence, Related, Rule, Severity
from rollsafe.text.records import replace

_SEVERITIES: Final = (Severity.ERROR, Severity.WARNING, Severity.INFO, Severity.HINT)
_CERTAINTIES: Final = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)
_MOST: Final = 500
_apart: Final[dict[tuple[str, ...], tuple[bool, list[tuple[str, ...] | None], list[Rule]]]] = {}
"""What was answered last of rules with these names: of these rules, whose findings named these hazards."""
_by_name: Final[Callable[[Found], tuple[str, str]]] = attrgetter("rule.name", "message")


def merge(found: list[Found]) -> list[Found]:
    """Return findings of one file, sorted by place, with one for each cause, in source order."""
    result: list[Found] = []
    last, begins = None, 0
    for one in found:
        if one.span != last:
            if len(result) - begins > 1:
                result[begins:] = _one_per_cause(result[begins:])
            last, begins = one.span, len(result)
        result.append(one)
    if len(result) - begins > 1:
        result[begins:] = _one_per_cause(result[begins:])
    return result


def rank(one: Found) -> tuple[int, int, str, str]:
    """Return the sort key by which the worst and surest of several findings comes first."""
    return _SEVERITIES.index(one.severity), _CERTAINTIES.index(one.confidence), one.rule.agent, one.rule.name


def _one_per_cause(group: list[Found]) -> list[Found]:
    """Return what is found at one place with one for each cause, by rule and message."""
    return sorted(group if _are_apart(group) else _joined_by_cause(group), key=_by_name)


def _joined_by_cause(group: list[Found]) -> list[Found]:
    causes: list[list[Found]] = []
    for one in sorted(group, key=rank):
        cause = next((cause for cause in causes if any(_is_the_same(one, other) for other in cause)), None)
        if cause is None:
            causes.append([one])
        else:
            cause.append(one)
    return [_joined(cause) for cause in causes]


def _are_apart(group: list[Found]) -> bool:
    """Say that no two name one hazard or are found by one rule; thousands are asked at a keystroke."""
    rules, equivalents = [one.rule for one in group], [one.equivalents for one in group]
    names = tuple([rule.name for rule in rules])
    known = _apart.get(names)
    if known is not None and known[1] == equivalents and all(map(is_, known[2], rules)):
        return known[0]
    if len(_apart) >= _MOST:
        _apart.clear()
    is_apart = len(set(names)) == len(group)
    if is_apart:
        named = [_named(one) for one in group]
        is_apart = len(set[str]().union(*named)) == sum(map(len, named))
    _apart[names] = is_apart, equivalents, rules
    return is_apart


def _is_the_same(one: Found, other: Found) -> bool:
    if one.rule.agent == other.rule.agent:
        return one.rule.name == other.rule.name and one.message == other.message
    return not hazards_of(one).isdisjoint(hazards_of(other))


def hazards_of(one: Found) -> frozenset[str]:
    """Return the hazards a finding is about, by the names other tools have for them."""
    return frozenset(one.rule.equivalents if one.equivalents is None else one.equivalents)


def _joined(cause: list[Found]) -> Found:
    first, *rest = cause
    others = [one for one in rest if one.rule.name != first.rule.name]
    if not others:
        return first
    said = tuple(
        Related(one.file, one.span, f"{one.rule.agent} says the same by `{one.rule.name}`: {one.message}")
        for one in others
    )
    known = dict.fromkeys(name for one in (first, *others) for name in _named(one))
    return replace(
        first,
        offer=first.offer or next((one.offer for one in others if one.offer), ()),
        related=(*first.related, *said),
        equivalents=tuple(known),
        also=tuple(dict.fromkeys(one.rule.name for one in others)),
    )


def _named(one: Found) -> tuple[str, ...]:
    return one.rule.equivalents if one.equivalents is None else one.equivalents
