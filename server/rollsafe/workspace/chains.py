"""The order of elements that name those they follow, such as Alembic's revisions.

Several may follow one, and one several. Where an element comes is certain if every other one is before or
behind it; of two in branches beside each other nobody knows which runs first.
"""

from collections.abc import Callable, Mapping
from heapq import heapify, heappop, heappush
from typing import Final, TypeAlias

from rollsafe.artefacts.base import Element, Link
from rollsafe.text.tuples import NamedTuple

_MAX_LINKS: Final = 5_000


class Rank(NamedTuple):
    """The place of a file in a chain that keeps to what follows what."""

    number: int
    is_certain: bool


Ranks: TypeAlias = Callable[[Element], "Rank | None"]
"""Returns the rank of an element that has a link; None where nothing says what comes before it."""


class Chains:
    """The chains of a project, by name; a file has one link at most."""

    def __init__(self) -> None:
        self._links: dict[str, dict[str, Link]] = {}
        self._chain_of: dict[str, str] = {}
        self._ranks: dict[str, dict[str, Rank]] = {}
        self._old: dict[str, dict[str, Rank]] = {}

    def copy(self) -> "Chains":
        """Return chains that can be changed by themselves."""
        copy = Chains()
        copy._links = {name: links.copy() for name, links in self._links.items()}
        copy._chain_of = self._chain_of.copy()
        copy._ranks = self._ranks.copy()
        copy._old = self._old.copy()
        return copy

    def put(self, path: str, link: Link | None) -> None:
        """Take the link of a file; None for a file without one."""
        held = self._chain_of.get(path)
        before = self._links[held][path] if held is not None else None
        if before == link:
            return
        if held is not None:
            self._forget(held)
            del self._links[held][path], self._chain_of[path]
        if link is not None:
            self._forget(link.chain)
            self._links.setdefault(link.chain, {})[path] = link
            self._chain_of[path] = link.chain

    def rank(self, path: str) -> Rank | None:
        """Return the rank of a file."""
        name = self._chain_of.get(path)
        if name is None:
            return None
        known = self._ranks.get(name)
        if known is None:
            known = self._ranks[name] = ranked(self._links[name])
        return known.get(path)

    def settle(self) -> set[str]:
        """Return the files whose ranks are not what they were at the last call."""
        old, self._old = self._old, {}
        changed: set[str] = set()
        for name, before in old.items():
            paths = {*before, *self._links.get(name, ())}
            changed |= {path for path in paths if before.get(path) != self.rank(path)}
        return changed

    def _forget(self, name: str) -> None:
        self._old.setdefault(name, self._ranks.get(name, {}))
        self._ranks.pop(name, None)


def ranked(links: Mapping[str, Link]) -> dict[str, Rank]:
    """Return the ranks of files by their links; those in a circle, or of a name used twice, have none."""
    if len(links) > _MAX_LINKS:
        return {}
    parents = _parents(links)
    order = _sorted(parents)
    above, below = dict.fromkeys(order, 0), dict.fromkeys(order, 0)
    bits = {path: 1 << at for at, path in enumerate(order)}
    for path in order:
        for one in parents[path]:
            above[path] |= above[one] | bits[one]
    for path in reversed(order):
        for one in parents[path]:
            below[one] |= below[path] | bits[path]
    last = len(order) - 1
    return {
        path: Rank(at, above[path].bit_count() + below[path].bit_count() == last)
        for at, path in enumerate(order)
    }


def _parents(links: Mapping[str, Link]) -> dict[str, list[str]]:
    """Return which files each one follows, as far as they are there; those that do not count are left out."""
    named: dict[str, list[str]] = {}
    for path, link in links.items():
        for name in dict.fromkeys(link.names):
            named.setdefault(name, []).append(path)
    unclear = {path for paths in named.values() if len(paths) > 1 for path in paths}
    skipped = _replaced(links, named)
    found = {
        path: [
            paths[0]
            for name in dict.fromkeys(link.follows)
            for paths in _meant(name, named, links)
            if len(paths) == 1 and paths[0] != path and paths[0] not in skipped
        ]
        for path, link in links.items()
        if path not in unclear and path not in skipped
    }
    _by_name(found, links)
    return found


def _replaced(links: Mapping[str, Link], named: dict[str, list[str]]) -> set[str]:
    """Return the files that count for nothing, and give their names to those that stand for them.

    One that stands for others counts only if not all of those are there.
    """
    skipped: set[str] = set()
    for path, link in links.items():
        there = [each for one in link.stands_for for each in named.get(one, ())]
        if link.stands_for and len(there) == len(link.stands_for):
            skipped.add(path)
            continue
        skipped.update(there)
        for one in link.stands_for:
            named[one] = [path]
    return skipped


def _meant(name: str, named: Mapping[str, list[str]], links: Mapping[str, Link]) -> list[list[str]]:
    """Return the files of a name, and of those that it stands for."""
    own = named.get(name, [])
    return [own, *(named.get(one, []) for path in own[:1] for one in links[path].stands_for)]


def _by_name(parents: dict[str, list[str]], links: Mapping[str, Link]) -> None:
    """Put files that follow nothing behind those named before them, where those do not follow them."""
    order = sorted(parents)
    for at, path in enumerate(order):
        if at and links[path].is_by_name and not links[path].follows:
            before = order[at - 1]
            if not _leads(before, path, parents):
                parents[path].append(before)


def _leads(start: str, end: str, parents: Mapping[str, list[str]]) -> bool:
    """Say whether `start` comes after `end`."""
    seen, stack = {start}, [start]
    while stack:
        one = stack.pop()
        if one == end:
            return True
        fresh = [each for each in parents.get(one, ()) if each not in seen]
        seen.update(fresh)
        stack += fresh
    return False


def _sorted(parents: Mapping[str, list[str]]) -> list[str]:
    """Return files with those they follow before them, otherwise by name; circles are left out."""
    waits = {path: len(rows) for path, rows in parents.items()}
    children: dict[str, list[str]] = {}
    for path, rows in parents.items():
        for one in rows:
            children.setdefault(one, []).append(path)
    ready = [path for path, count in waits.items() if not count]
    heapify(ready)
    found: list[str] = []
    while ready:
        path = heappop(ready)
        found.append(path)
        for one in children.get(path, ()):
            waits[one] -= 1
            if not waits[one]:
                heappush(ready, one)
    return found
