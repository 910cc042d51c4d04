"""What most rules ask of a change right after what kind of change it is."""

from collections.abc import Iterable
from enum import StrEnum

from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    AddConstraint,
    CreateIndex,
    DropColumn,
    DropConstraint,
    DropObject,
    DropTable,
    Operation,
)
from rollsafe.artefacts.migrations.pieces import Column


class Trait(StrEnum):
    """What tells changes of one kind apart, beside the kinds of the constraints they add."""

    CASCADES = "drops what depends on it"
    BLOCKS = "builds an index, with its partitions, while others wait"
    VALUED = "adds a column with values of its own, or of a type PostgreSQL does not bring along"


def traits_of(operations: Iterable[Operation]) -> frozenset[StrEnum]:
    """Return the traits of changes, and the kinds of the constraints they add; a new table has none."""
    found: set[StrEnum] = set()
    for one in operations:
        match one:
            case AddColumn():
                found.update(each.kind for each in one.column.constraints)
                if _is_valued(one.column):
                    found.add(Trait.VALUED)
            case AddConstraint():
                found.add(one.constraint.kind)
            case CreateIndex():
                if not (one.concurrently or one.only):
                    found.add(Trait.BLOCKS)
            case DropTable() | DropColumn() | DropConstraint() | DropObject():
                if one.cascade:
                    found.add(Trait.CASCADES)
            case _:
                continue
    return frozenset(found)


def _is_valued(column: Column) -> bool:
    if column.default is not None or column.generated is not None or column.is_serial:
        return True
    return column.type is not None and not column.type.is_built_in
