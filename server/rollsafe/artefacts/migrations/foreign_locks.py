"""How MySQL and MariaDB make a change: beside the writes of others, or while these wait.

What is told here holds for both. tests/databases measures it on MariaDB: what cannot be done beside writes is
refused with `LOCK=NONE`. MySQL's manual says the same of InnoDB from 8.0 on. Where the two differ, nothing is
told.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    AddConstraint,
    AlterTable,
    CreateIndex,
    DropColumn,
    DropConstraint,
    DropDefault,
    DropIndex,
    DropNotNull,
    Operation,
    RenameColumn,
    RenameIndex,
    SetDefault,
    SetNotNull,
)
from rollsafe.artefacts.migrations.pieces import ConstraintKind, Generated, TypeRef, Volatility


class Way(StrEnum):
    """What a change takes: `BESIDE` the writes of others, `ALONE` in place while they wait, or a `COPY`."""

    BESIDE = "beside"
    ALONE = "alone"
    COPY = "copy"


PRIMARY: Final = "PRIMARY"
"""The name of every primary key."""
_BESIDE: Final = (
    DropColumn,
    RenameColumn,
    SetNotNull,
    DropNotNull,
    SetDefault,
    DropDefault,
    DropIndex,
    RenameIndex,
)
_ACTIONS: Final = {
    "convert to character set": Way.COPY,
    "engine innodb": Way.BESIDE,
    "force": Way.BESIDE,
}
_LARGER: Final = frozenset({"varchar", "varbinary"})
_SAME: Final = {
    **dict.fromkeys(("int", "integer"), "int"),
    **dict.fromkeys(("decimal", "numeric", "dec", "fixed"), "decimal"),
    **dict.fromkeys(("boolean", "bool", "tinyint"), "tinyint"),
    **dict.fromkeys(("double", "double precision", "real"), "double"),
}
_WITHOUT_SIZE: Final = frozenset({"int", "bigint", "smallint", "mediumint", "tinyint"})


def way_of(one: Operation, together: Iterable[Operation], *, checks_keys: bool = True) -> Way | None:
    """Return how a change is made that one statement asks for `together` with others; None if not known.

    A change of a type depends on the type before: see `way_of_type`. Foreign keys are checked unless the
    session says otherwise.
    """
    match one:
        case AddColumn():
            return _added(one)
        case CreateIndex():
            return Way.ALONE if one.method in ("fulltext", "spatial") else Way.BESIDE
        case AddConstraint():
            return _constraint(one, checks_keys=checks_keys)
        case DropConstraint():
            made = (each for each in together if isinstance(each, AddConstraint))
            keyed = any(each.constraint.kind is ConstraintKind.PRIMARY for each in made)
            return Way.BESIDE if one.name != PRIMARY or keyed else Way.COPY
        case AlterTable():
            return _ACTIONS.get(one.action)
        case _:
            return Way.BESIDE if isinstance(one, _BESIDE) else None


def _added(one: AddColumn) -> Way | None:
    column = one.column
    if column.generated is Generated.STORED:
        return Way.COPY
    if column.is_identity:
        return Way.ALONE
    # MariaDB makes the foreign key that MySQL passes over; what an expression takes depends on its functions.
    plain = column.default is None or column.default.volatility is not Volatility.UNKNOWN
    return Way.BESIDE if plain and column.constraint(ConstraintKind.FOREIGN) is None else None


def _constraint(one: AddConstraint, *, checks_keys: bool) -> Way | None:
    match one.constraint.kind:
        case ConstraintKind.CHECK:
            return Way.COPY
        case ConstraintKind.FOREIGN:
            return Way.COPY if checks_keys else Way.BESIDE
        case _:
            return Way.BESIDE


def way_of_type(before: TypeRef, after: TypeRef) -> Way | None:
    """Return how the type of a column is changed; None where MySQL and MariaDB differ, or nothing changes."""
    old, new = _SAME.get(before.name, before.name), _SAME.get(after.name, after.name)
    if old != new:
        return Way.COPY
    if before.modifiers == after.modifiers or old in _WITHOUT_SIZE or old in ("enum", "set"):
        return None
    if old in _LARGER and before.modifiers and after.modifiers and after.modifiers > before.modifiers:
        return None
    return Way.COPY
