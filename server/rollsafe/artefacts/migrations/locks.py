"""What PostgreSQL locks, scans and rewrites for an operation, on which version."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeVar

from rollsafe.artefacts.migrations.lock_modes import LockMode
from rollsafe.artefacts.migrations.lock_rows import LOCK_ROWS, Work
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    AddConstraint,
    AddEnumValue,
    AlterColumnType,
    AlterObject,
    AlterTable,
    AttachPartition,
    Comment,
    CreateIndex,
    CreateObject,
    CreateTable,
    Delete,
    DetachPartition,
    DropColumn,
    DropConstraint,
    DropDefault,
    DropIndex,
    DropNotNull,
    DropObject,
    DropTable,
    Insert,
    LockTable,
    Maintain,
    Operation,
    RefreshView,
    Reindex,
    RenameColumn,
    RenameConstraint,
    RenameIndex,
    RenameTable,
    SetDefault,
    SetNotNull,
    SetSchema,
    Truncate,
    Update,
    ValidateConstraint,
)
from rollsafe.artefacts.migrations.pieces import Column, ConstraintKind, Generated, TypeRef, Volatility
from rollsafe.artefacts.migrations.type_changes import rewrites
from rollsafe.text.records import record

DEFAULT_VERSION: Final = 15
"""The server assumed where nobody says."""


@record
class LockFact:
    """What an operation does to its table and, through `other_tables`, to others.

    `reversible` tells whether it can be undone without a backup. `versions` are those the fact holds for.
    """

    mode: LockMode
    rewrites: bool
    scans: bool
    other_tables: tuple[tuple[TableName, LockMode], ...]
    reversible: bool
    versions: str
    note: str

    @property
    def blocks_reads(self) -> bool:
        """Whether readers of the table wait."""
        return self.mode.blocks_reads

    @property
    def blocks_writes(self) -> bool:
        """Whether writers of the table wait."""
        return self.mode.blocks_writes


def lock_fact(
    operation: Operation, version: int = DEFAULT_VERSION, before: TypeRef | None = None
) -> LockFact | None:
    """Return what `operation` does on a server of major `version`; None where nothing was measured.

    `before` is the type a column had, for an `AlterColumnType`; without it the worse is assumed.
    """
    if isinstance(operation, LockTable):
        mode = LockMode(operation.mode)
        return LockFact(mode, False, False, (), reversible=True, versions="10+", note="")
    choose = _CHOICES.get(type(operation))
    name = choose(operation, version) if choose is not None else ""
    if isinstance(operation, AlterColumnType) and before is not None:
        name = "change type" if rewrites(before, operation.type) else "change type, free"
    return _fact(name, _others(operation, version)) if name in LOCK_ROWS else None


@lru_cache(maxsize=512)
def _fact(name: str, others: tuple[tuple[TableName, LockMode], ...]) -> LockFact:
    row = LOCK_ROWS[name]
    return LockFact(
        mode=row.mode,
        rewrites=row.work is Work.REWRITE,
        scans=row.work is not Work.METADATA,
        other_tables=others,
        reversible=row.reversible,
        versions=row.versions,
        note=row.note,
    )


def _others(operation: Operation, version: int) -> tuple[tuple[TableName, LockMode], ...]:
    """Return the other tables an operation locks, as far as its text names them."""
    match operation:
        case CreateTable():
            parent = operation.partition_of
            found = [(table, LockMode.SHARE_ROW_EXCLUSIVE) for table in operation.references]
            return (*found, (parent, LockMode.ACCESS_EXCLUSIVE)) if parent else tuple(found)
        case AddColumn():
            targets = [one.references for one in operation.column.constraints]
            others = [one for one in targets if one is not None and one.key != operation.table.key]
            return tuple((one, LockMode.SHARE_ROW_EXCLUSIVE) for one in others)
        case AddConstraint():
            target = operation.constraint.references
            if target is None or target.key == operation.table.key:
                return ()
            return ((target, LockMode.SHARE_ROW_EXCLUSIVE),)
        case AttachPartition():
            return ((operation.partition, LockMode.ACCESS_EXCLUSIVE),)
        case DetachPartition():
            weak = version < _DETACH_LOCKS_PARTITION and not operation.concurrently
            mode = LockMode.SHARE_UPDATE_EXCLUSIVE if weak else LockMode.ACCESS_EXCLUSIVE
            return ((operation.partition, mode),)
        case _:
            return ()


_FAST_DEFAULT: Final = 11
_WEAK_ATTACH: Final = 12
_WEAK_INDEX_RENAME: Final = 12
_DETACH_LOCKS_PARTITION: Final = 14
_REFERENCE: Final = ConstraintKind.FOREIGN

O = TypeVar("O", bound=Operation)  # noqa: E741
_Choice = Callable[[Operation, int], str]


def _add_column(one: AddColumn, version: int) -> str:
    return _rewriting(one.column, version) or _scanning(one.column) or _instant(one.column)


def _rewriting(column: Column, version: int) -> str:
    """Return the row of a column that makes every row be written again, else an empty string."""
    if column.is_serial:
        return "add column, serial"
    if column.generated is Generated.STORED:
        return "add column, stored"
    if column.default is None or column.default.is_null:
        return ""
    if column.default.volatility is Volatility.VOLATILE:
        return "add column, volatile default"
    if version < _FAST_DEFAULT:
        return "add column, default (10)"
    return "add column, unknown default" if column.default.volatility is Volatility.UNKNOWN else ""


def _scanning(column: Column) -> str:
    """Return the row of a column whose constraints read every row, else an empty string."""
    if column.constraint(ConstraintKind.UNIQUE) or column.constraint(ConstraintKind.PRIMARY):
        return "add column, unique"
    if column.constraint(ConstraintKind.CHECK):
        return "add column, check"
    return "add column, reference and default" if column.constraint(_REFERENCE) and column.has_value else ""


def _instant(column: Column) -> str:
    if column.not_null and not column.has_value:
        return "add column, not null"
    if column.constraint(_REFERENCE):
        return "add column, reference"
    if column.generated is Generated.VIRTUAL:
        return "add column, virtual"
    is_own_type = column.type is not None and not column.type.is_built_in
    return "add column, other type" if is_own_type else "add column"


def _add_constraint(one: AddConstraint, version: int) -> str:
    constraint = one.constraint
    suffix = ", not valid" if constraint.not_valid else ""
    match constraint.kind:
        case ConstraintKind.FOREIGN:
            return f"add foreign key{suffix}"
        case ConstraintKind.CHECK:
            return f"add check{suffix}"
        case ConstraintKind.NOT_NULL:
            return f"add not null{suffix}" if suffix else "set not null"
        case ConstraintKind.EXCLUDE:
            return "add exclude"
        case ConstraintKind.UNIQUE | ConstraintKind.PRIMARY:
            return "add constraint, using index" if constraint.using_index else "add unique"


def _concurrently(name: str, concurrently: bool) -> str:
    return f"{name}, concurrently" if concurrently else name


def _alter_table(one: AlterTable, version: int) -> str:
    action = one.action
    if action in ("set logged", "set unlogged", "set table space", "set access method"):
        return "alter table, rewrite"
    if action.startswith(("enable", "disable")) and "trigger" in action:
        return "alter table, triggers"
    if action == "add inherit":
        return "alter table, inherit"
    online = (
        "set statistics",
        "set options",
        "reset options",
        "set storage parameters",
        "reset storage parameters",
        "cluster on",
        "drop cluster",
    )
    return "alter table, online" if action in online else "alter table"


def _maintain(one: Maintain, version: int) -> str:
    return "vacuum full" if one.is_full else one.action


def _on_table(one: CreateObject | DropObject, verb: str) -> str:
    if one.object == "trigger":
        return f"{verb} trigger"
    return "create policy" if one.object == "policy" else ""


def _alter_object(one: AlterObject, version: int) -> str:
    return "domain check" if one.object == "domain" and one.action in _TESTED else ""


_TESTED: Final = frozenset({"add constraint", "set not null", "validate constraint"})
"""What makes PostgreSQL test a domain wherever it is used."""


def _create_index(one: CreateIndex, version: int) -> str:
    return "create index, only" if one.only else _concurrently("create index", one.concurrently)


def _for(kind: type[O], choose: Callable[[O, int], str]) -> tuple[type[Operation], _Choice]:
    """Pair a choice with the type it is for, as a choice for any operation."""
    return kind, lambda one, version: choose(one, version) if isinstance(one, kind) else ""


_CHOICES: Final[dict[type[Operation], _Choice]] = dict(
    [
        _for(AddColumn, _add_column),
        _for(AddConstraint, _add_constraint),
        _for(AddEnumValue, lambda one, version: "enum value"),
        _for(AlterColumnType, lambda one, version: "change type, unknown"),
        _for(AlterObject, _alter_object),
        _for(AlterTable, _alter_table),
        _for(AttachPartition, lambda one, version: _old("attach partition", version < _WEAK_ATTACH)),
        _for(Comment, lambda one, version: "comment" if one.object in ("table", "column") else ""),
        _for(CreateIndex, _create_index),
        _for(CreateObject, lambda one, version: _on_table(one, "create")),
        _for(CreateTable, lambda one, version: "create partition" if one.partition_of else "create table"),
        _for(Delete, lambda one, version: "delete"),
        _for(DetachPartition, lambda one, version: _concurrently("detach partition", one.concurrently)),
        _for(DropColumn, lambda one, version: "drop column"),
        _for(DropConstraint, lambda one, version: "drop constraint"),
        _for(DropDefault, lambda one, version: "column default"),
        _for(DropIndex, lambda one, version: _concurrently("drop index", one.concurrently)),
        _for(DropNotNull, lambda one, version: "drop not null"),
        _for(DropObject, lambda one, version: _on_table(one, "drop")),
        _for(DropTable, lambda one, version: "drop table"),
        _for(Insert, lambda one, version: "insert"),
        _for(Maintain, _maintain),
        _for(RefreshView, lambda one, version: _concurrently("refresh", one.concurrently)),
        _for(Reindex, lambda one, version: _concurrently("reindex", one.concurrently)),
        _for(RenameColumn, lambda one, version: "rename"),
        _for(RenameConstraint, lambda one, version: "rename"),
        _for(RenameIndex, lambda one, version: _old("rename index", version < _WEAK_INDEX_RENAME)),
        _for(RenameTable, lambda one, version: "rename"),
        _for(SetDefault, lambda one, version: "column default"),
        _for(SetNotNull, lambda one, version: "set not null"),
        _for(SetSchema, lambda one, version: "rename"),
        _for(Truncate, lambda one, version: "truncate"),
        _for(Update, lambda one, version: "update"),
        _for(ValidateConstraint, lambda one, version: "validate"),
    ]
)


def _old(name: str, is_old: bool) -> str:
    return f"{name} (10, 11)" if is_old else name
