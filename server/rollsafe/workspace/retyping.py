"""What the type of a column is before a change, and whether that leaves the stored values as they are."""

from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.effects import TypeBefore
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import AlterColumnType
from rollsafe.artefacts.migrations.pieces import TypeRef
from rollsafe.artefacts.migrations.type_changes import is_plain_cast, rewrites
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.tables import table_before

_WIDE: Final = frozenset({"text", "varchar", "numeric", "citext"})
_TIMES: Final = ("timestamp", "timestamptz")
_UTC: Final = frozenset({"utc", "gmt", "etc/utc", "0"})
_SETS_UTC: Final = frozenset({"rails"})
"""The runners whose sessions are in UTC unless they are told otherwise."""
_UNREACHED: Final = frozenset({"boolean", "bytea", "tsquery", "tsvector", "uuid", "xml"})
"""Types that no other one becomes without `USING`: PostgreSQL has only explicit casts to them."""
_NAME_CLASSES: Final = frozenset({"alembic"})
_TIME_ZONE_SINCE: Final = 12


def type_before(graph: Graph) -> TypeBefore:
    """Return what tells the type of a column before a change: earlier migrations, or else its own file."""

    def told(change: AlterColumnType, statement: Statement) -> TypeRef | None:
        known = table_before(change, statement, graph).types.get(change.column)
        return statement.said_type if known is None or _is_class(known, statement, graph) else known

    return told


def _is_class(known: TypeRef, statement: Statement, graph: Graph) -> bool:
    """Say whether a type is only a class of a program, for which the database has a name nobody tells."""
    if statement.runner not in _NAME_CLASSES or known.is_built_in:
        return False
    return not graph.find(Statement, f"enum:{TableName(known.schema, known.name).key}")


def keeps_values(statement: Statement, change: AlterColumnType, before: TypeRef, version: int) -> bool:
    """Say whether no row is written again when a column of type `before` changes."""
    using = statement.file.slice(change.using) if change.using is not None else ""
    if using and not is_plain_cast(using, change.column, change.type):
        return False
    if (before.name, change.type.name) == _TIMES and not using and before.modifiers == change.type.modifiers:
        return _keeps_times(statement, version)
    return not rewrites(before, change.type)


def may_keep_values(statement: Statement, change: AlterColumnType, version: int) -> bool:
    """Say whether there is a type that becomes the new one without any row being written again."""
    if change.type.is_array or change.using is not None:
        return False
    zoned = change.type.name == _TIMES[1] and _keeps_times(statement, version)
    return zoned or change.type.name in _WIDE


def is_only_restated(change: AlterColumnType) -> bool:
    """Say whether a column must be of its new type already, or PostgreSQL refuses the change."""
    new = change.type
    return change.using is None and new.schema is None and not new.is_array and new.name in _UNREACHED


def _keeps_times(statement: Statement, version: int) -> bool:
    """Say whether a `timestamp` is the same moment as a `timestamptz`, as it is where clocks show UTC."""
    zone = statement.setting("timezone")
    told = (zone.value or "").lower() if zone is not None else ""
    in_utc = told in _UTC if told else statement.runner in _SETS_UTC
    return in_utc and version >= _TIME_ZONE_SINCE
