"""The length of a text is part of its type.

## What it does
Reports columns of type `varchar(n)`.

## Why it matters
`varchar(n)` is stored like `text` and no faster. When the limit turns out too small, making it larger takes an ACCESS
EXCLUSIVE lock, making it smaller rewrites the table. A check constraint does the same and changes without either.

## Bad
```sql title="db/migrations/V102__orders.sql"
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, note varchar(100)); -- <-
```

## Good
```sql title="db/migrations/V102__orders.sql"
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, note text);
```

## Fix
Makes it `text`. Unsafe: longer values are taken from then on.

## References
- [PostgreSQL wiki: do not use varchar(n) by default](https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_varchar.28n.29_by_default)

## Equivalent rules
- `hazard:prefer-text`
- `squawk:prefer-text-field`
- `pgls:preferTextField`
- `pgfence:prefer-text-field`
- `pg-migration-lint:PGM108`
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


@rule(severity=Severity.HINT, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a text with a length."""
    if not statement.does(CreateTable, AddColumn, AlterColumnType):
        return
    for column in typed_columns(statement, settings):
        if column.type.name == "varchar" and column.type.modifiers:
            yield replace(
                about(
                    column,
                    f"is `{column.type}`",
                    "another length is another type, which takes a lock to change",
                ),
                fixes=partial(_fixes, column, statement, graph),
            )


def _fixes(column: Typed, statement: Statement, graph: Graph) -> tuple[Fix, ...]:
    if any(one.using is not None for one in statement.of(AlterColumnType)):
        return ()  # the cast names the type once more
    text = "text[]" if column.type.is_array else "text"
    edit = Edit(Span(column.type.start, column.type.end), text)
    fix = Fix("Make it `text`", Safety.UNSAFE, edits=(edit,))
    return unless_retyped(fix, column, statement, graph)
