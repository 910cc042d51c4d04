"""A materialized view is filled anew while nobody can read it.

## What it does
Reports `REFRESH MATERIALIZED VIEW` without `CONCURRENTLY` for a view that was there before the migration.

## Why it matters
The refresh runs the view's whole query under an ACCESS EXCLUSIVE lock on the view: everybody who reads it waits until
that is done, and the migration that does it holds the deployment up as long.

## Bad
```sql title="db/migrations/V83__refresh.sql"
REFRESH MATERIALIZED VIEW sales_by_day; -- <-
```

## Good
```sql title="db/migrations/V83__refresh.sql"
REFRESH MATERIALIZED VIEW CONCURRENTLY sales_by_day;
```

## Fix
Adds `CONCURRENTLY`. Unsafe: the view needs a unique index over all of its rows, and has to have been filled before.

## References
- [PostgreSQL: REFRESH MATERIALIZED VIEW](https://www.postgresql.org/docs/current/sql-refreshmaterializedview.html)

## Equivalent rules
- `hazard:refresh-matview`
- `pgls:requireConcurrentRefreshMatview`
- `pgfence:refresh-matview-blocking`
- `pgrubic:US028`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import RefreshView
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import is_editable
from rollsafe.rules.migration_words import head
from rollsafe.workspace.migrations import changes
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a view that cannot be read while it is refreshed."""
    for one in changes(statement, settings, RefreshView):
        # WITH NO DATA empties the view, which is quick and cannot be concurrent.
        if one.concurrently or statement.words(one, "NO", "DATA") is not None:
            continue
        words = head(statement, one, "VIEW")
        fix = Fix("Add `CONCURRENTLY`", Safety.UNSAFE, edits=(Edit(Span.at(words.end), " CONCURRENTLY"),))
        yield Finding(
            words,
            f"materialized view `{one.table}` is refreshed without `CONCURRENTLY`",
            (fix,) if is_editable(statement, one) else (),
            detail=f"readers of `{one.table}` wait behind an ACCESS EXCLUSIVE lock while its query runs",
        )
