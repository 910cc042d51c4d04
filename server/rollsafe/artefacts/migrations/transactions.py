"""Which statements of a file run in one transaction."""

from collections.abc import Iterable, Sequence
from typing import Final

from rollsafe.artefacts.migrations.conventions import Transactions
from rollsafe.artefacts.migrations.operations import (
    AddEnumValue,
    CreateIndex,
    CreateObject,
    DetachPartition,
    DropIndex,
    DropObject,
    Maintain,
    Operation,
    Other,
    Reindex,
    Transaction,
    TransactionAction,
)

_ENUM_IN_TRANSACTION: Final = 12
_GLOBAL: Final = frozenset({"CREATE TABLESPACE", "DROP TABLESPACE", "ALTER SYSTEM"})


def refuses_transaction(operation: Operation, version: int = 15) -> bool:
    """Say whether PostgreSQL `version` runs the operation outside of a transaction only."""
    match operation:
        case CreateIndex() | DropIndex() | DetachPartition():
            return operation.concurrently
        case Reindex():
            return operation.concurrently or operation.scope in ("schema", "system", "database")
        case Maintain():
            return operation.action == "vacuum" or (operation.action == "cluster" and not operation.table)
        case CreateObject() | DropObject():
            return operation.object == "database"
        case Other():
            return operation.kind in _GLOBAL
        case AddEnumValue():
            return version < _ENUM_IN_TRANSACTION
        case _:
            return False


def is_noticed_by_flyway(operation: Operation) -> bool:
    """Say whether Flyway leaves out the transaction for an operation by itself.

    It knows such statements by their first words and misses some that PostgreSQL refuses.
    """
    if isinstance(operation, DetachPartition):
        return False
    if isinstance(operation, Reindex) and operation.scope in ("table", "index"):
        return False
    return refuses_transaction(operation)


def transaction_groups(
    statements: Sequence[Sequence[Operation]], transactions: Transactions, assumed: bool
) -> list[int | None]:
    """Return for each statement the number of its transaction, None for one on its own.

    A statement is given by its operations. `assumed` decides where the runner is not known.
    """
    opens = _opens(statements, transactions, assumed)
    again = opens and transactions is Transactions.ONE_MESSAGE
    groups: list[int | None] = []
    number = 0
    current: int | None = number if opens else None
    actions = list(map(_action, statements))
    if not any(actions):
        return [current] * len(actions)
    for action in actions:
        if action is TransactionAction.BEGIN and current is None:
            number += 1
            current = number
        groups.append(current)
        if action in (TransactionAction.COMMIT, TransactionAction.ROLLBACK):
            number += 1
            current = number if again else None
    return groups


def _opens(statements: Sequence[Sequence[Operation]], transactions: Transactions, assumed: bool) -> bool:
    """Say whether the first statement is in a transaction it did not open itself."""
    if transactions is Transactions.ONE_MESSAGE:
        return len(statements) > 1
    if transactions is Transactions.BY_STATEMENT:
        return not any(is_noticed_by_flyway(one) for row in statements for one in row)
    if transactions is Transactions.ASSUMED:
        return assumed and not _controls(statements)
    return transactions is Transactions.WRAPPED


def _controls(statements: Iterable[Sequence[Operation]]) -> bool:
    return any(_action(operations) is TransactionAction.BEGIN for operations in statements)


def _action(operations: Sequence[Operation]) -> TransactionAction | None:
    first = operations[0] if operations else None
    return first.action if isinstance(first, Transaction) else None
