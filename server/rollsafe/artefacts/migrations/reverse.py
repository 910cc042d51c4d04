"""The SQL that takes an operation back, where there is any."""

import re
from collections.abc import Callable
from typing import Final, TypeVar

from rollsafe.artefacts.migrations.names import TableName, quoted
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    AddConstraint,
    AlterTable,
    AttachPartition,
    Comment,
    CreateDomain,
    CreateEnum,
    CreateFunction,
    CreateIndex,
    CreateObject,
    CreateTable,
    DoBlock,
    DropNotNull,
    Grant,
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
    Transaction,
    ValidateConstraint,
)
from rollsafe.artefacts.migrations.pieces import Constraint, ConstraintKind
from rollsafe.text.patterns import lazily

NOTHING: Final = ""
"""What `reverse_of` gives for operations that leave nothing behind."""

_GRANT = lazily(r"GRANT\s+(?P<what>.+)\s+TO\s+(?P<who>.+?)(?:\s+WITH\s+GRANT\s+OPTION)?\Z", re.I | re.S)
_LONGEST_NAME: Final = 63
_SUFFIXES: Final = {
    ConstraintKind.FOREIGN: "fkey",
    ConstraintKind.UNIQUE: "key",
    ConstraintKind.PRIMARY: "pkey",
}
_OPPOSITES: Final = {
    "enable row security": "DISABLE ROW LEVEL SECURITY",
    "disable row security": "ENABLE ROW LEVEL SECURITY",
    "force row security": "NO FORCE ROW LEVEL SECURITY",
    "no force row security": "FORCE ROW LEVEL SECURITY",
    "set logged": "SET UNLOGGED",
    "set unlogged": "SET LOGGED",
    "enable trigger all": "DISABLE TRIGGER ALL",
    "disable trigger all": "ENABLE TRIGGER ALL",
    "enable trigger user": "DISABLE TRIGGER USER",
    "disable trigger user": "ENABLE TRIGGER USER",
}


def reverse_of(operation: Operation, text: str = "") -> str | None:
    """Return the statement that undoes `operation`, without `;`.

    Empty for what leaves nothing behind (a setting, a comment, a validation), None for what cannot be
    undone from the operation alone. `text` is the operation's own SQL, which undoing a GRANT needs.
    """
    if isinstance(operation, _TRACELESS):
        return NOTHING
    if isinstance(operation, Other):
        return NOTHING if operation.kind in _TRACELESS_KINDS else None
    if isinstance(operation, Grant):
        return _revoke(operation, text)
    if isinstance(operation, DoBlock):
        return _undo_block(operation)
    reverse = _REVERSES.get(type(operation))
    return reverse(operation) if reverse is not None else None


_TRACELESS: Final = (
    Comment,
    LockTable,
    Maintain,
    RefreshView,
    Reindex,
    SetSetting,
    Transaction,
    ValidateConstraint,
)
_TRACELESS_KINDS: Final = frozenset(
    {"SELECT", "WITH", "SHOW", "EXPLAIN", "LOAD", "DISCARD", "NOTIFY", "CHECKPOINT"}
)

O = TypeVar("O", bound=Operation)  # noqa: E741
_Reverse = Callable[[Operation], str | None]
_REVERSES: Final[dict[type[Operation], _Reverse]] = {}


def _undoes(kind: type[O]) -> Callable[[Callable[[O], str | None]], Callable[[O], str | None]]:
    """Register a function as the reverse of operations of `kind`."""

    def register(reverse: Callable[[O], str | None]) -> Callable[[O], str | None]:
        def checked(operation: Operation) -> str | None:
            return reverse(operation) if isinstance(operation, kind) else None

        _REVERSES[kind] = checked
        return reverse

    return register


def _alter(table: TableName, command: str) -> str:
    return f"ALTER TABLE {table.sql} {command}"


def _if_exists(needed: bool) -> str:
    return "IF EXISTS " if needed else ""


@_undoes(CreateTable)
def _create_table(one: CreateTable) -> str:
    return NOTHING if one.is_temporary else f"DROP TABLE {_if_exists(one.if_not_exists)}{one.table.sql}"


@_undoes(RenameTable)
def _rename_table(one: RenameTable) -> str:
    return _alter(one.table.sibling(one.new_name), f"RENAME TO {quoted(one.table.name)}")


@_undoes(SetSchema)
def _set_schema(one: SetSchema) -> str:
    return _alter(TableName(one.schema, one.table.name), f"SET SCHEMA {quoted(one.table.schema or 'public')}")


@_undoes(AlterTable)
def _alter_table(one: AlterTable) -> str | None:
    opposite = _OPPOSITES.get(one.action)
    return _alter(one.table, opposite) if opposite else None


