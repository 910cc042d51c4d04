"""A table stays closed while a migration does something else.

## What it does
Reports, once per transaction, the first statement that runs while the transaction already holds an ACCESS EXCLUSIVE
lock on a table that was there before the migration. Quick changes of the same table are left alone. Dropping an index
locks the table it belongs to; where the history does not tell which that is, only what reads or writes all rows counts.

## Why it matters
Locks are held until the transaction ends. A change of milliseconds turns into an outage of minutes, if an index build,
an UPDATE or the wait for the next table's lock comes after it in the same transaction: reads and writes of the first
table wait for all of it.

## Bad
```sql title="db/migrations/V110__note.sql"
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
ALTER TABLE orders ADD COLUMN note text;
INSERT INTO audit (what) SELECT 'note of ' || id FROM orders; -- <-
```

## Good
```sql title="db/migrations/V110__note.sql"
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
ALTER TABLE orders ADD COLUMN note text;
```
```sql title="db/migrations/V111__after_orders.sql"
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
INSERT INTO audit (what) SELECT 'note of ' || id FROM orders;
```

## Fix
Moves the statement to a migration that follows. Unsafe: it changes the order of the migration.

## References
- [PostgreSQL: table-level locks](https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES)

## Equivalent rules
- `hazard:statement-after-access-exclusive`
- `hazard:index-build-in-exclusive-transaction`
- `pgls:runningStatementWhileHoldingAccessExclusive`
- `pgls:avoidWideLockWindow`
- `pgfence:statement-after-access-exclusive`
- `pgfence:wide-lock-window`
- `eugene:E4`
- `django-migration-linter:CREATE_INDEX_EXCLUSIVE`
"""

from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import Final

from rollsafe.artefacts.migrations import Direction, Migration, Statement, refuses_transaction
from rollsafe.artefacts.migrations.locks import lock_fact
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import (
    AttachPartition,
    CreateIndex,
    CreateObject,
    CreateTable,
    Delete,
    DropIndex,
    DropObject,
    Insert,
    Operation,
    Other,
    TableOperation,
    Update,
)
from rollsafe.rules import Finding, Fix, Level, Related, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import moved_with_rest
from rollsafe.rules.migration_words import opening
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.indexes import table_of
from rollsafe.workspace.locking import fact_before
from rollsafe.workspace.migrations import (
    changes,
    controls_transactions,
    is_new,
    later_statements,
    server,
    together,
)
from rollsafe.workspace.settings import Settings

_ANY: Final = (
    *("hazard:statement-after-access-exclusive", "pgls:runningStatementWhileHoldingAccessExclusive"),
    *("pgfence:statement-after-access-exclusive", "eugene:E4"),
)
_INDEX: Final = (
    *("hazard:index-build-in-exclusive-transaction", "django-migration-linter:CREATE_INDEX_EXCLUSIVE"),
    *_ANY,
)
_OTHER_TABLE: Final = ("pgls:avoidWideLockWindow", "pgfence:wide-lock-window", *_ANY)
_NEVER_EXCLUSIVE: Final = (CreateTable, CreateIndex, Insert, Update, Delete)
_OF_ITS_TABLE: Final = (DropIndex, CreateObject, DropObject)
"""What is no operation on a table but may lock the one it belongs to: indexes, triggers, policies."""
_MOST: Final = 3
"""Into more migrations than this a fix does not split a file."""
_READS: Final = frozenset({"SELECT", "WITH", "CALL"})


