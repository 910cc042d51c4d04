"""An index has more columns than queries use of one.

## What it does
Reports an index on four or more columns that is not unique.

## Why it matters
Each column makes every write to the table slower and the index larger, while queries seldom get further than the first
two or three: from the first column on that a query does not fix, the rest only filters.

## Bad
```sql title="db/migrations/V141__orders_search.sql"
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_search_idx ON orders (region, status, kind, created_at); -- <-
```

## Good
```sql title="db/migrations/V141__orders_search.sql"
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_search_idx ON orders (region, created_at);
```

## Fix
None: which columns queries need only their plans tell.

## References
- [PostgreSQL: multicolumn indexes](https://www.postgresql.org/docs/current/indexes-multicolumn.html)

## Equivalent rules
- `hazard:index-too-many-columns`
- `strong_migrations:add_index_columns`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import CreateIndex
from rollsafe.rules import Confidence, Finding, Level, Severity, rule
from rollsafe.rules.migration_words import head
from rollsafe.workspace.migrations import going_up
from rollsafe.workspace.settings import Settings

_MANY: Final = 4


@rule(severity=Severity.HINT, since="0.2.0", level=Level.PEDANTIC, confidence=Confidence.LOW)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for an index on many columns."""
    for index in going_up(statement, settings, CreateIndex):
        if not index.is_unique and len(index.columns) >= _MANY:
            name = f"index `{index.name}`" if index.name else "an index"
            yield Finding(
                head(statement, index, "INDEX"),
                f"{name} of `{index.table}` has {len(index.columns)} columns",
                detail="each one slows down every write, and queries seldom use more than the first three",
            )
