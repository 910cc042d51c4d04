"""What an operation locks and does under its lock, as far as the history before it tells."""

from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.effects import stored_type
from rollsafe.artefacts.migrations.locks import LockFact, lock_fact
from rollsafe.artefacts.migrations.operations import AlterColumnType, Operation, SetNotNull
from rollsafe.text.records import replace
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.retyping import type_before
from rollsafe.workspace.tables import table_before

CHECK_HELPS_SINCE: Final = 12
"""The server that reads no rows to set NOT NULL where a valid CHECK says the same."""


def fact_before(operation: Operation, statement: Statement, version: int, graph: Graph) -> LockFact | None:
    """Return what `operation` does on a server of major `version`; None where nothing was measured.

    A change of type to one that takes all values as they are stored is known as free, and so is NOT NULL for
    a column that is never NULL already.
    """
    before = None
    if isinstance(operation, AlterColumnType):
        before = stored_type(operation, statement, type_before(graph))
    fact = lock_fact(operation, version, before)
    if fact is not None and isinstance(operation, SetNotNull):
        table, column = table_before(operation, statement, graph), operation.column
        is_proven = version >= CHECK_HELPS_SINCE and table.is_filled(column)
        return replace(fact, scans=False) if is_proven or column in table.required else fact
    return fact
