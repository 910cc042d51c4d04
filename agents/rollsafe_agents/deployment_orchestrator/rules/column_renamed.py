"""A column is renamed while a release that knows its old name is running.

## What it does
Reports `RENAME COLUMN` on a table that was there before the migration. With a comment that says why, it is told
as information only.

## Why it matters
The rename is instant, and so is the failure: until the rollout is done, every query of the previous release that
names the column fails. Rolling the release back does not help, because the old name stays away until the
migration is undone as well.

## Bad
```sql title="db/migrations/V18__rename_total.sql"
ALTER TABLE orders RENAME COLUMN total TO total_cents; -- <-
```

## Good
```sql title="db/migrations/V18__rename_total.sql"
ALTER TABLE orders ADD COLUMN total_cents bigint;
```

## Fix
None: it takes a new column that both names are written to, a backfill, a switch of the readers and a later
migration that drops the old one. A view with the old names does for tables that are only read.

## References
- [Parallel change](https://martinfowler.com/bliki/ParallelChange.html)

## Equivalent rules
- `hazard:rename-column`
- `squawk:renaming-column`
- `pgls:renamingColumn`
- `pgfence:rename-column`
- `pg-migration-lint:PGM505`
- `pgrubic:US003`
- `strong_migrations:rename_column`
- `online_migrations:rename_column`
- `django-migration-linter:RENAME_COLUMN`
- `drizzle-migration-lint:rename-column`
- `atlas:BC102`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import RenameColumn
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.migration_words import milder
from rollsafe.workspace.migrations import adds_column, changes
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.WARNING, since="0.1.0")
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a column whose old name stops to work."""
    for column in changes(statement, settings, RenameColumn):
        if adds_column(statement.migration, column.table, column.column, column.start) is not None:
            continue
        words = statement.words(column, "RENAME")
        yield Finding(
            words or column,
            f"column `{column.table}.{column.column}` is renamed to `{column.new_name}`",
            detail=f"queries of the running release that name `{column.column}` fail from the moment this commits "
            "until it is replaced everywhere",
            severity=milder(statement, column),
        )
