"""What an operation does, in words that hold names only: never a value, a literal or a query."""

from collections.abc import Callable
from typing import Final, TypeVar

from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    AddConstraint,
    AddEnumValue,
    AlterColumnType,
    AlterObject,
    AlterTable,
    AttachPartition,
    CreateDomain,
    CreateEnum,
    CreateFunction,
    CreateIndex,
    CreateObject,
    CreateTable,
    Delete,
    DetachPartition,
    DoBlock,
    DropColumn,
    DropConstraint,
    DropDefault,
    DropIndex,
    DropNotNull,
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
    SetDefault,
    SetNotNull,
    SetSchema,
    Truncate,
    Update,
    ValidateConstraint,
)

O = TypeVar("O", bound=Operation)  # noqa: E741
_Words = Callable[[Operation], str]


def described(operation: Operation) -> str:
    """Return what `operation` does, a verb with names: "drops column `orders.note`"; empty for settings."""
    words = _WORDS.get(type(operation))
    return words(operation) if words is not None else ""


def _for(kind: type[O], words: Callable[[O], str]) -> tuple[type[Operation], _Words]:
    """Pair words with the type they are for, as words for any operation."""
    return kind, lambda one: words(one) if isinstance(one, kind) else ""


def _add_column(one: AddColumn) -> str:
    required = one.column.not_null and not one.column.has_value
    return f"adds {'required ' if required else ''}column `{one.table}.{one.column.name}`"


def _constraint(one: AddConstraint) -> str:
    name = f" `{one.constraint.name}`" if one.constraint.name else ""
    late = ", not validated" if one.constraint.not_valid else ""
    return f"adds {one.constraint.kind} constraint{name} to `{one.table}`{late}"


def _create_index(one: CreateIndex) -> str:
    unique = "unique " if one.is_unique else ""
    name = f" `{one.name}`" if one.name else ""
    how = " concurrently" if one.concurrently else ""
    return f"builds {unique}index{name} on `{one.table}`{how}"


def _update(one: Update) -> str:
    columns = ", ".join(f"`{one.table}.{column}`" for column in one.columns)
    return f"{'updates' if one.has_where else 'updates every row of'} {columns or f'`{one.table}`'}"


def _object(verb: str, kind: str, name: object) -> str:
    return f"{verb} {kind} `{name}`"


_WORDS: Final[dict[type[Operation], _Words]] = dict(
    [
        _for(AddColumn, _add_column),
        _for(AddConstraint, _constraint),
        _for(AddEnumValue, lambda one: f"adds a value to type `{one.type}`"),
        _for(
            AlterColumnType,
            lambda one: f"changes the type of `{one.table}.{one.column}` to `{one.type}`",
        ),
        _for(AlterObject, lambda one: _object("alters", one.object, one.name)),
        _for(AlterTable, lambda one: f"alters `{one.table}` ({one.action})"),
        _for(AttachPartition, lambda one: f"attaches partition `{one.partition}` to `{one.table}`"),
        _for(CreateDomain, lambda one: f"creates domain `{one.type}`"),
        _for(CreateEnum, lambda one: f"creates type `{one.type}`"),
        _for(
            CreateFunction,
            lambda one: _object("replaces" if one.or_replace else "creates", one.object, one.name),
        ),
        _for(CreateIndex, _create_index),
        _for(
            CreateObject,
            lambda one: _object("replaces" if one.or_replace else "creates", one.object, one.name),
        ),
        _for(CreateTable, lambda one: f"creates table `{one.table}`"),
        _for(Delete, lambda one: f"deletes {'' if one.has_where else 'all '}rows of `{one.table}`"),
        _for(DetachPartition, lambda one: f"detaches partition `{one.partition}` from `{one.table}`"),
        _for(DoBlock, lambda one: "runs a DO block"),
        _for(DropColumn, lambda one: f"drops column `{one.table}.{one.column}`"),
        _for(DropConstraint, lambda one: f"drops constraint `{one.name}` of `{one.table}`"),
        _for(DropDefault, lambda one: f"drops the default of `{one.table}.{one.column}`"),
        _for(DropIndex, lambda one: f"drops index `{one.index}`"),
        _for(DropNotNull, lambda one: f"lets `{one.table}.{one.column}` be NULL"),
        _for(DropObject, lambda one: _object("drops", one.object, one.name)),
        _for(DropTable, lambda one: f"drops table `{one.table}`"),
        _for(Grant, lambda one: "grants privileges" if one.is_grant else "revokes privileges"),
        _for(Insert, lambda one: f"inserts rows into `{one.table}`"),
        _for(LockTable, lambda one: f"locks `{one.table}`"),
        _for(Maintain, lambda one: f"runs {one.action}" + (f" on `{one.table}`" if one.table else "")),
        _for(Other, lambda one: f"runs {one.kind}"),
        _for(RefreshView, lambda one: f"refreshes `{one.table}`"),
        _for(Reindex, lambda one: f"rebuilds {one.scope} `{one.target}`"),
        _for(RenameColumn, lambda one: f"renames column `{one.table}.{one.column}` to `{one.new_name}`"),
        _for(RenameConstraint, lambda one: f"renames constraint `{one.name}` of `{one.table}`"),
        _for(RenameEnumValue, lambda one: f"renames a value of type `{one.type}`"),
        _for(RenameIndex, lambda one: f"renames index `{one.index}` to `{one.new_name}`"),
        _for(RenameObject, lambda one: f"renames {one.object} `{one.name}` to `{one.new_name}`"),
        _for(RenameTable, lambda one: f"renames table `{one.table}` to `{one.new_name}`"),
        _for(SetDefault, lambda one: f"sets a default for `{one.table}.{one.column}`"),
        _for(SetNotNull, lambda one: f"makes `{one.table}.{one.column}` required"),
        _for(SetSchema, lambda one: f"moves table `{one.table}` to schema `{one.schema}`"),
        _for(Truncate, lambda one: f"empties table `{one.table}`"),
        _for(Update, _update),
        _for(ValidateConstraint, lambda one: f"validates constraint `{one.name}` of `{one.table}`"),
    ]
)
