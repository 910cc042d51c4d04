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
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_search_idx ON orders (region, status, kind);
```

## Fix
Keeps the first three columns, to be looked at: which ones queries need only their plans tell.

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
from rollsafe.formats.sql_tokens import tokens
from rollsafe.rules import Confidence, Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import is_editable
from rollsafe.rules.migration_words import head
from rollsafe.workspace.migrations import going_up
from rollsafe.workspace.settings import Settings

_MANY: Final = 4


@rule(
    severity=Severity.HINT, since="0.1.0", level=Level.PEDANTIC, confidence=Confidence.LOW, fix=Safety.MANUAL
)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for an index on many columns."""
    for index in going_up(statement, settings, CreateIndex):
        if not index.is_unique and len(index.columns) >= _MANY:
            name = f"index `{index.name}`" if index.name else "an index"
            yield Finding(
                head(statement, index, "INDEX"),
                f"{name} of `{index.table}` has {len(index.columns)} columns",
                _fixes(statement, index),
                detail="each one slows down every write, and queries seldom use more than the first three",
            )


def _fixes(statement: Statement, index: CreateIndex) -> tuple[Fix, ...]:
    rest = _after_third(statement, index) if is_editable(statement, index) else None
    return (
        () if rest is None else (Fix("Keep the first three columns", Safety.MANUAL, edits=(Edit(rest, ""),)),)
    )


def _after_third(statement: Statement, index: CreateIndex) -> Span | None:
    """Return the place from the third column's end to the end of the list."""
    text, depth, commas, cut = statement.file.text, 0, 0, None
    for token in tokens(text, index.start, index.end):
        word = text[token.start : token.end]
        depth += (word == "(") - (word == ")")
        if word == "," and depth == 1:
            commas += 1
            cut = token.start if commas == _MANY - 1 else cut
        if word == ")" and not depth:
            return Span(cut, token.start) if cut is not None else None
    return None
