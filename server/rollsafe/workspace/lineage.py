"""Which migrations change the same database, and which of them run before which."""

from collections.abc import Iterator
from typing import TypeAlias

from rollsafe.artefacts.migrations import Migration, Statement
from rollsafe.workspace.chains import Ranks
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.timelines import History

Order: TypeAlias = tuple[tuple[int, ...], str]
"""What the migrations of a history are sorted by."""


def shares_history(one: Migration, other: Migration) -> bool:
    """Say whether two migrations change the same database, by where they lie.

    Flyway reads several locations, which are siblings.
    """
    return is_same(history_of(one), history_of(other))


def history_of(migration: Migration) -> History:
    """Return the history a migration is part of, by where it lies."""
    home = migration.convention.home
    return home, f"{home.rpartition('/')[0]}/" if migration.convention.name == "flyway" else ""


def told_history(migration: Migration, ranks: Ranks) -> History:
    """Return the history before a migration: of one in a branch, or in no known place, itself alone."""
    if migration.is_chained:
        rank = ranks(migration)
        if rank is None or not rank.is_certain:
            return migration.file.path, ""
    return history_of(migration)


def counts_in(migration: Migration, history: History, ranks: Ranks) -> bool:
    """Say whether what a migration does is part of a history that `told_history` gives."""
    if migration.is_chained:
        if history[0] == migration.file.path:
            return True
        if ranks(migration) is None:
            return False
    return is_same(history_of(migration), history)


def is_same(one: History, other: History) -> bool:
    """Say whether two histories are one."""
    return one[0] == other[0] or one[1] == other[1] != ""


def order_of(migration: Migration, ranks: Ranks) -> Order:
    """Return what a migration is sorted by within its history."""
    rank = ranks(migration) if migration.is_chained else None
    return (rank.number,) if rank is not None else migration.convention.order, migration.file.path


def earlier_in_history(
    found: tuple[Statement, ...], statement: Statement, offset: int, graph: Graph
) -> Iterator[Statement]:
    """Yield the statements of the same history before `offset` of `statement`'s file, in order."""
    mine = statement.migration
    if all(one.migration is mine for one in found):
        yield from (one for one in found if one.start <= offset)
        return
    history, limit = told_history(mine, graph.rank), (*order_of(mine, graph.rank), offset)
    placed = [
        ((*order_of(one.migration, graph.rank), one.start), one)
        for one in found
        if counts_in(one.migration, history, graph.rank)
    ]
    for _place, one in sorted((pair for pair in placed if pair[0] <= limit), key=lambda pair: pair[0]):
        yield one
