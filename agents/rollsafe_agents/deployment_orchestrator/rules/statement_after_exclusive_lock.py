"""A table stays closed while a migration does something else.

## What it does
Reports, once per transaction, the first statement that runs while the transaction already holds an ACCESS EXCLUSIVE
lock on a table that was there before the migration. Quick changes of the same table are left alone.

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
from rollsafe.artefacts.migrations.operations import (
    AttachPartition,
    CreateIndex,
    CreateTable,
    Delete,
    Insert,
    Operation,
    Other,
    TableOperation,
    Update,
)
from rollsafe.rules import Finding, Fix, Level, Related, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import moved_with_rest
from rollsafe.rules.migration_words import opening
from rollsafe.workspace.graph import Graph
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
_MOST: Final = 3
"""Into more migrations than this a fix does not split a file."""
_READS: Final = frozenset({"SELECT", "WITH", "CALL"})


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for what comes after the statement that takes the first exclusive lock."""
    if not statement.does(*_tables()):
        return
    assumed = settings.migrations.assume_in_transaction is not False
    firsts = statement.migration.tells(_firsts, (assumed, server(settings)))
    if (statement.section, statement.index) not in firsts:
        return
    locking, members = _lock(statement, settings), together(statement, settings)
    if locking is None:
        return
    later = next(
        (one for one in members if one.index > statement.index and _counts(one, locking, settings)), None
    )
    if later is not None:
        yield Finding(
            opening(later),
            f"`{later.kind}` runs while `{locking.table}` is locked against reads and writes",
            partial(_fixes, later, locking, settings, graph),
            (Related(statement.file, Span.of(locking), f"`{locking.table}` is locked from here on"),),
            detail=f"reads and writes of `{locking.table}` wait until this statement and all after it are done",
            equivalents=_equivalents(later, locking),
        )


@cache
def _tables() -> tuple[type[TableOperation], ...]:
    return tuple(kind for kind in TableOperation.__subclasses__() if kind not in _NEVER_EXCLUSIVE)


def _locks(one: Operation, version: int) -> bool:
    fact = lock_fact(one, version)
    return fact is not None and fact.blocks_reads


def _lock(statement: Statement, settings: Settings) -> TableOperation | None:
    found = changes(statement, settings, *_tables())
    return next((one for one in found if _locks(one, server(settings))), None)


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
    return any(_locks(one, version) and not is_new(statement, one) for one in statement.of(TableOperation))


def _counts(statement: Statement, locking: TableOperation, settings: Settings) -> bool:
    """Say whether a statement makes the lock last longer in a way that matters."""
    return any(_is_slow(statement, one, locking, settings) for one in statement.all_operations())


def _is_slow(statement: Statement, one: Operation, locking: TableOperation, settings: Settings) -> bool:
    """Say whether it reads or writes rows, or waits for the lock of another table."""
    if isinstance(one, Other):
        return one.kind in _READS
    fact = lock_fact(one, server(settings))
    if fact is None or is_new(statement, one):
        return False
    if isinstance(one, Insert):
        return one.from_query
    if isinstance(one, AttachPartition):
        return True
    same = isinstance(one, TableOperation) and one.table.key == locking.table.key
    return fact.scans or fact.rewrites or (fact.blocks_writes and not same)


def _equivalents(statement: Statement, locking: TableOperation) -> tuple[str, ...]:
    if statement.does(CreateIndex):
        return _INDEX
    others = {one.table.key for one in statement.of(TableOperation)} - {locking.table.key}
    return _OTHER_TABLE if others else _ANY


def _fixes(later: Statement, locking: TableOperation, settings: Settings, graph: Graph) -> tuple[Fix, ...]:
    rest = (later, *later_statements(later))
    if controls_transactions(later) or any(_is_about_new(one) or _is_refused(one) for one in rest):
        return ()
    groups = _groups(rest, settings)
    change = moved_with_rest(groups, f"after {locking.table.name}", graph) if len(groups) <= _MOST else None
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


def _groups(statements: Sequence[Statement], settings: Settings) -> list[list[Statement]]:
    """Return runs of statements of which none keeps a lock of the one before from being let go."""
    groups: list[list[Statement]] = []
    held: list[TableOperation] = []
    for statement in statements:
        if not groups or any(_counts(statement, one, settings) for one in held):
            groups.append([])
            held = []
        groups[-1].append(statement)
        held += [one for one in statement.of(TableOperation) if _locks(one, server(settings))]
    return groups
