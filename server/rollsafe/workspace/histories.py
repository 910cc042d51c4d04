"""Migration histories: what is new since the base, in the order a runner applies it."""

import re
from collections.abc import Iterable
from typing import Final

from rollsafe.artefacts.migrations import Dialect, Migration
from rollsafe.artefacts.migrations.effects import Deed, Effect, deeds_of
from rollsafe.artefacts.migrations.operations import TableOperation
from rollsafe.artefacts.purposes import is_development_path
from rollsafe.text.records import open_record
from rollsafe.workspace.chains import Ranks
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import way_back
from rollsafe.workspace.restating import takes_effect
from rollsafe.workspace.retyping import type_before
from rollsafe.workspace.view import View

_CODE = re.compile(
    r"(?:^|/)(?:db/migrate/\d+_[^/]+\.rb|(?:migrations|versions|alembic/versions|db/migrations)/"
    r"[^/]*\d[^/]*\.(?:py|rb|php|[jt]s|go|kt|java|ex|exs|cs|xml))$"
)
"""Migrations written in a programming language, by their names: not all of them are read."""

_BY_NUMBER: Final = frozenset({"golang-migrate", "goose", "flyway", "hasura"})
"""Tools that compare versions as numbers; the others go by the names of files."""

_NO_MIGRATION: Final = ("__init__.py", "env.py")


@open_record
class History:
    """The migrations of one directory that one tool runs, in order.

    `new` are those the base does not have; without a base all of them, and `is_pending_known` is False.
    `edited` and `removed` are paths the base has with another text, or that are gone.
    """

    home: str
    tool: str
    migrations: tuple[Migration, ...]
    new: tuple[Migration, ...]
    edited: tuple[str, ...]
    removed: tuple[str, ...]
    is_pending_known: bool

    @property
    def previous(self) -> Migration | None:
        """The last migration before the first new one."""
        if not self.new:
            return self.migrations[-1] if self.migrations else None
        at = self.migrations.index(self.new[0])
        return self.migrations[at - 1] if at else None

    def before(self, migration: Migration) -> Migration | None:
        """Return the migration that runs right before `migration`."""
        at = self.migrations.index(migration)
        return self.migrations[at - 1] if at else None


@open_record
class Assessed:
    """A new migration and what it does."""

    migration: Migration
    deeds: tuple[Deed, ...]
    down: Migration | None

    @property
    def is_read(self) -> bool:
        """Whether its SQL is understood."""
        return self.migration.dialect is Dialect.POSTGRES

    @property
    def effects(self) -> frozenset[Effect]:
        """What its operations mean, those that mean nothing left out."""
        found = frozenset(deed.effect for deed in self.deeds if deed.effect is not Effect.NONE)
        return found if self.is_read else frozenset({Effect.UNKNOWN})

    @property
    def is_contracting(self) -> bool:
        """Whether it takes away, renames or tightens something."""
        return Effect.CONTRACT in self.effects

    @property
    def is_mixed(self) -> bool:
        """Whether it adds something as well as taking something away."""
        return self.is_contracting and Effect.EXPAND in self.effects

    @property
    def lost(self) -> list[Deed]:
        """The operations that destroy data."""
        return [deed for deed in self.deeds if deed.lost]

    @property
    def blocking(self) -> list[Deed]:
        """The operations that make others wait, the slow ones first."""
        return sorted((deed for deed in self.deeds if deed.blocks), key=lambda deed: not deed.is_slow)


def histories(view: View, before: View | None, changed: Iterable[str]) -> list[History]:
    """Return the histories of the project by directory; `before` is the base, None without one."""
    homes: dict[tuple[str, str], list[Migration]] = {}
    for migration in view.elements(Migration):
        if not migration.is_down and not is_development_path(migration.file.path):
            homes.setdefault((migration.convention.home, migration.convention.name), []).append(migration)
    paths = set(changed)
    old: dict[str, list[Migration]] | None = None
    if before is not None:
        old = {}
        for migration in before.elements(Migration):
            old.setdefault(migration.convention.home, []).append(migration)
    return [
        _history(home, tool, found, None if old is None else old.get(home, []), paths, view.graph.rank)
        for (home, tool), found in sorted(homes.items())
    ]


