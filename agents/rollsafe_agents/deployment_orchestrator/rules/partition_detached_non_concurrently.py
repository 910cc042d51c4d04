"""A partition is detached while nobody can use the table.

## What it does
Reports `DETACH PARTITION` without `CONCURRENTLY` on PostgreSQL 14 and later.

## Why it matters
Detaching takes an ACCESS EXCLUSIVE lock on the partitioned table and on the partition. It waits for every running
query on any of the partitions, and all that come after it, reads included, queue behind it.

## Bad
```sql title="db/migrations/000081_detach.up.sql"
ALTER TABLE events DETACH PARTITION events_2023; -- <-
```

## Good
```sql title="db/migrations/000081_detach.up.sql"
ALTER TABLE events DETACH PARTITION events_2023 CONCURRENTLY;
```

## Fix
Adds `CONCURRENTLY` and, where the runner opens a transaction, its switch to leave that out; Flyway gets a `.conf` file
beside the migration, because it does not notice this statement. Unsafe: a detach that is interrupted has to be finished
with `FINALIZE`, it is refused where there is a default partition, and it leaves a CHECK that repeats the bounds.

## References
- [PostgreSQL: DETACH PARTITION](https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION)

## Equivalent rules
- `hazard:detach-partition`
- `squawk:require-concurrent-partition-detach`
- `pgls:requireConcurrentDetachPartition`
- `pgfence:detach-partition`
- `pg-migration-lint:PGM004`
- `pgrubic:US027`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import DetachPartition
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.concurrently import concurrent_fixes
from rollsafe.rules.migration_words import clause
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import changes, server
from rollsafe.workspace.settings import Settings

_CONCURRENT_SINCE: Final = 14


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a partition detached under a lock."""
    for one in changes(statement, settings, DetachPartition):
        if one.concurrently or server(settings) < _CONCURRENT_SINCE:
            continue
        yield Finding(
            clause(statement, one, "DETACH"),
            f"partition `{one.partition}` is detached from `{one.table}` without `CONCURRENTLY`",
            partial(concurrent_fixes, statement, one, graph, settings),
            detail=f"reads and writes of `{one.table}` wait behind an ACCESS EXCLUSIVE lock, which itself waits for "
            "every running query on it",
        )
