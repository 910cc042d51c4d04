"""Whether SQL may run later than it stands: what runs in between must neither need it nor take it away.

Answers lean to no. What is moved behind the last migration of a history passes all that came after it, and
a fix that fails there fails in production.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from rollsafe.artefacts.migrations import Migration, Statement
from rollsafe.artefacts.migrations.extract import operations_of, unfolded
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    CreateIndex,
    CreateObject,
    DetachPartition,
    DoBlock,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropNotNull,
    DropObject,
    DropTable,
    Operation,
    Other,
    Reindex,
    RenameColumn,
    RenameConstraint,
    RenameObject,
    RenameTable,
    SetNotNull,
    SetSchema,
    TableOperation,
    ValidateConstraint,
)
from rollsafe.artefacts.migrations.pieces import ConstraintKind
from rollsafe.rules.migration_ups import history_with, words_of
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import later_statements

_PLAIN: Final = (
    *(CreateIndex, DropIndex, Reindex, DetachPartition),
    *(AddConstraint, ValidateConstraint, SetNotNull),
)
"""What other statements of the same table can go before or after, as long as they do not speak of it."""
_ATTACHES = lazily(r"\s*ALTER\s+INDEX\s+\S+\s+ATTACH\s+PARTITION\s+\S+\s*\Z", re.I)
_OF_ATTACHING: Final = frozenset({"alter", "index", "attach", "partition"})
_KEYS: Final = (ConstraintKind.UNIQUE, ConstraintKind.PRIMARY)
_TAKES: Final = (
    *(DropTable, RenameTable, SetSchema, DropColumn, RenameColumn, AlterColumnType),
    *(DropObject, RenameObject),
)
_MOST_PASSED: Final = 300
"""More statements than this nothing is moved past: each is asked about each."""
_UNTOLD: Final = (DoBlock, Other)
_NEEDS_A_KEY: Final = frozenset({"references", "conflict"})


def chain_end(migration: Migration, graph: Graph) -> str | None:
    """Return the version that a chain of migrations ends with; None where it has several ends."""
    return history_with(migration, graph).end


def after_all(statement: Statement, graph: Graph) -> Iterator[Statement]:
    """Yield what runs after a statement: the rest of its section, and the migrations that follow."""
    yield from later_statements(statement)
    for other in history_with(statement.migration, graph).later(statement.migration):
        yield from other.up_statements


def can_follow_all(sql: str, migration: Migration, graph: Graph) -> bool:
    """Say whether SQL can run after the last migration of the history."""
    mine, history = _moved(sql), history_with(migration, graph)
    if not (mine.is_plain or mine.tables):
        return not any(one.up_statements for one in history.later(migration))
    return not any(
        mine.is_met_by(other) for other in history.speaking_of(mine.names | mine.tables, migration)
    )


def can_follow(sql: str, others: Sequence[Statement]) -> bool:
    """Say whether SQL can as well run after `others`."""
    if len(others) > _MOST_PASSED:
        return False
    mine = _moved(sql)
    return not any(mine.is_met_by(other) for other in others)


class _Moved:
    """SQL that is to run later, and what it rests on."""

    def __init__(self, sql: str) -> None:
        operations = unfolded(operations_of(sql))
        tables = [table for one in operations for table in _tables(one)]
        self.spoken = words_of(sql)
        self.names = frozenset(name for one in operations for name in _names(one))
        self.columns = frozenset(column for one in operations for column in _columns(one))
        self.tables = frozenset(table.name for table in tables)
        self.keys = frozenset(table.key for table in tables)
        self.is_key = any(map(_is_key, operations))
        self.is_plain = bool(operations) and all(isinstance(one, _PLAIN) for one in operations)
        self.is_plain |= bool(operations) and all(isinstance(one, DropObject) for one in operations)
        if _ATTACHES.match(sql):
            self.names, self.is_plain = self.spoken - _OF_ATTACHING, True

    def is_met_by(self, other: Statement) -> bool:
        """Say whether `other` needs this before it, or takes away what this needs."""
        words = words_of(other.text)
        if not words.isdisjoint(self.names):
            return True
        mentioned = not words.isdisjoint(self.tables)
        if not self.is_plain:
            return mentioned or not self.tables
        if mentioned:
            needs_key = self.is_key and not words.isdisjoint(_NEEDS_A_KEY)
            if needs_key or _is_opaque(other) or not words.isdisjoint(self.columns):
                return True
        if other.operation_types.isdisjoint(_TAKES):
            return False
        return any(_takes_away(one, self.keys, self.spoken) for one in other.of(*_TAKES))


@lru_cache(maxsize=256)
def _moved(sql: str) -> _Moved:
    return _Moved(sql)


def _is_opaque(statement: Statement) -> bool:
    """Say whether it is not told in full what a statement does."""
    return not (statement.operation_types and statement.operation_types.isdisjoint(_UNTOLD))


def _is_key(one: Operation) -> bool:
    if isinstance(one, CreateIndex):
        return one.is_unique
    return isinstance(one, AddConstraint) and one.constraint.kind in _KEYS


def _takes_away(one: Operation, tables: frozenset[str], spoken: frozenset[str]) -> bool:
    """Say whether an operation drops, renames or changes what `spoken` speaks of."""
    match one:
        case DropTable() | RenameTable() | SetSchema():
            return one.table.key in tables
        case DropColumn() | RenameColumn() | AlterColumnType():
            return one.table.key in tables and one.column in spoken
        case DropObject() | RenameObject():
            return one.name.name in spoken
        case _:
            return False


def _tables(one: Operation) -> Iterator[TableName]:
    if isinstance(one, TableOperation):
        yield one.table
    if isinstance(one, AddConstraint) and one.constraint.references is not None:
        yield one.constraint.references
    if isinstance(one, CreateObject | DropObject) and one.on is not None:
        yield one.on


def _names(one: Operation) -> Iterator[str]:
    """Yield the names an operation brings or takes."""
    match one:
        case CreateIndex():
            yield from () if one.index is None else (one.index.name,)
        case DropIndex():
            yield one.index.name
        case AddConstraint():
            yield from () if one.constraint.name is None else (one.constraint.name,)
        case DropConstraint() | ValidateConstraint():
            yield one.name
        case DropObject():
            yield one.name.name
        case RenameConstraint():
            yield from (one.name, one.new_name)
        case RenameTable():
            yield one.new_name
        case _:
            return


def _columns(one: Operation) -> Iterator[str]:
    """Yield the columns an operation brings, takes or tightens."""
    match one:
        case AddColumn():
            yield one.column.name
        case DropColumn() | RenameColumn() | AlterColumnType() | SetNotNull() | DropNotNull():
            yield one.column
        case _:
            return
