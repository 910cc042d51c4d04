"""Which rules are called for an element.

Most rules about statements ask what a statement does and are done. So a rule is first shown a sketch: an
element of which nothing is known but its outline. A rule that comes to an end over it, without a finding and
without having asked for anything else, would do the same for every element with that outline, because
rules are pure; it is not called for those. In a file that is edited the same is done once more with the
elements' profiles, their own text above all, so that an edit costs the rules that look further than that.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from operator import attrgetter
from typing import Final, TypeAlias

from rollsafe.artefacts.base import Element
from rollsafe.engine.selection import RuleSet, is_cross_file
from rollsafe.engine.sketch import is_content, known_of
from rollsafe.rules import Rule

_Values: TypeAlias = tuple[object, ...]
"""An element's type, and the values of its outline or profile."""

_MAX_OUTLINES: Final = 2_000
_MAX_PROFILES: Final = 10_000
_LEARNED_AT_ONCE: Final = 50
"""Profiles that are tried in one run: trying one costs as much as calling the rules."""


class Group:
    """Rules that are called together, those that see other files apart; compared by identity."""

    __slots__ = ("cross_file", "local", "rules")

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.local = tuple(rule for rule in rules if not is_cross_file(rule))
        self.cross_file = tuple(rule for rule in rules if is_cross_file(rule))
        self.rules = (*self.local, *self.cross_file)


class Dispatch:
    """Finds the rules to call for elements, and remembers them by outline and profile."""

    def __init__(self, rules: RuleSet, context: Mapping[type, object]) -> None:
        """Take the rules of a run; `context` holds what they are given, the graph left out."""
        self._rules = rules
        self._context = context
        self._outlines: dict[_Values, Group] = {}
        self._outlines_met: set[_Values] = set()
        self._profiles: dict[_Values, Group] = {}
        self._met: set[_Values] = set()
        self._all: dict[type[Element], Group] = {}
        self._nobody = Group(())
        self._groups: dict[tuple[str, ...], Group] = {(): self._nobody}

    def calls(self, elements: Iterable[Element], *, edited: bool) -> list[tuple[Element, Group]]:
        """Return the elements for which rules are called, with these rules.

        `edited` says that the file was looked at before, so that it pays to know the profiles.
        """
        found: list[tuple[Element, Group]] = []
        budget = _LEARNED_AT_ONCE if edited else 0
        nobody = self._nobody
        for element in elements:
            group: Group | None = None
            if edited and element.profile:
                profile = _values(element.profile)(element)
                group = self._profiles.get(profile)
                if group is None and budget and self._is_met_again(profile):
                    budget -= 1
                    group = self._profiled(profile, element)
            if group is None:
                outline = _values(element.outline)(element)
                group = self._outlines.get(outline) or self._outlined(outline, type(element))
            if group is not nobody:
                found.append((element, group))
        return found

    def knows(self, elements: Iterable[Element]) -> bool:
        """Say whether nothing more is learned about elements of an edited file."""
        profiles = self._profiles
        return all(not one.profile or _values(one.profile)(one) in profiles for one in elements)

    def _is_met_again(self, profile: _Values) -> bool:
        """Say whether a profile stays: what is half-typed is never seen again."""
        if profile in self._met:
            return True
        if len(self._met) >= _MAX_PROFILES:
            self._met.clear()
        self._met.add(profile)
        return False

    def _outlined(self, outline: _Values, kind: type[Element]) -> Group:
        """Return the rules for elements with an outline; all there are when it is met for the first time.

        Trying an outline costs as much as calling the rules, and many are never met again.
        """
        rules = self._rules.for_element(kind)
        if kind.outline and outline not in self._outlines_met:
            if len(self._outlines_met) >= _MAX_OUTLINES:
                self._outlines_met.clear()
            self._outlines_met.add(outline)
            return self._everybody(kind)
        if kind.outline:
            known = _known(kind.outline, outline)
            rules = tuple(rule for rule in rules if not is_content(rule, kind, known, self._context))
        _make_room(self._outlines, _MAX_OUTLINES)
        group = self._outlines[outline] = self._group(rules)
        return group

    def _everybody(self, kind: type[Element]) -> Group:
        found = self._all.get(kind)
        if found is None:
            found = self._all[kind] = self._group(self._rules.for_element(kind))
        return found

    def _profiled(self, profile: _Values, element: Element) -> Group:
        kind = type(element)
        outline = _values(kind.outline)(element)
        outlined = self._outlines.get(outline) or self._outlined(outline, kind)
        known = known_of(element)
        some = (*outlined.local, *outlined.cross_file)
        rules = [rule for rule in some if not is_content(rule, kind, known, self._context)]
        _make_room(self._profiles, _MAX_PROFILES)
        group = self._profiles[profile] = self._group(rules)
        return group

    def _group(self, rules: Iterable[Rule]) -> Group:
        chosen = tuple(rules)
        names = tuple(rule.name for rule in chosen)
        return self._groups.setdefault(names, Group(chosen))


def _make_room(memo: dict[_Values, Group], limit: int) -> None:
    if len(memo) >= limit:
        memo.clear()


def _known(names: tuple[str, ...], values: _Values) -> dict[str, object]:
    return dict(zip(names, values[1:], strict=True))


def profile_of(element: Element) -> _Values:
    """Return an element's type and the values of its profile."""
    return _values(element.profile)(element)


@cache
def _values(names: tuple[str, ...]) -> Callable[[Element], _Values]:
    """Return what reads an element's type and properties."""
    return attrgetter("__class__", *names) if names else lambda element: (type(element),)
