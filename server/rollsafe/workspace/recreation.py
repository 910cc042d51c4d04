"""What a migration takes away, written down as it was made by an earlier one."""

from rollsafe.artefacts.migrations import Migration, Statement
from rollsafe.artefacts.migrations.operations import (
    DropConstraint,
    DropIndex,
    Operation,
)
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.tables import index_before, table_before


def recreated(operation: Operation, migration: Migration, graph: Graph) -> str | None:
    """Return the SQL that makes again what `operation` drops, without `;`; None if no migration says it."""
    statement = _statement_of(operation, migration)
    if statement is None:
        return None
    if isinstance(operation, DropIndex):
        made = index_before(operation.index, statement, graph)
        plain = made is not None and made[1] in made[0].operations
        return made[0].file.slice(made[1]) if made is not None and plain else None
    if isinstance(operation, DropConstraint):
        known = table_before(operation, statement, graph).constraints.get(operation.name)
        text = known.constraint.text if known is not None else ""
        return (
            f"ALTER TABLE {operation.table.sql} ADD {text}" if text.upper().startswith("CONSTRAINT") else None
        )
    return None


def _statement_of(operation: Operation, migration: Migration) -> Statement | None:
    return next((one for one in migration.up_statements if one.start <= operation.start < one.end), None)
