"""Under which keys other files find what a statement defines."""

from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    AddConstraint,
    AddEnumValue,
    AlterColumnType,
    CreateDomain,
    CreateEnum,
    CreateIndex,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropNotNull,
    DropTable,
    Insert,
    Operation,
    RenameColumn,
    RenameEnumValue,
    RenameTable,
    SetNotNull,
    TableOperation,
    ValidateConstraint,
)
from rollsafe.artefacts.migrations.pieces import Constraint, ConstraintKind

SHAPES: Final[frozenset[type[Operation]]] = frozenset(
    {
        *(CreateTable, DropTable, RenameTable, AddColumn, DropColumn, RenameColumn, AlterColumnType),
        *(SetNotNull, DropNotNull, AddConstraint, ValidateConstraint, DropConstraint),
    }
)
"""The operations from which the shape of a table follows."""
KEYS: Final = frozenset({ConstraintKind.UNIQUE, ConstraintKind.PRIMARY, ConstraintKind.FOREIGN})
"""The constraints that columns are part of by their names."""


def definition_keys(operations: Iterable[Operation]) -> set[str]:
    """Return the keys of what `operations` define.

    `shapes:` with the table whose columns or constraints change, `qualified:` with it where it is written
    with the schema that is meant without one, `points:` with what a foreign key points at,
    `fills:` with the table that listed rows are put into,
    `indexes:` with the table that gets one, `index:` and `domain:` with the name of what is created,
    `unindexes:` with the name of an index that is dropped, `enum:` with a type that is a list of values,
    `partitioned:` with a table that is made of partitions, `keyed:` with the name of a column that a key
    holds, or that any may hold since it has got that name.
    """
    return {key for one in operations for key in _keys(one)}


def _keys(operation: Operation) -> Iterator[str]:
    if type(operation) in SHAPES and isinstance(operation, TableOperation):
        yield from _shape_keys(operation)
        return
    match operation:
        case Insert():
            if not operation.from_query:
                yield f"fills:{operation.table.key}"
        case CreateIndex():
            yield f"indexes:{operation.table.key}"
            if operation.index is not None:
                yield f"index:{operation.index.key}"
        case DropIndex():
            yield f"unindexes:{operation.index.key}"
        case CreateDomain():
            yield f"domain:{operation.type.key}"
        case CreateEnum() | AddEnumValue() | RenameEnumValue():
            yield f"enum:{operation.type.key}"
        case _:
            return


def _shape_keys(operation: TableOperation) -> Iterator[str]:
    yield f"shapes:{operation.table.key}"
    if operation.table.schema == "public":
        yield f"qualified:{operation.table.key}"
    if isinstance(operation, RenameTable):
        yield f"shapes:{operation.table.sibling(operation.new_name).key}"
    elif isinstance(operation, RenameColumn):
        yield f"keyed:{operation.new_name}"
    elif isinstance(operation, CreateTable) and operation.is_partitioned:
        yield f"partitioned:{operation.table.key}"
    for one in constraints_of(operation):
        if one.kind in KEYS:
            yield from [f"keyed:{column}" for column in one.columns]
        if one.kind is ConstraintKind.FOREIGN and one.references is not None:
            yield f"points:{one.references.key}"


def constraints_of(operation: Operation) -> Iterator[Constraint]:
    """Yield the constraints an operation makes, those of columns too."""
    match operation:
        case CreateTable():
            for column in operation.columns:
                yield from column.constraints
            yield from operation.constraints
        case AddColumn():
            yield from operation.column.constraints
        case AddConstraint():
            yield operation.constraint
        case _:
            return