@_undoes(AttachPartition)
def _attach(one: AttachPartition) -> str:
    return _alter(one.table, f"DETACH PARTITION {one.partition.sql}")


@_undoes(AddColumn)
def _add_column(one: AddColumn) -> str:
    return _alter(one.table, f"DROP COLUMN {_if_exists(one.if_not_exists)}{quoted(one.column.name)}")


@_undoes(RenameColumn)
def _rename_column(one: RenameColumn) -> str:
    return _alter(one.table, f"RENAME COLUMN {quoted(one.new_name)} TO {quoted(one.column)}")


@_undoes(SetNotNull)
def _set_not_null(one: SetNotNull) -> str:
    return _alter(one.table, f"ALTER COLUMN {quoted(one.column)} DROP NOT NULL")


@_undoes(DropNotNull)
def _drop_not_null(one: DropNotNull) -> str:
    return _alter(one.table, f"ALTER COLUMN {quoted(one.column)} SET NOT NULL")


@_undoes(AddConstraint)
def _add_constraint(one: AddConstraint) -> str | None:
    name = one.constraint.name or _chosen_name(one.table, one.constraint)
    return _alter(one.table, f"DROP CONSTRAINT {quoted(name)}") if name else None


def _chosen_name(table: TableName, constraint: Constraint) -> str | None:
    """Return the name PostgreSQL gives a constraint without one; None where it may be another."""
    suffix = _SUFFIXES.get(constraint.kind)
    if suffix is None:
        return None
    columns = () if constraint.kind is ConstraintKind.PRIMARY else constraint.columns
    name = constraint.using_index or "_".join((table.name, *columns, suffix))
    return name if len(name.encode("utf-8", "replace")) <= _LONGEST_NAME else None


@_undoes(RenameConstraint)
def _rename_constraint(one: RenameConstraint) -> str:
    return _alter(one.table, f"RENAME CONSTRAINT {quoted(one.new_name)} TO {quoted(one.name)}")


@_undoes(CreateIndex)
def _create_index(one: CreateIndex) -> str | None:
    name = one.name
    if name is None and all(one.columns):
        name = "_".join((one.table.name, *one.columns, "idx"))
    if name is None or len(name.encode("utf-8", "replace")) > _LONGEST_NAME:
        return None
    concurrently = "CONCURRENTLY " if one.concurrently else ""
    return f"DROP INDEX {concurrently}{_if_exists(one.if_not_exists)}{one.table.sibling(name).sql}"


@_undoes(RenameIndex)
def _rename_index(one: RenameIndex) -> str:
    return f"ALTER INDEX {one.index.sibling(one.new_name).sql} RENAME TO {quoted(one.index.name)}"


@_undoes(CreateEnum)
def _create_enum(one: CreateEnum) -> str:
    return f"DROP TYPE {one.type.sql}"


@_undoes(RenameEnumValue)
def _rename_value(one: RenameEnumValue) -> str:
    return f"ALTER TYPE {one.type.sql} RENAME VALUE {_literal(one.new_value)} TO {_literal(one.value)}"


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


@_undoes(CreateDomain)
def _create_domain(one: CreateDomain) -> str:
    return f"DROP DOMAIN {one.type.sql}"


@_undoes(CreateFunction)
def _create_function(one: CreateFunction) -> str | None:
    return None if one.or_replace else f"DROP {one.object.upper()} {one.signature}"


@_undoes(CreateObject)
def _create_object(one: CreateObject) -> str | None:
    if one.or_replace or one.object in _NAMELESS or not one.name.name:
        return None
    on = f" ON {one.on.sql}" if one.on is not None else ""
    return f"DROP {one.object.upper()} {_if_exists(one.if_not_exists)}{one.name.sql}{on}"


_NAMELESS: Final = frozenset({"operator", "aggregate"})
"""Objects whose DROP needs argument types."""


@_undoes(RenameObject)
def _rename_object(one: RenameObject) -> str | None:
    if one.object not in _RENAMED:
        return None
    return (
        f"ALTER {one.object.upper()} {one.name.sibling(one.new_name).sql} RENAME TO {quoted(one.name.name)}"
    )


_RENAMED: Final = frozenset({"type", "view", "materialized view", "sequence", "schema", "domain"})


def _revoke(operation: Grant, text: str) -> str | None:
    match = _GRANT.match(text) if operation.is_grant else None
    return f"REVOKE {match['what']} FROM {match['who']}" if match else None


def _undo_block(block: DoBlock) -> str | None:
    """Return the reverses of a block's operations, last first, as statements of their own."""
    undone = [reverse_of(one) for one in reversed(block.operations)]
    if block.is_dynamic or not undone or None in undone:
        return None
    return ";\n".join(one for one in undone if one)
