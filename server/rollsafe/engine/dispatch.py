"""Which rules are called for an element.

Most rules about statements ask what a statement does and are done. So a rule is first shown a sketch: an
element of which nothing is known but its outline. A rule that comes to an end over it, without a finding and
without having asked for anything else, would do the same for every element with that outline, because
rules are pure; it is not called for those. In a file that is edited the same is done once more with the
elements' profiles, their own text above all, so that an edit costs the rules that look further than that.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from operator import attrgetter
from typing import Final, TypeAlias

from rollsafe.artefacts.base import Element
from rollsafe.engine.selection import RuleSet
from rollsafe.engine.sketch import is_content
from rollsafe.rules import Rule

_Outline: TypeAlias = tuple[type[Element], tuple[object, ...]]
_Profile: TypeAlias = tuple[_Outline, tuple[object, ...]]

_MAX_OUTLINES: Final = 2_000
_MAX_PROFILES: Final = 10_000
_LEARNED_AT_ONCE: Final = 50
"""Profiles that are tried in one run: trying one costs as much as calling the rules."""


class Group:
    """Rules that are called together; compared by identity."""

    __slots__ = ("rules",)

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules


class Dispatch:
    """Finds the rules to call for elements, and remembers them by outline and profile."""

    def __init__(
        self, rules: RuleSet, wanted: Callable[[Rule], bool], context: Mapping[type, object]
    ) -> None:
        """Take the rules that are `wanted`; `context` holds what they are given, the graph left out."""
        self._rules = rules
        self._wanted = wanted
        self._context = context
        self._outlines: dict[_Outline, Group] = {}
        self._profiles: dict[_Profile, Group] = {}
        self._groups: dict[tuple[str, ...], Group] = {}

    def calls(self, elements: Iterable[Element], *, edited: bool) -> Iterator[tuple[Element, Group]]:
        """Yield the elements for which rules are called, with these rules.

        `edited` says that the file was looked at before, so that it pays to know the profiles.
        """
        budget = _LEARNED_AT_ONCE if edited else 0
        for element in elements:
            kind = type(element)
            outline = kind, _values(kind.outline)(element)
            group = self._outlines.get(outline) or self._outlined(outline)
            if edited and group.rules and kind.profile:
                profile = outline, _values(kind.profile)(element)
                known = self._profiles.get(profile)
                if known is None and budget:
                    budget -= 1
                    known = self._profiled(profile, group)
                group = known or group
            if group.rules:
                yield element, group

    def _outlined(self, outline: _Outline) -> Group:
        kind, values = outline
        rules = [rule for rule in self._rules.for_element(kind) if self._wanted(rule)]
        if kind.outline:
            known = dict(zip(kind.outline, values, strict=True))
            rules = [rule for rule in rules if not is_content(rule, kind, known, self._context)]
        _make_room(self._outlines, _MAX_OUTLINES)
        group = self._outlines[outline] = self._group(rules)
        return group

    def _profiled(self, profile: _Profile, outlined: Group) -> Group:
        (kind, values), details = profile
        names = (*kind.outline, *kind.profile)
        # Offsets count from where the element begins.
        known = {"start": 0, **dict(zip(names, (*values, *details), strict=True))}
        rules = [rule for rule in outlined.rules if not is_content(rule, kind, known, self._context)]
        _make_room(self._profiles, _MAX_PROFILES)
        group = self._profiles[profile] = self._group(rules)
        return group

    def _group(self, rules: Iterable[Rule]) -> Group:
        chosen = tuple(rules)
        names = tuple(rule.name for rule in chosen)
        return self._groups.setdefault(names, Group(chosen))


def _make_room(memo: dict[_Outline, Group] | dict[_Profile, Group], limit: int) -> None:
    if len(memo) >= limit:
        memo.clear()


@cache
def _values(names: tuple[str, ...]) -> Callable[[Element], tuple[object, ...]]:
    """Return what reads properties of an element."""
    if len(names) > 1:
        return attrgetter(*names)
    return (lambda element: (getattr(element, names[0]),)) if names else (lambda _: ())
