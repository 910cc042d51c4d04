"""Rows are rewritten in the transaction of a migration.

## What it does
Reports `UPDATE` without `WHERE` on a table that was there before the migration, and an `UPDATE` that fills a column
which the same transaction adds. An `UPDATE` of some rows, or of a table whose rows come from migrations, is said at
level `pedantic` only, and so is a `DELETE` of some rows; an `INSERT` is said at level `auditor`.

## Why it matters
Every changed row stays locked until the transaction ends, and every change of the schema made before holds its
ACCESS EXCLUSIVE lock for as long: with a column added in the same transaction the table is closed while it is
filled. The rows are written a second time, which the next vacuum has to clean up.

## Bad
```sql title="db/migrations/20260301100000_currency/migration.sql"
ALTER TABLE orders ADD COLUMN currency text;
UPDATE orders SET currency = 'EUR'; -- <-
```

## Good
```sql title="db/migrations/20260301100000_currency/migration.sql"
ALTER TABLE orders ADD COLUMN currency text DEFAULT 'EUR';
```

## Fix
None: rows are filled in batches, each in a transaction of its own, by a job outside of the migration. A constant
value needs no filling at all, if it is the column's default from the start.

## References
- [PostgreSQL: explicit locking](https://www.postgresql.org/docs/current/explicit-locking.html)

## Equivalent rules
- `hazard:backfill-in-migration`
- `pgls:banUpdateWithoutWhere`
- `pgfence:update-in-migration`
- `pandadoc-migration-lint:DATA_MIGRATION`
- `pg-migration-lint:PGM301`
- `pg-migration-lint:PGM302`
- `pg-migration-lint:PGM303`
- `strong_migrations:execute`
- `online_migrations:execute`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.locks import lock_fact
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    Delete,
    DoBlock,
    Insert,
    Update,
)
from rollsafe.rules import Confidence, Finding, Level, Severity, rule
from rollsafe.rules.migration_words import by_rows, head
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.indexes import table_of
from rollsafe.workspace.migrations import before_in_transaction, changes, is_new, server
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import is_lookup

_WHOLE: Final = (
    *("hazard:backfill-in-migration", "pgls:banUpdateWithoutWhere", "pgfence:update-in-migration"),
    *("pg-migration-lint:PGM302", "strong_migrations:execute", "online_migrations:execute"),
    "pandadoc-migration-lint:DATA_MIGRATION",
)
_BOUNDED: Final = (
    "pandadoc-migration-lint:DATA_MIGRATION",
    *("hazard:backfill-in-migration", "pgfence:update-in-migration", "pg-migration-lint:PGM302"),
)


@rule(severity=Severity.WARNING, since="0.1.0")
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for rows that are rewritten as part of a migration."""
    for update in changes(statement, settings, Update):
        if _commits_in_between(statement, update):
            continue
        held = before_in_transaction(statement, settings)
        filled = _filled(held, update)
        whole = not update.has_where
        few_rows = is_lookup(update.table, statement, graph)
        finding = Finding(
            head(statement, update, "UPDATE"),
            _message(update, filled),
            detail=_detail(statement, held, update, settings, graph),
            severity=None if whole or filled else Severity.INFO,
            confidence=None if whole else Confidence.MEDIUM,
            level=Level.PEDANTIC if few_rows or not (whole or filled) else None,
            equivalents=_WHOLE if whole else _BOUNDED,
        )
        yield by_rows(finding, update.table, statement, graph, settings)
    yield from _other_rows(statement, settings)


def _commits_in_between(statement: Statement, update: Update) -> bool:
    """Say whether a block goes over the rows in batches, with a transaction for each."""
    if not statement.does(DoBlock):
        return False
    blocks = (one for one in statement.of(DoBlock) if one.start < update.start < one.end)
    return any(_BATCHES.search(statement.file.slice(one.body)) for one in blocks)


_BATCHES: Final = lazily(r"\bLOOP\b.*\bCOMMIT\s*;.*\bEND\s+LOOP\b", re.I | re.S)


def _other_rows(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield findings for rows that are deleted or put in: hygiene, as long as they are few."""
    for delete in changes(statement, settings, Delete):
        if delete.has_where:
            yield Finding(
                head(statement, delete, "FROM"),
                f"rows of `{delete.table}` are deleted in a migration",
                detail="only a backup brings them back, and they stay locked until the transaction ends",
                severity=Severity.INFO,
                confidence=Confidence.MEDIUM,
                level=Level.PEDANTIC,
                equivalents=("hazard:backfill-in-migration", "pg-migration-lint:PGM303"),
            )
    for insert in changes(statement, settings, Insert):
        yield Finding(
            head(statement, insert, "INTO"),
            f"rows are put into `{insert.table}` by a migration",
            detail="they come into every environment, tests and copies of production included",
            severity=Severity.HINT,
            confidence=Confidence.MEDIUM,
            level=Level.AUDITOR,
            equivalents=("hazard:backfill-in-migration", "pg-migration-lint:PGM301"),
        )


def _message(update: Update, filled: str) -> str:
    if filled:
        return f"column `{update.table}.{filled}` is filled in the transaction that adds it"
    rows = "rows" if update.has_where else "every row"
    return f"{rows} of `{update.table}` {'are' if update.has_where else 'is'} rewritten in a migration"


def _filled(held: tuple[Statement, ...], update: Update) -> str:
    """Return a column of the update that the same transaction adds; empty if there is none."""
    for earlier in held:
        for one in earlier.of(AddColumn):
            if one.table.key == update.table.key and one.column.name in update.columns:
                return one.column.name
    return ""


def _detail(
    statement: Statement, held: tuple[Statement, ...], update: Update, settings: Settings, graph: Graph
) -> str:
    """Say who waits: readers too, if the transaction holds the table's strongest lock already."""
    for earlier in held:
        for one in earlier.all_operations():
            fact = lock_fact(one, server(settings))
            if fact is None or not fact.blocks_reads or is_new(earlier, one):
                continue
            table = table_of(one, earlier, graph)
            if table is not None and table.key == update.table.key:
                return (
                    f"`{update.table}` is locked against reads and writes from line "
                    f"{statement.file.line_number(one)} on until all rows are written"
                )
    return f"the changed rows of `{update.table}` stay locked until the transaction ends"
