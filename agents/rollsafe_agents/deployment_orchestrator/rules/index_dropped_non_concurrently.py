"""An index is dropped while everybody who uses its table waits.

## What it does
Reports `DROP INDEX` without `CONCURRENTLY` for an index that was there before the migration, unless its table is dropped as well.

## Why it matters
Dropping an index takes an ACCESS EXCLUSIVE lock on its table. The drop itself is quick, but it first waits for
every running query on the table, and everything that comes after it, reads included, queues behind it. One long
report is enough to stop the service.

## Bad
```sql title="db/migrations/000012_drop_orders_note_idx.up.sql"
DROP INDEX orders_note_idx; -- <-
```

## Good
```sql title="db/migrations/000012_drop_orders_note_idx.up.sql"
DROP INDEX CONCURRENTLY orders_note_idx;
```

## Fix
Adds `CONCURRENTLY` and, where the runner opens a transaction, its switch to leave that out. In a file with other
statements the drop goes to a migration that follows. Unsafe: it changes the order of the migration. PostgreSQL refuses
to drop an index of a partitioned table concurrently, so nothing is offered for one.

## References
- [PostgreSQL: DROP INDEX](https://www.postgresql.org/docs/current/sql-dropindex.html)

## Equivalent rules
- `hazard:drop-index-non-concurrent`
- `squawk:require-concurrent-index-deletion`
- `pgls:requireConcurrentIndexDeletion`
- `pgfence:drop-index-not-concurrent`
- `pg-migration-lint:PGM002`
- `pgrubic:US019`
- `strong_migrations:remove_index`
- `online_migrations:remove_index`
- `django-migration-linter:DROP_INDEX`
- `pandadoc-migration-lint:RESTRICTED`
- `atlas:PG102`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import DropIndex, DropTable
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.concurrently import concurrent_fixes
from rollsafe.rules.migration_words import head
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import changes
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import index_before, is_on_partitioned_table


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for an index dropped under a lock on its table."""
    for index in changes(statement, settings, DropIndex):
        if index.concurrently:
            continue
        made = index_before(index.index, statement, graph)
        if made is not None and _is_dropped(made[1].table, statement):
            continue
        partitioned = is_on_partitioned_table(index.index, statement, graph)
        table = f"`{made[1].table}`" if made is not None else "its table"
        yield Finding(
            head(statement, index, "INDEX"),
            f"index `{index.index}` is dropped without `CONCURRENTLY`",
            () if partitioned else partial(concurrent_fixes, statement, index, graph, settings),
            detail=f"the drop waits for running queries on {table} with an ACCESS EXCLUSIVE lock, and all that "
            "come after it wait behind it",
        )


def _is_dropped(table: TableName, statement: Statement) -> bool:
    """Say whether the file drops the table, with all that waits for it."""
    others = statement.migration.section(statement.section)
    return any(one.table.key == table.key for other in others for one in other.of(DropTable))
