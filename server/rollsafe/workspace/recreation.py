"""What undoes a change, where that takes what earlier migrations say."""

from rollsafe.artefacts.migrations import Migration, Statement
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.artefacts.migrations.operations import (
    AddConstraint,
    DropConstraint,
    DropIndex,
    Operation,
)
from rollsafe.artefacts.migrations.pieces import ConstraintKind
from rollsafe.artefacts.migrations.reverse import reverse_of
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.tables import index_before, table_before


def recreated(operation: Operation, migration: Migration, graph: Graph) -> str | None:
    """Return the SQL that undoes `operation`, without `;`; None if its text alone, or no migration, tells."""
    if not isinstance(operation, AddConstraint | DropConstraint | DropIndex):
        return None
    statement = _statement_of(operation, migration)
    if statement is None:
        return None
    if isinstance(operation, DropIndex):
        made = index_before(operation.index, statement, graph)
        plain = made is not None and made[1] in made[0].operations
        return made[0].file.slice(made[1]) if made is not None and plain else None
    if isinstance(operation, AddConstraint):
        return _without_key(operation, statement, graph)
    known = table_before(operation, statement, graph).constraints.get(operation.name)
    text = known.constraint.text if known is not None else ""
    return f"ALTER TABLE {operation.table.sql} ADD {text}" if text.upper().startswith("CONSTRAINT") else None


def _without_key(added: AddConstraint, statement: Statement, graph: Graph) -> str | None:
    """Return what takes away a primary key, and the NOT NULL that it leaves behind where there was none."""
    if added.constraint.kind is not ConstraintKind.PRIMARY or added.constraint.using_index is not None:
        return None
    table, dropped = table_before(added, statement, graph), reverse_of(added)
    if dropped is None or table.created is None:
        return dropped
    optional = [one for one in added.constraint.columns if one not in table.required]
    return ", ".join([dropped, *(f"ALTER COLUMN {quoted(one)} DROP NOT NULL" for one in optional)])


def _statement_of(operation: Operation, migration: Migration) -> Statement | None:
    return next((one for one in migration.up_statements if one.start <= operation.start < one.end), None)
