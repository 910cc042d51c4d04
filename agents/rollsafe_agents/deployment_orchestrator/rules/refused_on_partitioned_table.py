"""A statement that PostgreSQL refuses on partitioned tables is run on one.

## What it does
Reports `CREATE INDEX CONCURRENTLY` on a table that an earlier migration creates as partitioned, `DROP INDEX
CONCURRENTLY` of an index of one, and, before PostgreSQL 18, a foreign key of one that is `NOT VALID`.

## Why it matters
PostgreSQL stops with an error, and the deployment with it: the migrations before have run, this one has not. It is
what most advice on safe migrations says to write, and it works on every other table.

## Bad
```sql title="db/migrations/V1__events.sql"
CREATE TABLE events (id bigint, at timestamptz) PARTITION BY RANGE (at);
```
```sql title="db/migrations/V2__events_at.sql"
CREATE INDEX CONCURRENTLY events_at_idx ON events (at); -- <-
```

## Good
```sql title="db/migrations/V1__events.sql"
CREATE TABLE events (id bigint, at timestamptz) PARTITION BY RANGE (at);
```
```sql title="db/migrations/V2__events_at.sql"
CREATE INDEX events_at_idx ON ONLY events (at);
```

## Fix
None: the index is created `ON ONLY` the parent, concurrently on every partition, and attached partition by partition;
the foreign key likewise, partition by partition.

## References
- [PostgreSQL: partitioned tables and indexes](https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY)

## Equivalent rules
- `hazard:concurrently-on-partitioned-parent`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import AddConstraint, CreateIndex, DropIndex
from rollsafe.artefacts.migrations.pieces import ConstraintKind
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.migration_words import clause
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import going_up, server
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import is_on_partitioned_table, table_before

_NOT_VALID_SINCE: Final = 18


@rule(severity=Severity.ERROR, since="0.1.0")
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a statement a partitioned table does not take."""
    for index in going_up(statement, settings, CreateIndex):
        if index.concurrently and table_before(index, statement, graph).is_partitioned:
            yield Finding(
                clause(statement, index, "CONCURRENTLY"),
                f"`CREATE INDEX CONCURRENTLY` is refused on the partitioned table `{index.table}`",
                detail="PostgreSQL stops with 'cannot create index on partitioned table concurrently'",
            )
    for dropped in going_up(statement, settings, DropIndex):
        if dropped.concurrently and is_on_partitioned_table(dropped.index, statement, graph):
            yield Finding(
                clause(statement, dropped, "CONCURRENTLY"),
                f"`DROP INDEX CONCURRENTLY` is refused for `{dropped.index}`, an index of a partitioned table",
                detail="PostgreSQL stops with 'cannot drop partitioned index concurrently'",
            )
    if server(settings) >= _NOT_VALID_SINCE:
        return
    for added in going_up(statement, settings, AddConstraint):
        late = added.constraint.kind is ConstraintKind.FOREIGN and added.constraint.not_valid
        if late and table_before(added, statement, graph).is_partitioned:
            yield Finding(
                clause(statement, added, "NOT", "VALID"),
                f"a foreign key that is `NOT VALID` is refused on the partitioned table `{added.table}`",
                detail="PostgreSQL takes one from version 18 on",
            )
