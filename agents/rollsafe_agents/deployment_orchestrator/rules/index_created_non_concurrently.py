"""An index is built while writes to its table wait.

## What it does
Reports `CREATE INDEX` without `CONCURRENTLY` on a table that was there before the migration. Tables made in
the same file are left alone, and an index that `IF NOT EXISTS` finds as earlier migrations have left it; on
tables whose rows come from migrations it is a hint.

## Why it matters
Building an index takes a SHARE lock on the table until the transaction ends. Every INSERT, UPDATE and DELETE
waits for it, connection pools fill up with the waiting ones, and minutes later requests that only read fail
as well. With `CONCURRENTLY` the index takes longer to build and nobody waits.

## Bad
```sql title="db/migrations/20260301100000_orders_by_customer.sql"
-- +goose Up
CREATE INDEX orders_customer_id_idx ON orders (customer_id); -- <-

-- +goose Down
DROP INDEX orders_customer_id_idx;
```

## Good
```sql title="db/migrations/20260301100000_orders_by_customer.sql"
-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY orders_customer_id_idx ON orders (customer_id);

-- +goose Down
DROP INDEX orders_customer_id_idx;
```

## Fix
Adds `CONCURRENTLY` and, where the runner opens a transaction, its switch to leave that out. A file with other
statements keeps those; the index goes to a migration that follows. Unsafe: a build that fails leaves an invalid
index behind that has to be dropped, and a migration that has already run is not to be edited. On a partitioned
table PostgreSQL refuses `CONCURRENTLY`, so nothing is offered.

## References
- [PostgreSQL: building indexes concurrently](https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY)

## Equivalent rules
- `hazard:create-index-non-concurrent`
- `hazard:add-reference-non-concurrent`
- `squawk:require-concurrent-index-creation`
- `pgls:requireConcurrentIndexCreation`
- `pgfence:create-index-not-concurrent`
- `pg-migration-lint:PGM001`
- `eugene:E6`
- `pgrubic:US016`
- `strong_migrations:add_index`
- `strong_migrations:add_reference`
- `online_migrations:add_index`
- `online_migrations:add_reference`
- `django-migration-linter:CREATE_INDEX`
- `django-migration-linter:ADD_UNIQUE`
- `drizzle-migration-lint:create-index-non-concurrently`
- `pandadoc-migration-lint:RESTRICTED`
- `atlas:PG101`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import CreateIndex
from rollsafe.artefacts.migrations.traits import Trait
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.concurrently import concurrent_fixes
from rollsafe.rules.migration_words import REFERENCES, asks_with, by_rows, head
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.indexes import is_there
from rollsafe.workspace.migrations import changes
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import table_before

_COMMON: Final = (
    *("hazard:create-index-non-concurrent", "squawk:require-concurrent-index-creation"),
    *("pgls:requireConcurrentIndexCreation", "pgfence:create-index-not-concurrent"),
    *("pg-migration-lint:PGM001", "eugene:E6", "pgrubic:US016"),
    "django-migration-linter:CREATE_INDEX",
    *("drizzle-migration-lint:create-index-non-concurrently", "pandadoc-migration-lint:RESTRICTED"),
    "atlas:PG101",
)
_OF_INDEX: Final = (*_COMMON, "strong_migrations:add_index", "online_migrations:add_index")
_OF_REFERENCE: Final = (
    *(*_COMMON, "hazard:add-reference-non-concurrent"),
    *("strong_migrations:add_reference", "online_migrations:add_reference"),
)
_OF_UNIQUE: Final = ("django-migration-linter:ADD_UNIQUE",)


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for an index built under a lock on an existing table."""
    if Trait.BLOCKS not in statement.traits:
        return
    for index in changes(statement, settings, CreateIndex):
        if index.concurrently or index.only or is_there(index, statement, graph):
            continue
        name = f"`{index.name}` " if index.name else ""
        known = _OF_REFERENCE if asks_with(statement, index, REFERENCES) else _OF_INDEX
        finding = Finding(
            head(statement, index, "INDEX"),
            f"index {name}is built on `{index.table}` without `CONCURRENTLY`",
            partial(_fixes, statement, index, graph, settings),
            detail=f"writes to `{index.table}` wait behind the SHARE lock until the index is built and the "
            "transaction ends",
            equivalents=(*known, *_OF_UNIQUE) if index.is_unique else known,
        )
        yield by_rows(finding, index.table, statement, graph, settings)


def _fixes(statement: Statement, index: CreateIndex, graph: Graph, settings: Settings) -> tuple[Fix, ...]:
    if table_before(index, statement, graph).is_partitioned:
        return ()
    return concurrent_fixes(statement, index, graph, settings)
