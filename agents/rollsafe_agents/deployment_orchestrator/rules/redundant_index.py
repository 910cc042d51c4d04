"""An index does what another one does already.

## What it does
Reports `CREATE INDEX` on columns with which another index of the table, or that of a primary key or unique constraint,
begins, and one that makes an earlier index needless. Indexes with a condition, an expression, another order or another
method are left alone, and so is one that some migration drops.

## Why it matters
Every INSERT, and most UPDATEs, write both indexes; both take room in memory and on disk, and vacuum reads both. No
query is any faster for it.

## Bad
```sql title="db/migrations/V160__orders.sql"
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, customer_id bigint, created_at timestamptz);
CREATE INDEX IF NOT EXISTS orders_customer_time_idx ON orders (customer_id, created_at);
CREATE INDEX IF NOT EXISTS orders_customer_idx ON orders (customer_id); -- <-
```

## Good
```sql title="db/migrations/V160__orders.sql"
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, customer_id bigint, created_at timestamptz);
CREATE INDEX IF NOT EXISTS orders_customer_time_idx ON orders (customer_id, created_at);
```

## Fix
Leaves the index out where another one does all it does. Unsafe: a shorter one may be wanted because it fits into memory.

## References
- [PostgreSQL: multicolumn indexes](https://www.postgresql.org/docs/current/indexes-multicolumn.html)

## Equivalent rules
- `hazard:index-duplicate`
- `pg-migration-lint:PGM508`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import CreateIndex
from rollsafe.rules import Finding, Fix, Level, Related, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import is_editable, left_out
from rollsafe.rules.migration_order import after_all
from rollsafe.rules.migration_ups import words_of
from rollsafe.rules.migration_words import head
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.indexes import Index, is_dropped, plain_indexes
from rollsafe.workspace.migrations import going_up
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for an index that another one makes needless, or that makes another one so."""
    for index in going_up(statement, settings, CreateIndex):
        if not index.is_plain or index.name is None or is_dropped(index, statement, graph):
            continue
        for other in plain_indexes(index.table, statement, index.start, graph):
            found = _compared(statement, index, other, graph) if other.name != index.name else None
            if found is not None:
                yield found
                break


def _compared(statement: Statement, index: CreateIndex, other: Index, graph: Graph) -> Finding | None:
    columns = ", ".join(index.columns)
    fixes: partial[tuple[Fix, ...]] | tuple[Fix, ...] = ()
    if other.covers(index.columns) and (not index.is_unique or other.is_unique):
        if index.is_unique and other.columns != index.columns:
            return None
        message = f"index `{index.name}` on `{index.table} ({columns})` does what `{other.name}` does"
        fixes = partial(_fixes, statement, index, graph)
    elif index.columns[: len(other.columns)] == other.columns and not other.is_unique:
        message = f"index `{index.name}` on `{index.table} ({columns})` does what `{other.name}` did"
    else:
        return None
    return Finding(
        head(statement, index, "INDEX"),
        message,
        fixes,
        related=_places(other),
        detail=f"every change of `{index.table}` writes both, and no query is faster with both",
    )


def _fixes(statement: Statement, index: CreateIndex, graph: Graph) -> tuple[Fix, ...]:
    rests = any(index.name in words_of(one.sql.text) for one in after_all(statement, graph))
    change = left_out(statement, graph) if is_editable(statement, index) and not rests else None
    return (change.fix("Leave the index out"),) if change is not None else ()


def _places(other: Index) -> tuple[Related, ...]:
    if other.made is None:
        return ()
    statement, made = other.made
    return (Related(statement.file, Span.of(made), f"`{other.name}` is created here"),)
