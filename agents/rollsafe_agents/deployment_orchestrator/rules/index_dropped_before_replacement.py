"""Queries are without an index until the new one is built.

## What it does
Reports `DROP INDEX` where the file builds another index that begins with the same column of the same table afterwards,
and each of the two is committed by itself. An index that is built again with the same definition, after `IF EXISTS`, is
left alone: that is how a build that has failed is repeated.

## Why it matters
A concurrent build takes minutes to hours on a large table, and it can fail. All that time the queries that need the
index read the whole table; they time out, and the database is busy with them.

## Bad
```sql title="db/migrations/V169__orders.sql"
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, created_at timestamptz);
CREATE INDEX orders_customer_idx ON orders (customer_id);
```
```sql title="db/migrations/V170__wider_index.sql"
DROP INDEX CONCURRENTLY orders_customer_idx; -- <-
CREATE INDEX CONCURRENTLY orders_customer_time_idx ON orders (customer_id, created_at);
```

## Good
```sql title="db/migrations/V169__orders.sql"
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, created_at timestamptz);
CREATE INDEX orders_customer_idx ON orders (customer_id);
```
```sql title="db/migrations/V170__wider_index.sql"
CREATE INDEX CONCURRENTLY orders_customer_time_idx ON orders (customer_id, created_at);
DROP INDEX CONCURRENTLY orders_customer_idx;
```

## Fix
Builds the new index first, where the two statements follow each other and the names differ. Unsafe: for a while there
is room needed for both.

## References
- [PostgreSQL: building indexes concurrently](https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY)

## Equivalent rules
- `hazard:replace-index-non-atomic`
- `online_migrations:replace_index`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import CreateIndex, DropIndex
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import is_editable
from rollsafe.rules.migration_words import head
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import changes, is_wrapped, later_statements
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import index_before


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for an index that goes away before the one that takes its place is there."""
    for dropped in changes(statement, settings, DropIndex):
        made = index_before(dropped.index, statement, graph)
        found = _replacement(statement, dropped, made[1]) if made is not None else None
        if made is None or found is None:
            continue
        later, new = found
        if not new.concurrently and is_wrapped(later, settings, graph, unknown=True):
            continue
        yield Finding(
            head(statement, dropped, "INDEX"),
            f"queries of `{new.table}` by `{new.columns[0]}` are without an index until "
            f"`{new.name or 'the new one'}` is built",
            _fixes(statement, dropped, later, new),
            detail=f"they read all of `{new.table}` in the meantime, and for longer if the build fails",
        )


def _replacement(
    statement: Statement, dropped: DropIndex, old: CreateIndex
) -> tuple[Statement, CreateIndex] | None:
    """Return the index that takes the place of one, and its statement."""
    for later in later_statements(statement):
        for new in later.of(CreateIndex):
            if new.table.key != old.table.key or not old.columns[0] or new.columns[:1] != old.columns[:1]:
                continue
            is_repeated = dropped.if_exists and new.name == old.name and new.columns == old.columns
            return None if is_repeated else (later, new)
    return None


def _fixes(statement: Statement, dropped: DropIndex, later: Statement, new: CreateIndex) -> tuple[Fix, ...]:
    follow = later.index == statement.index + 1
    alone = len(statement.operations) == len(later.operations) == 1
    whole = is_editable(statement, dropped) and is_editable(later, new)
    if not (follow and alone and whole) or new.name in (None, dropped.index.name):
        return ()
    edits = (Edit(Span.of(statement), later.text), Edit(Span.of(later), statement.text))
    return (Fix("Build the new index first", Safety.UNSAFE, edits=edits),)
