"""Code that expects a value meets NULL.

## What it does
Reports `DROP NOT NULL` on a table that was there before the migration.

## Why it matters
The previous release, reports and other readers have never seen a NULL in this column. The first row without a value
makes them fail, far away from the change, and making the column required again fails on the same row.

## Bad
```sql title="db/migrations/V114__optional.sql"
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
ALTER TABLE orders ALTER COLUMN email DROP NOT NULL; -- <-
```

## Good
```sql title="db/migrations/V114__optional.sql"
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
ALTER TABLE orders ALTER COLUMN email SET DEFAULT '';
```

## Fix
None: the readers have to be able to handle it first.

## References
- [PostgreSQL: not-null constraints](https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-NOT-NULL)

## Equivalent rules
- `hazard:drop-not-null`
- `squawk:ban-drop-not-null`
- `pgls:banDropNotNull`
- `pgfence:drop-not-null`
- `pg-migration-lint:PGM507`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import DropNotNull
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.rules.migration_words import clause, milder
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import changes
from rollsafe.workspace.restating import takes_effect
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a column that may be empty from now on."""
    for one in changes(statement, settings, DropNotNull):
        if not takes_effect(one, statement, graph):
            continue
        yield Finding(
            clause(statement, one, "DROP", "NOT", "NULL"),
            f"column `{one.table}.{one.column}` may be NULL from here on",
            detail=f"readers of `{one.column}` that were written for a value fail on the first row without one",
            severity=milder(statement, one),
        )