class _Lock(NamedTuple):
    """What takes an exclusive lock, and on which table; None for that of an index nobody tells of."""

    operation: Operation
    table: TableName | None

    @property
    def on(self) -> str:
        """What is locked, for messages."""
        if self.table is None and isinstance(self.operation, DropIndex):
            return f"the table of index `{self.operation.index}`"
        return f"`{self.table}`"

    @property
    def name(self) -> str:
        """What is locked, for the name of a file."""
        if self.table is None and isinstance(self.operation, DropIndex):
            return self.operation.index.name
        return self.table.name if self.table is not None else ""


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for what comes after the statement that takes the first exclusive lock."""
    if not statement.does(*_locking()):
        return
    assumed = settings.migrations.assume_in_transaction is not False
    firsts = statement.migration.tells(_firsts, (assumed, server(settings)))
    if (statement.section, statement.index) not in firsts:
        return
    lock, members = _lock(statement, settings, graph), together(statement, settings)
    if lock is None:
        return
    later = next(
        (one for one in members if one.index > statement.index and _counts(one, lock, settings, graph)), None
    )
    if later is not None:
        yield Finding(
            opening(later),
            f"`{later.kind}` runs while {lock.on} is locked against reads and writes",
            partial(_fixes, later, lock, settings, graph),
            (Related(statement.file, Span.of(lock.operation), f"{lock.on} is locked from here on"),),
            detail=f"reads and writes of {lock.on} wait until this statement and all after it are done",
            equivalents=_equivalents(later, lock, graph),
        )


@cache
def _locking() -> tuple[type[Operation], ...]:
    on_tables = (kind for kind in TableOperation.__subclasses__() if kind not in _NEVER_EXCLUSIVE)
    return (*on_tables, *_OF_ITS_TABLE)


def _locks(one: Operation, version: int) -> bool:
    fact = lock_fact(one, version)
    return fact is not None and fact.blocks_reads


def _lock(statement: Statement, settings: Settings, graph: Graph) -> _Lock | None:
    found = changes(statement, settings, *_locking())
    first = next((one for one in found if _locks(one, server(settings))), None)
    return _Lock(first, table_of(first, statement, graph)) if first is not None else None


def _firsts(migration: Migration, given: tuple[bool, int]) -> frozenset[tuple[Direction, int]]:
    """Return which statements are the first of their transaction to take an exclusive lock, by way and number.

    `given` are whether a runner nobody knows wraps a file, and the version of the server.
    """
    assumed, version = given
    found: dict[tuple[Direction, int], int] = {}
    for section in Direction:
        numbers = migration.groups(section, assumed)
        for statement, number in zip(migration.section(section), numbers, strict=True):
            group = -1 - statement.index if number is None else number
            if (section, group) not in found and _takes_lock(statement, version):
                found[section, group] = statement.index
    return frozenset((section, index) for (section, _), index in found.items())


def _takes_lock(statement: Statement, version: int) -> bool:
    return any(_locks(one, version) and not is_new(statement, one) for one in statement.of(*_locking()))


def _counts(statement: Statement, lock: _Lock, settings: Settings, graph: Graph) -> bool:
    """Say whether a statement makes the lock last longer in a way that matters."""
    return any(_is_slow(statement, one, lock, settings, graph) for one in statement.all_operations())


def _is_slow(statement: Statement, one: Operation, lock: _Lock, settings: Settings, graph: Graph) -> bool:
    """Say whether it reads or writes rows, or waits for the lock of another table."""
    if isinstance(one, Other):
        return one.kind in _READS
    fact = fact_before(one, statement, server(settings), graph)
    if fact is None or is_new(statement, one):
        return False
    if isinstance(one, Insert):
        return one.from_query
    if isinstance(one, AttachPartition) or fact.scans or fact.rewrites:
        return True
    return fact.blocks_writes and _is_elsewhere(statement, one, lock, graph)


def _is_elsewhere(statement: Statement, one: Operation, lock: _Lock, graph: Graph) -> bool:
    """Say whether an operation is known to be about another table than the one that is locked."""
    table = table_of(one, statement, graph)
    if table is None or lock.table is None or table.is_computed or lock.table.is_computed:
        return False
    return table.key != lock.table.key


def _equivalents(statement: Statement, lock: _Lock, graph: Graph) -> tuple[str, ...]:
    if statement.does(CreateIndex):
        return _INDEX
    elsewhere = any(_is_elsewhere(statement, one, lock, graph) for one in statement.all_operations())
    return _OTHER_TABLE if elsewhere else _ANY


def _fixes(later: Statement, lock: _Lock, settings: Settings, graph: Graph) -> tuple[Fix, ...]:
    rest = (later, *later_statements(later))
    if controls_transactions(later) or any(_is_about_new(one) or _is_refused(one) for one in rest):
        return ()
    groups = _groups(rest, settings, graph)
    change = moved_with_rest(groups, f"after {lock.name}", graph) if len(groups) <= _MOST else None
    if change is None:
        return ()
    what = "it" if len(rest) == 1 else "it and what follows"
    where = "a migration of its own" if len(groups) == 1 else f"{len(groups)} migrations"
    return (change.fix(f"Move {what} to {where}"),)


def _is_about_new(statement: Statement) -> bool:
    """Say whether a statement makes, or is about, what is new in its file and would not be in another."""
    made = statement.does(CreateTable)
    return made or any(is_new(statement, one) for one in statement.all_operations())


def _is_refused(statement: Statement) -> bool:
    return any(map(refuses_transaction, statement.operations))


def _groups(statements: Sequence[Statement], settings: Settings, graph: Graph) -> list[list[Statement]]:
    """Return runs of statements of which none keeps a lock of the one before from being let go."""
    groups: list[list[Statement]] = []
    held: list[_Lock] = []
    for statement in statements:
        if not groups or any(_counts(statement, one, settings, graph) for one in held):
            groups.append([])
            held = []
        groups[-1].append(statement)
        locking = (one for one in statement.of(*_locking()) if _locks(one, server(settings)))
        held += [_Lock(one, table_of(one, statement, graph)) for one in locking]
    return groups
