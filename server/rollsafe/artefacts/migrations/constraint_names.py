"""The names PostgreSQL gives to constraints that have none."""

from collections.abc import Callable
from typing import Final

from rollsafe.artefacts.migrations.pieces import Constraint, ConstraintKind

_LABELS: Final = {
    ConstraintKind.CHECK: "check",
    ConstraintKind.FOREIGN: "fkey",
    ConstraintKind.UNIQUE: "key",
    ConstraintKind.PRIMARY: "pkey",
    ConstraintKind.EXCLUDE: "excl",
    ConstraintKind.NOT_NULL: "not_null",
}
_LONGEST: Final = 63
_TRIES: Final = 100


def given_name(table: str, constraint: Constraint, is_taken: Callable[[str], bool]) -> str:
    """Return the name of a constraint of `table`, the one PostgreSQL makes up if it has none.

    `is_taken` tells of names that are used on the table already.
    """
    if constraint.name:
        return constraint.name
    columns = "" if constraint.kind is ConstraintKind.PRIMARY else "_".join(constraint.columns)
    label = _LABELS[constraint.kind]
    for number in range(_TRIES):
        name = _made_of(table, columns, f"{label}{number or ''}")
        if not is_taken(name):
            return name
    return _made_of(table, columns, label)


def _made_of(table: str, columns: str, label: str) -> str:
    """Return the parts joined, the longer of the first two shortened until the name fits."""
    room = _LONGEST - len(label) - 1 - bool(columns)
    while len(table) + len(columns) > room:
        if len(table) > len(columns):
            table = table[:-1]
        else:
            columns = columns[:-1]
    return "_".join(one for one in (table, columns, label) if one)
