"""A table is read as a whole while it becomes a partition.

## What it does
Reports `ATTACH PARTITION` of a table that was there before the migration, unless an earlier migration gave it a check
constraint that may prove where its rows belong.

## Why it matters
PostgreSQL reads every row of the new partition under an ACCESS EXCLUSIVE lock to see that it belongs there, and
every row of the default partition, if there is one, to see that none of them belongs to the new one.

## Bad
```sql title="db/migrations/V82__attach.sql"
ALTER TABLE events ATTACH PARTITION events_old FOR VALUES FROM (0) TO (1000); -- <-
```

## Good
```sql title="db/migrations/V82__attach.sql"
ALTER TABLE events_old ADD CONSTRAINT events_old_range CHECK (id >= 0 AND id < 1000) NOT VALID;
```

## Fix
None: it takes a check constraint that says what the partition holds, added `NOT VALID`, validated in a transaction of
its own, and then the attaching, which skips the scan.

## References
- [PostgreSQL: partition maintenance](https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE)

## Equivalent rules
- `hazard:attach-partition`
- `pgls:avoidAttachingPartition`
- `pgfence:attach-partition`
- `pg-migration-lint:PGM005`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import AttachPartition
from rollsafe.artefacts.migrations.pieces import ConstraintKind
from rollsafe.rules import Confidence, Finding, Severity, rule
from rollsafe.rules.migration_words import clause
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import changes
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import table_named


@rule(severity=Severity.WARNING, since="0.1.0", confidence=Confidence.MEDIUM)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a table with rows that becomes a partition."""
    for one in changes(statement, settings, AttachPartition):
        if statement.migration.created_tables.get(one.partition.key, one.start) < one.start:
            continue
        partition = table_named(one.partition, statement, one.start, graph)
        checks = (c for c in partition.constraints.values() if c.constraint.kind is ConstraintKind.CHECK)
        if partition.is_doubtful or any(c.is_valid for c in checks):
            continue
        yield Finding(
            clause(statement, one, "ATTACH"),
            f"`{one.partition}` becomes a partition of `{one.table}` by reading all of its rows",
            detail=f"reads and writes of `{one.partition}` wait behind an ACCESS EXCLUSIVE lock while every row is read",
        )
