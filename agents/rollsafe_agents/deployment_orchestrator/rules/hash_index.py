"""An index that can only be asked for equality is built.

## What it does
Reports `CREATE INDEX … USING hash`.

## Why it matters
A hash index answers `=` and nothing else: no ordering, no ranges, no prefix of several columns, no uniqueness. The
first query that asks for more reads the whole table. Before PostgreSQL 10 it was not written to the log either: after
a crash, and on every replica, it was broken.

## Bad
```sql title="db/migrations/V140__orders_by_token.sql"
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_token_idx ON orders USING hash (token); -- <-
```

## Good
```sql title="db/migrations/V140__orders_by_token.sql"
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_token_idx ON orders (token);
```

## Fix
Takes the method out, which leaves a B-tree. Unsafe: for long values the B-tree is larger, and it refuses those of more
than 2,704 bytes.

## References
- [PostgreSQL: index types](https://www.postgresql.org/docs/current/indexes-types.html)

## Equivalent rules
- `hazard:index-hash`
- `online_migrations:add_index`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import CreateIndex
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import is_editable
from rollsafe.rules.migration_words import clause
from rollsafe.workspace.migrations import going_up
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for an index of hashes."""
    for index in going_up(statement, settings, CreateIndex):
        if index.method != "hash":
            continue
        place = clause(statement, index, "USING", "HASH")
        name = f"index `{index.name}`" if index.name else "the index"
        yield Finding(
            place,
            f"{name} of `{index.table}` holds hashes",
            _fixes(statement, index, place),
            detail="it answers `=` only, and no other query finds its rows by it",
        )


def _fixes(statement: Statement, index: CreateIndex, place: Span) -> tuple[Fix, ...]:
    if not is_editable(statement, index) or place == Span.of(index):
        return ()
    start = len(statement.file.text[: place.start].rstrip())
    return (Fix("Make it a B-tree", Safety.UNSAFE, edits=(Edit(Span(start, place.end), ""),)),)
