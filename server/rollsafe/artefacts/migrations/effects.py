"""What a migration means for the release that is running, and for the data: adds, fills, takes away."""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Final

from rollsafe.artefacts.migrations.down import loss_of
from rollsafe.artefacts.migrations.lock_modes import LockMode
from rollsafe.artefacts.migrations.locks import LockFact, lock_fact
from rollsafe.artefacts.migrations.migration import Migration
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    AlterTable,
    Comment,
    Delete,
    DetachPartition,
    DoBlock,
    DropColumn,
    DropDefault,
    DropIndex,
    DropObject,
    DropTable,
    Grant,
    Insert,
    LockTable,
    Maintain,
    Operation,
    Other,
    RefreshView,
    Reindex,
    RenameColumn,
    RenameConstraint,
    RenameEnumValue,
    RenameIndex,
    RenameObject,
    RenameTable,
    SetNotNull,
    SetSchema,
    SetSetting,
    TableOperation,
    Transaction,
    Truncate,
    Update,
)
from rollsafe.artefacts.migrations.pieces import TypeRef
from rollsafe.artefacts.migrations.statement import Statement
from rollsafe.artefacts.migrations.type_changes import is_plain_cast, rewrites
from rollsafe.text.tuples import NamedTuple

TypeBefore = Callable[[AlterColumnType, Statement], TypeRef | None]
"""Gives the type a column has before a statement changes it; None where nobody knows."""


class Effect(StrEnum):
    """What an operation means for a release that was written without knowing of it."""

    NONE = "none"
    EXPAND = "expand"
    """Adds something that nobody uses yet."""
    BACKFILL = "backfill"
    """Changes rows and no definitions."""
    CONTRACT = "contract"
    """Takes away, renames or tightens something the running release may rely on."""
    UNKNOWN = "unknown"
    """Cannot be read: SQL that is not understood, or is put together at run time."""


class Deed(NamedTuple):
    """One operation of a migration, and what it means. `lost` says which data it destroys, else empty."""

    statement: Statement
    operation: Operation
    effect: Effect
    lost: str
    lock: LockFact | None

    @property
    def blocks(self) -> bool:
        """Whether it makes others wait for as long as it works on an existing table."""
        return self.lock is not None and self.lock.blocks_writes

    @property
    def is_slow(self) -> bool:
        """Whether it reads or writes all rows while others wait."""
        return self.blocks and self.lock is not None and (self.lock.rewrites or self.lock.scans)


def deeds_of(
    migration: Migration, version: int, type_before: TypeBefore = lambda one, statement: None
) -> list[Deed]:
    """Return what the way up of `migration` does on a PostgreSQL of major `version`, in order.

    Settings, transactions and comments are left out.
    """
    found: list[Deed] = []
    for statement in migration.up_statements:
        operations = list(statement.all_operations())
        if not operations:
            found.append(
                Deed(
                    statement, Other(statement.start, statement.end, statement.kind), Effect.UNKNOWN, "", None
                )
            )
        found += _deeds(statement, operations, version, type_before)
    return found


def _deeds(
    statement: Statement, operations: Iterable[Operation], version: int, type_before: TypeBefore
) -> Iterator[Deed]:
    for one in operations:
        if isinstance(one, Transaction | SetSetting | Comment):
            continue
        before = stored_type(one, statement, type_before) if isinstance(one, AlterColumnType) else None
        if statement.is_on_new_table(one):
            yield Deed(statement, one, Effect.EXPAND, "", None)
        else:
            lock = lock_fact(one, version, before)
            lock = None if lock is not None and lock.mode is LockMode.NONE else lock
            yield Deed(statement, one, effect_of(statement, one, before), _lost(statement, one, before), lock)


def stored_type(one: AlterColumnType, statement: Statement, type_before: TypeBefore) -> TypeRef | None:
    """Return the type before as long as values are only cast; an expression after USING changes them."""
    if one.using is not None and not is_plain_cast(statement.file.slice(one.using), one.column, one.type):
        return None
    return type_before(one, statement)


def effect_of(statement: Statement, operation: Operation, before: TypeRef | None = None) -> Effect:
    """Return what an operation on something that exists means; `before` is the type a column had."""
    kind = type(operation)
    if kind in _EFFECTS:
        return _EFFECTS[kind]
    match operation:
        case AddColumn():
            required = operation.column.not_null and not operation.column.has_value
            return Effect.CONTRACT if required else Effect.EXPAND
        case AddConstraint():
            added = _added(statement.migration, operation)
            new = bool(operation.constraint.columns) and added.issuperset(operation.constraint.columns)
            return Effect.EXPAND if new else Effect.CONTRACT
        case AlterColumnType():
            free = before is not None and not rewrites(before, operation.type)
            return Effect.EXPAND if free else Effect.CONTRACT
        case Grant():
            return Effect.EXPAND if operation.is_grant else Effect.CONTRACT
        case DoBlock():
            return Effect.UNKNOWN if operation.is_dynamic or not operation.operations else Effect.NONE
        case AlterTable():
            return Effect.CONTRACT if operation.action in _LOCKS_OUT else Effect.EXPAND
        case Other():
            return Effect.NONE if operation.kind in _READS else Effect.UNKNOWN
        case _:
            return Effect.EXPAND


_EFFECTS: Final[dict[type[Operation], Effect]] = {
    **dict.fromkeys(
        (
            *(DropTable, DropColumn, RenameTable, RenameColumn, SetSchema, SetNotNull, DropDefault),
            *(DropIndex, DropObject, RenameObject, RenameEnumValue, DetachPartition, Truncate, Delete),
        ),
        Effect.CONTRACT,
    ),
    **dict.fromkeys((Insert, Update), Effect.BACKFILL),
    **dict.fromkeys((LockTable, Maintain, RefreshView, Reindex, RenameIndex, RenameConstraint), Effect.NONE),
}
_LOCKS_OUT: Final = frozenset({"enable row security", "force row security", "disable trigger all"})
_READS: Final = frozenset({"SELECT", "WITH", "SHOW", "EXPLAIN", "LOAD", "DISCARD", "NOTIFY", "CHECKPOINT"})
_INTEGERS: Final = ("smallint", "integer", "bigint", "numeric")


def _added(migration: Migration, operation: TableOperation) -> set[str]:
    """Return the columns the migration itself adds to the operation's table."""
    return {one.column.name for one in migration.of(AddColumn) if one.table.key == operation.table.key}


def _lost(statement: Statement, operation: Operation, before: TypeRef | None) -> str:
    """Return which data is gone after the operation, in words; empty where none is."""
    match operation:
        case DropTable() | DropColumn() | Truncate() | Delete():
            return loss_of(operation)
        case Update():
            new = _added(statement.migration, operation)
            fills = bool(operation.columns) and new.issuperset(operation.columns)
            return "" if fills else loss_of(operation)
        case AlterColumnType():
            kept = before is not None and _keeps_values(before, operation.type)
            return "" if kept else f"values of `{operation.table}.{operation.column}` as they were"
        case DropObject() if operation.object == "schema":
            return f"everything in schema `{operation.name}`"
        case _:
            return ""


def _keeps_values(before: TypeRef, after: TypeRef) -> bool:
    if not rewrites(before, after):
        return True
    wider = before.name in _INTEGERS and after.name in _INTEGERS and not after.modifiers
    return wider and _INTEGERS.index(before.name) <= _INTEGERS.index(after.name)
