"""The types a migration gives to columns."""

from collections.abc import Collection, Iterator

from rollsafe.artefacts.migrations import Statement, TableName
from rollsafe.artefacts.migrations.operations import AddColumn, AlterColumnType, CreateTable, Operation
from rollsafe.artefacts.migrations.pieces import Column, ConstraintKind, TypeRef
from rollsafe.rules.api import Finding, Fix
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.lineage import order_of, shares_history
from rollsafe.workspace.migrations import going_up
from rollsafe.workspace.settings import Settings


class Typed(NamedTuple):
    """A column that is given a type; `column` is its definition, None where only its type changes.

    `is_key` tells that it is a primary key by itself, or numbered by a sequence.
    """

    table: TableName
    name: str
    type: TypeRef
    column: Column | None
    is_key: bool = False


def typed_columns(statement: Statement, settings: Settings) -> Iterator[Typed]:
    """Yield the columns a statement on the way up gives a type, those of temporary tables left out."""
    for one in going_up(statement, settings, CreateTable, AddColumn, AlterColumnType):
        yield from _typed(one)


def _typed(one: Operation) -> Iterator[Typed]:
    match one:
        case AlterColumnType():
            yield Typed(one.table, one.column, one.type, None)
        case AddColumn(column=column):
            if column.type is not None:
                yield Typed(one.table, column.name, column.type, column, _is_key(column, ()))
        case CreateTable():
            keys = [it.columns for it in one.constraints if it.kind is ConstraintKind.PRIMARY]
            for column in () if one.is_temporary else one.columns:
                if column.type is not None:
                    yield Typed(one.table, column.name, column.type, column, _is_key(column, keys))
        case _:
            return


def _is_key(column: Column, keys: Collection[tuple[str, ...]]) -> bool:
    if column.is_serial or column.constraint(ConstraintKind.PRIMARY) is not None:
        return True
    return (column.name,) in keys


def about(column: Typed, words: str, detail: str) -> Finding:
    """Return a finding at a column's type: "column `t.c` is …"."""
    return Finding(column.type, f"column `{column.table}.{column.name}` {words}", detail=detail)


def unless_retyped(fix: Fix, column: Typed, statement: Statement, graph: Graph) -> tuple[Fix, ...]:
    """Return a fix of a column's type, unless a later statement gives the column another one anyway."""
    mine = _place(statement, graph)
    for other in graph.find(Statement, f"shapes:{column.table.key}"):
        later = shares_history(other.migration, statement.migration) and _place(other, graph) > mine
        for one in other.of(AlterColumnType) if later else ():
            if one.table.key == column.table.key and one.column == column.name:
                return ()
    return (fix,)


def _place(statement: Statement, graph: Graph) -> tuple[tuple[int, ...], str, int]:
    return (*order_of(statement.migration, graph.rank), statement.start)
