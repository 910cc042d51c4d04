"""A JSON document is stored as text.

## What it does
Reports columns of type `json`.

## Why it matters
`json` has no equality: `SELECT DISTINCT`, `GROUP BY` and `UNION` over the table fail as soon as the column is among
those selected, also in queries that were there before. It cannot be indexed, and is parsed anew on every access.

## Bad
```sql title="db/migrations/V105__orders.sql"
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, data json); -- <-
```

## Good
```sql title="db/migrations/V105__orders.sql"
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, data jsonb);
```

## Fix
Makes it `jsonb`. Unsafe: blanks, the order of keys and repeated keys are not kept.

## References
- [PostgreSQL: JSON types](https://www.postgresql.org/docs/current/datatype-json.html)

## Equivalent rules
- `hazard:add-column-json`
- `pgls:preferJsonb`
- `pgfence:add-column-json`
- `pg-migration-lint:PGM106`
- `eugene:E3`
- `strong_migrations:add_column_json`
- `online_migrations:add_column_json`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import AddColumn, AlterColumnType, CreateTable
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.column_types import about, typed_columns, unless_retyped
from rollsafe.rules.migration_words import reason_for
from rollsafe.text.records import replace
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for JSON without equality."""
    if not statement.does(CreateTable, AddColumn, AlterColumnType):
        return
    for column in typed_columns(statement, settings):
        if (
            column.type.name == "json"
            and column.type.schema is None
            and not reason_for(statement, column.type)
        ):
            edit = Edit(
                Span(column.type.start, column.type.end), f"jsonb{'[]' if column.type.is_array else ''}"
            )
            yield replace(
                about(
                    column,
                    "is `json`, which has no equality",
                    "`SELECT DISTINCT` over the table fails with it",
                ),
                fixes=partial(
                    unless_retyped,
                    Fix("Make it `jsonb`", Safety.UNSAFE, edits=(edit,)),
                    column,
                    statement,
                    graph,
                ),
            )