def _history(
    home: str,
    tool: str,
    found: list[Migration],
    before: list[Migration] | None,
    changed: set[str],
    ranks: Ranks,
) -> History:
    """Return the history of a directory; `before` are its migrations at the base, None without one."""
    ordered = tuple(sorted(found, key=lambda one: _order(one, ranks)))
    if before is None:
        return History(home, tool, ordered, ordered, (), (), is_pending_known=False)
    old = {one.file.path for one in before}
    ways_back = {one.file.path for one in before if one.is_down}
    mine = {one.file.path for one in ordered}
    downs = {path for path in old if path not in mine}
    return History(
        home=home,
        tool=tool,
        migrations=ordered,
        new=tuple(one for one in ordered if one.file.path not in old),
        edited=tuple(sorted(mine & old & changed)),
        removed=tuple(sorted(path for path in downs & changed if path not in ways_back)),
        is_pending_known=True,
    )


def joined(found: Iterable[History]) -> list[History]:
    """Return histories as they are run: Flyway puts the migrations of several locations into one order.

    Locations are siblings, as `shares_history` has it; those that have a version twice are alternatives, such
    as one per kind of database, and stay apart.
    """
    kept: list[History] = []
    siblings: dict[str, list[History]] = {}
    for one in found:
        if one.tool == "flyway" and one.home:
            siblings.setdefault(one.home.rpartition("/")[0], []).append(one)
        else:
            kept.append(one)
    for parent, several in siblings.items():
        kept += [_merged(parent, several)] if _is_one(several) else several
    return sorted(kept, key=lambda one: one.home)


def _is_one(several: list[History]) -> bool:
    versions = [one.convention.order for each in several for one in each.migrations if one.convention.order]
    return len(several) > 1 and len(versions) == len(set(versions))


def _merged(parent: str, several: list[History]) -> History:
    names = ",".join(one.home.rpartition("/")[2] for one in several)
    every = [one for each in several for one in each.migrations]
    new = {id(one) for each in several for one in each.new}
    ordered = tuple(sorted(every, key=lambda one: _order(one, lambda _: None)))
    return History(
        home=f"{parent}/{{{names}}}" if parent else f"{{{names}}}",
        tool="flyway",
        migrations=ordered,
        new=tuple(one for one in ordered if id(one) in new),
        edited=tuple(path for one in several for path in one.edited),
        removed=tuple(path for one in several for path in one.removed),
        is_pending_known=several[0].is_pending_known,
    )


def _order(migration: Migration, ranks: Ranks) -> tuple[bool, tuple[int, ...], str]:
    if migration.is_chained:
        rank = ranks(migration)
        return (rank is None, (rank.number,) if rank is not None else (), migration.file.path)
    # What has no version, such as a repeatable migration, runs after everything that has one.
    order = migration.convention.order
    by_number = migration.convention.name in _BY_NUMBER
    return (not order, order if by_number else (), migration.file.path)


def assess(migration: Migration, view: View, version: int) -> Assessed:
    """Return what a migration does on a PostgreSQL of major `version`."""
    every = deeds_of(migration, version, type_before(view.graph))
    deeds = tuple(one for one in every if _happens(one, view.graph))
    return Assessed(migration, deeds, way_back(migration, view.graph))


def _happens(deed: Deed, graph: Graph) -> bool:
    """Say whether a deed is asked for, or is known to change what it states."""
    if not deed.statement.is_restating:
        return True
    return isinstance(deed.operation, TableOperation) and takes_effect(deed.operation, deed.statement, graph)


def unread_migrations(paths: Iterable[str], view: View) -> list[str]:
    """Return the paths that are migrations in a programming language, by their names, and are not read."""
    read = {one.file.path for one in view.elements(Migration)}
    return [
        path
        for path in sorted(set(paths) - read)
        if _CODE.search(path) and not path.endswith(_NO_MIGRATION) and not is_development_path(path)
    ]
