"""Rows get another value than running code counts on.

## What it does
Reports `SET DEFAULT` and `DROP DEFAULT` on a column that was there before the migration and had a default.

## Why it matters
The previous release inserts rows without the column and takes the default it knows for granted; Rails even sends the
old default itself where it has cached it. From the moment the migration runs its rows get another value, or the insert
fails where the column is required.

## Bad
```sql title="db/migrations/V151__orders_region.sql"
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '5s';
SET LOCAL idle_in_transaction_session_timeout = '5s';
ALTER TABLE orders ALTER COLUMN region SET DEFAULT 'us'; -- <-
```

## Good
```sql title="db/migrations/V151__orders_region.sql"
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '5s';
SET LOCAL idle_in_transaction_session_timeout = '5s';
COMMENT ON COLUMN orders.region IS 'the release in production sets it itself since May';
```

## Fix
None: the code that relies on the default goes out first.

## References
- [PostgreSQL: changing a column's default](https://www.postgresql.org/docs/current/ddl-alter.html#DDL-ALTER-COLUMN-DEFAULT)

## Equivalent rules
- `hazard:change-default`
- `strong_migrations:change_column_default`
- `online_migrations:change_column_default`
- `squawk:ban-set-default`
- `squawk:ban-drop-default`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import DropDefault, SetDefault
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.rules.migration_words import clause, milder
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import adds_column, changes
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a column whose default changes."""
    found: list[SetDefault | DropDefault] = [*changes(statement, settings, SetDefault)]
    found += changes(statement, settings, DropDefault)
    for one in found:
        if adds_column(statement.migration, one.table, one.column, one.start) is not None:
            continue
        verb = "SET" if isinstance(one, SetDefault) else "DROP"
        what = "has another default" if isinstance(one, SetDefault) else "has no default"
        yield Finding(
            clause(statement, one, verb, "DEFAULT"),
            f"column `{one.table}.{one.column}` {what} from here on",
            detail=f"the previous release inserts into `{one.table}` and counts on the one it knows",
            severity=milder(statement, one),
            equivalents=(
                "hazard:change-default",
                "strong_migrations:change_column_default",
                "online_migrations:change_column_default",
                f"squawk:ban-{verb.lower()}-default",
            ),
        )
