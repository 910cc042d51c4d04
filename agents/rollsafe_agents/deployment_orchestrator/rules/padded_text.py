"""A text is filled up with blanks.

## What it does
Reports columns of type `char(n)`.

## Why it matters
`char(n)` stores every value filled up with blanks to its length, takes more room than `text` for it, and compares by
other rules than every other text: 'a' and 'a ' are equal here and different everywhere else.

## Bad
```sql title="db/migrations/V103__orders.sql"
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, currency char(3)); -- <-
```

## Good
```sql title="db/migrations/V103__orders.sql"
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, currency text);
```

## Fix
Makes it `text`. Unsafe: code that relies on the blanks has to follow.

## References
- [PostgreSQL wiki: do not use char(n)](https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_char.28n.29)

## Equivalent rules
- `hazard:ban-char`
- `squawk:ban-char-field`
- `pgls:banCharField`
- `pgfence:ban-char-field`
- `pg-migration-lint:PGM103`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import AddColumn, AlterColumnType, CreateTable
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.column_types import about, typed_columns, unless_retyped
from rollsafe.text.records import replace
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a text of fixed length."""
    if not statement.does(CreateTable, AddColumn, AlterColumnType):
        return
    for column in typed_columns(statement, settings):
        if column.type.name == "char" and column.type.schema is None:
            text = "text[]" if column.type.is_array else "text"
            edit = Edit(Span(column.type.start, column.type.end), text)
            yield replace(
                about(
                    column,
                    f"is `{column.type.text}`",
                    "values are stored and compared with blanks at their end",
                ),
                fixes=partial(
                    unless_retyped,
                    Fix("Make it `text`", Safety.UNSAFE, edits=(edit,)),
                    column,
                    statement,
                    graph,
                ),
            )
