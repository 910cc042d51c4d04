"""Columns that have to be of one type, as foreign keys point from one to the other."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement, TableName
from rollsafe.artefacts.migrations.definitions import constraints_of
from rollsafe.artefacts.migrations.operations import AddColumn, AddConstraint, CreateTable, TableOperation
from rollsafe.artefacts.migrations.pieces import Column, Constraint, ConstraintKind
from rollsafe.rules.api import FileEdit, Fix, Safety
from rollsafe.rules.column_types import Typed
from rollsafe.rules.migration_edits import is_editable
from rollsafe.text import Edit, Span
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.lineage import shares_history

_MOST: Final = 50
"""More columns than a fix changes."""


class _Place(NamedTuple):
    """Where a column is given its type."""

    statement: Statement
    operation: TableOperation
    column: Column


def widened(column: Typed, wide: dict[str, str], statement: Statement, graph: Graph) -> tuple[Fix, ...]:
    """Return the fix that widens a column and all that point at it; none where not all can be.

    A column that points at another follows that one: it has no fix of its own. `wide` are the types that are
    too narrow, with what they become.
    """
    if _points(column.table, column.name, statement, graph):
        return ()
    title = f"Make it `{wide[column.type.name]}`"
    own = Edit(Span(column.type.start, column.type.end), _wider(column, wide))
    followers = _followers(column, statement, graph)
    if followers is None or not all(_can_follow(one, wide, statement) for one in followers):
        return ()
    others = [one for one in followers if _type_name(one) in wide]
    mine = [_edit(one, wide) for one in others if one.statement.file is statement.file]
    elsewhere = [
        FileEdit(one.statement.file.path, _edit(one, wide))
        for one in others
        if one.statement.file is not statement.file
    ]
    if others:
        title += ", with what points at it"
    return (Fix(title, Safety.UNSAFE, edits=(own, *mine), elsewhere=tuple(elsewhere)),)


def _wider(column: Typed, wide: dict[str, str]) -> str:
    return wide[column.type.name] + ("[]" if column.type.is_array else "")


def _type_name(place: _Place) -> str:
    return place.column.type.name if place.column.type is not None else ""


def _edit(place: _Place, wide: dict[str, str]) -> Edit:
    kind = place.column.type
    assert kind is not None, "the type of a follower is known"
    return Edit(Span(kind.start, kind.end), wide[kind.name])


def _can_follow(place: _Place, wide: dict[str, str], statement: Statement) -> bool:
    if _type_name(place) not in wide:
        return True
    is_text = place.statement.file.host is place.statement.file
    return is_editable(place.statement, place.operation) and (
        is_text or place.statement.file is statement.file
    )


def _followers(column: Typed, statement: Statement, graph: Graph) -> list[_Place] | None:
    """Return where the columns are made that point at one, and those that point at them; None if unknown."""
    found, known = list[_Place](), {(column.table.key, column.name)}
    pending = [(column.table, column.name)]
    while pending:
        table, name = pending.pop()
        for made, key in _pointing_at(table, name, statement, graph):
            if (made.table.key, key.columns[0]) in known:
                continue
            place = _made(made.table, key.columns[0], statement, graph)
            if place is None or len(found) == _MOST:
                return None
            known.add((made.table.key, key.columns[0]))
            found.append(place)
            pending.append((made.table, key.columns[0]))
    return found


def _pointing_at(
    table: TableName, name: str, statement: Statement, graph: Graph
) -> Iterator[tuple[TableOperation, Constraint]]:
    for other in graph.find(Statement, f"points:{table.key}"):
        if shares_history(other.migration, statement.migration):
            for one in other.of(CreateTable, AddColumn, AddConstraint):
                for key in _foreign_keys(one):
                    to = key.references
                    if to is not None and to.key == table.key and key.referenced in ((), (name,)):
                        yield one, key


def _points(table: TableName, name: str, statement: Statement, graph: Graph) -> bool:
    return any(
        key.columns == (name,) and key.references is not None and key.references.key != table.key
        for other in _shaping(table, statement, graph)
        for one in other.of(CreateTable, AddColumn, AddConstraint)
        if one.table.key == table.key
        for key in _foreign_keys(one)
    )


def _foreign_keys(one: TableOperation) -> Iterator[Constraint]:
    """Yield the foreign keys of one column that an operation makes."""
    for it in constraints_of(one):
        if it.kind is ConstraintKind.FOREIGN and len(it.columns) == 1:
            yield it


def _made(table: TableName, name: str, statement: Statement, graph: Graph) -> _Place | None:
    """Return the one place where a column is made; None where there is none, or more than one."""
    found = [
        _Place(other, one, column)
        for other in _shaping(table, statement, graph)
        for one in other.of(CreateTable, AddColumn)
        if one.table.key == table.key
        for column in _columns(one)
        if column.name == name and column.type is not None
    ]
    return found[0] if len(found) == 1 else None


def _columns(one: TableOperation) -> tuple[Column, ...]:
    match one:
        case CreateTable():
            return one.columns
        case AddColumn():
            return (one.column,)
        case _:
            return ()


def _shaping(table: TableName, statement: Statement, graph: Graph) -> Iterator[Statement]:
    for other in graph.find(Statement, f"shapes:{table.key}"):
        if shares_history(other.migration, statement.migration):
            yield other
