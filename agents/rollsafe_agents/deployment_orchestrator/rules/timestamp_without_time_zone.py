"""A moment is stored without saying where it was.

## What it does
Reports columns of type `timestamp` without time zone.

## Why it matters
A `timestamp` is a reading of a clock nobody names. Servers, drivers and people in other zones, and the hour that
happens twice in autumn, read it as different moments. Changing the type later rewrites the table.

## Bad
```sql title="db/migrations/V104__orders.sql"
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, paid_at timestamp); -- <-
```

## Good
```sql title="db/migrations/V104__orders.sql"
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, paid_at timestamptz);
```

## Fix
Makes it `timestamptz`. Unsafe: drivers hand it over as another type.

## References
- [PostgreSQL wiki: do not use timestamp](https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_timestamp_.28without_time_zone.29)

## Equivalent rules
- `hazard:prefer-timestamptz`
- `squawk:prefer-timestamp-tz`
- `pgls:preferTimestamptz`
- `pgfence:prefer-timestamptz`
- `pg-migration-lint:PGM101`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import AddColumn, AlterColumnType, CreateTable
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.column_types import Typed, about, typed_columns, unless_retyped
from rollsafe.text.records import replace
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a time of no zone."""
    if not statement.does(CreateTable, AddColumn, AlterColumnType):
        return
    for column in typed_columns(statement, settings):
        if column.type.name == "timestamp" and column.type.schema is None:
            fix = Fix("Make it `timestamptz`", Safety.UNSAFE, edits=(_zoned(column),))
            yield replace(
                about(column, "is a `timestamp` without time zone", "its moment depends on who reads it"),
                fixes=() if column.column is None else partial(unless_retyped, fix, column, statement, graph),
            )


def _zoned(column: Typed) -> Edit:
    digits = "".join(f"({number})" for number in column.type.modifiers)
    text = f"timestamptz{digits}{'[]' if column.type.is_array else ''}"
    return Edit(Span(column.type.start, column.type.end), text)
