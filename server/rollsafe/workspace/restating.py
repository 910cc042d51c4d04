"""Statements that are sent only where they change something: what states a whole column, as frameworks do."""

from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import (
    AddConstraint,
    AlterColumnType,
    DropNotNull,
    SetNotNull,
    TableOperation,
)
from rollsafe.artefacts.migrations.pieces import ConstraintKind
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.tables import Table, table_before

_MAKES_ANEW: Final = frozenset({"typeorm"})
_SIZED: Final = frozenset({"varchar", "char", "bit", "bit varying"})


def takes_effect(operation: TableOperation, statement: Statement, graph: Graph) -> bool:
    """Say whether an operation is known to change anything.

    One that the file asks for itself is. One that follows from stating a whole column is only if earlier
    migrations tell that the column was different.
    """
    if not statement.is_restating:
        return True
    return _differs(operation, table_before(operation, statement, graph))


def is_made_anew(change: AlterColumnType, statement: Statement, graph: Graph) -> bool:
    """Say whether a tool that states a column drops it and adds it again, as its type is another one.

    TypeORM does, also for another length; it alters a type of which only the precision differs.
    """
    if not statement.is_restating or statement.migration.convention.name not in _MAKES_ANEW:
        return False
    old, new = table_before(change, statement, graph).types.get(change.column), change.type
    if old is None:
        return False
    is_sized = old.name in _SIZED and old.modifiers != new.modifiers
    return is_sized or (old.name, old.schema, old.is_array) != (new.name, new.schema, new.is_array)


def _differs(operation: TableOperation, before: Table) -> bool:
    match operation:
        case AlterColumnType():
            old = before.types.get(operation.column)
            return old is not None and str(old) != str(operation.type)
        case SetNotNull():
            return operation.column in before.types and operation.column not in before.required
        case DropNotNull():
            return operation.column in before.required
        case AddConstraint():
            is_known = before.types.keys() >= set(operation.constraint.columns)
            return is_known and not _is_there(operation, before)
        case _:
            return before.created is not None


def _is_there(added: AddConstraint, before: Table) -> bool:
    """Say whether the columns are unique already."""
    wanted = set(added.constraint.columns)
    kinds = (ConstraintKind.UNIQUE, ConstraintKind.PRIMARY)
    known = (one.constraint for one in before.constraints.values())
    return any(one.kind in kinds and set(one.columns) == wanted for one in known)
