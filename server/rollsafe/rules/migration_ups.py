"""The ways up of a project by history: in their order, and by the words they speak of."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Final, TypeVar

from rollsafe.artefacts.migrations import Migration, Statement
from rollsafe.artefacts.migrations.operations import DropObject, RenameObject
from rollsafe.artefacts.migrations.versions import version_order
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.lineage import history_of, is_same

T = TypeVar("T")

_WORD = lazily(r'"(?:[^"]|"")+"|[^\W\d][\w$]*')
_PLAIN_WORD = lazily(r"[a-z_][a-z0-9_$]*")
"""The same in lower-case ASCII without quotes."""
_TAKES_ANYTHING: Final = (DropObject, RenameObject)
"""What takes something away of which no table needs to be named."""


def history_with(migration: Migration, graph: Graph) -> "History":
    """Return the history that a migration is part of; the same object while no migration differs."""
    return graph.derive(Migration, "up:", Ups).sharing(migration)


def highest_version(home: str, graph: Graph) -> str | None:
    """Return the highest version that begins with a digit in a directory of migrations."""
    return graph.derive(Migration, "up:", Ups).highest(home)


@lru_cache(maxsize=16_384)
def words_of(sql: str) -> frozenset[str]:
    """Return the words and names of SQL, folded as PostgreSQL folds them."""
    if sql.isascii() and '"' not in sql:
        return frozenset(_PLAIN_WORD.findall(sql.lower()))
    found = _WORD.findall(sql)
    return frozenset(one[1:-1].replace('""', '"') if one[0] == '"' else one.lower() for one in found)


class Ups:
    """All migrations that lead up."""

    def __init__(self, found: tuple[Migration, ...]) -> None:
        self._by_history: dict[tuple[str, str], list[Migration]] = {}
        self._histories: dict[tuple[str, str], History] = {}
        self._highest: dict[str, str | None] = {}
        for one in found:
            self._by_history.setdefault(history_of(one), []).append(one)

    def sharing(self, migration: Migration) -> "History":
        """Return the history of a migration."""
        key = history_of(migration)
        found = self._histories.get(key)
        if found is None:
            same = (listed for other, listed in self._by_history.items() if is_same(other, key))
            found = self._histories[key] = History(one for listed in same for one in listed)
        return found

    def highest(self, home: str) -> str | None:
        """Return the highest version in a directory that begins with a digit."""
        if home not in self._highest:
            here = (one for (place, _), listed in self._by_history.items() if place == home for one in listed)
            versions = (one.convention.version or one.convention.label for one in here)
            numbered = [version for version in versions if version[:1].isdigit()]
            self._highest[home] = max(numbered, key=version_order, default=None)
        return self._highest[home]


class History:
    """Migrations that change the same database, in their order; those without a version come last."""

    def __init__(self, migrations: Iterable[Migration]) -> None:
        keyed = [((one.convention.order, one.file.path), one) for one in migrations]
        keyed.sort(key=lambda pair: (not pair[0][0], pair[0]))
        self.migrations = tuple(map(itemgetter(1), keyed))
        self._keys = [key for key, _ in keyed if key[0]]

    def later(self, migration: Migration) -> tuple[Migration, ...]:
        """Return what runs, or may run, after a migration."""
        return tuple(self._later(migration, range(len(self.migrations))))

    def speaking_of(self, words: Iterable[str], migration: Migration) -> Iterator[Statement]:
        """Yield the later statements that hold one of these words, and those that take anything away."""
        places = set(self._taking).union(*(self._by_word.get(word, ()) for word in words))
        for one in self._later(migration, sorted(places)):
            yield from one.up_statements

    def _later(self, migration: Migration, places: Sequence[int]) -> Iterator[Migration]:
        """Yield those of the migrations at `places`, in order, that run, or may run, after a migration."""
        if migration.is_chained:
            before = self._before(migration.convention.known_as)
            some = (self.migrations[place] for place in places)
            yield from (one for one in some if one is not migration and one.convention.known_as not in before)
            return
        for place in places[bisect_left(places, self._place(migration)) :]:
            if self.migrations[place] is not migration:
                yield self.migrations[place]

    @cached_property
    def end(self) -> str | None:
        """The name of the migration a chain ends with; None where it has several ends."""
        conventions = [one.convention for one in self.migrations]
        names = {one.known_as for one in conventions}
        followed = {name for one in conventions for name in one.follows}
        beside = {one.known_as for one in conventions if one.stands_for and names.issuperset(one.stands_for)}
        ends = names - followed - beside
        return ends.pop() if len(ends) == 1 else None

    def _place(self, migration: Migration) -> int:
        mine = (migration.convention.order, migration.file.path)
        return bisect_right(self._keys, mine)

    def _before(self, name: str) -> set[str]:
        """Return the names of those in a chain that run before one."""
        before, waiting = set[str](), [name]
        while waiting:
            new = [one for one in self._follows.get(waiting.pop(), ()) if one not in before]
            before.update(new)
            waiting += new
        return before

    @cached_property
    def _follows(self) -> dict[str, tuple[str, ...]]:
        return {one.convention.known_as: one.convention.follows for one in self.migrations}

    @cached_property
    def _by_word(self) -> dict[str, list[int]]:
        """The places of the migrations that hold a word."""
        found: dict[str, list[int]] = {}
        for place, one in enumerate(self.migrations):
            for word in frozenset[str]().union(*[words_of(each.text) for each in one.up_statements]):
                held = found.get(word)
                if held is None:
                    found[word] = [place]
                else:
                    held.append(place)
        return found

    @cached_property
    def _taking(self) -> list[int]:
        return [place for place, one in enumerate(self.migrations) if one.does(*_TAKES_ANYTHING)]
