"""Which migrations change the same database, and which of them run before which."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Migration, Statement
from rollsafe.workspace.timelines import History

CHAINED: Final = frozenset({"alembic"})
"""Tools whose files name the one they follow, and whose names say nothing about their order."""


def shares_history(one: Migration, other: Migration) -> bool:
    """Say whether two migrations change the same database, by where they lie.

    Flyway reads several locations, which are siblings.
    """
    return is_same(history_of(one), history_of(other))


def history_of(migration: Migration) -> History:
    """Return the history a migration is part of, by where it lies."""
    home = migration.convention.home
    return home, f"{home.rpartition('/')[0]}/" if migration.convention.name == "flyway" else ""


def told_history(migration: Migration) -> History:
    """Return the history whose order is known by names: of one that follows a chain, the file alone."""
    if migration.convention.name in CHAINED:
        return migration.file.path, ""
    return history_of(migration)


def is_same(one: History, other: History) -> bool:
    """Say whether two histories are one."""
    return one[0] == other[0] or one[1] == other[1] != ""


def earlier_in_history(
    found: tuple[Statement, ...], statement: Statement, offset: int
) -> Iterator[Statement]:
    """Yield the statements of the same history before `offset` of `statement`'s file, in order."""
    mine = statement.migration
    if all(one.migration is mine for one in found):
        yield from (one for one in found if one.start <= offset)
        return
    limit = (mine.convention.order, mine.file.path, offset)
    placed = [
        ((other.convention.order, other.file.path, one.start), one)
        for one in found
        if is_same(told_history(other := one.migration), told_history(mine))
    ]
    for _place, one in sorted((pair for pair in placed if pair[0] <= limit), key=lambda pair: pair[0]):
        yield one
