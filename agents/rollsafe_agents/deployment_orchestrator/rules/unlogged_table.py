"""A table loses its rows in a crash.

## What it does
Reports `CREATE UNLOGGED TABLE`.

## Why it matters
An unlogged table is emptied when the server comes back from a crash or a hard restart, is empty on every replica, and
so is empty after a failover. Nothing tells apart that it was full before.

## Bad
```sql title="db/migrations/V125__queue.sql"
CREATE UNLOGGED TABLE IF NOT EXISTS queue (id bigint PRIMARY KEY); -- <-
```

## Good
```sql title="db/migrations/V125__queue.sql"
CREATE TABLE IF NOT EXISTS queue (id bigint PRIMARY KEY);
```

## Fix
Removes `UNLOGGED`. Unsafe: writes become slower, because they are logged.

## References
- [PostgreSQL: UNLOGGED](https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-UNLOGGED)

## Equivalent rules
- `pg-migration-lint:PGM506`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import CreateTable
from rollsafe.formats.sql_tokens import tokens
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import is_editable
from rollsafe.workspace.migrations import going_up
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a table whose rows do not survive."""
    for table in going_up(statement, settings, CreateTable):
        word = statement.words(table, "UNLOGGED") if table.is_unlogged else None
        if word is not None:
            following = next(tokens(statement.file.text, word.end, table.end)).start
            fix = Fix("Remove `UNLOGGED`", Safety.UNSAFE, edits=(Edit(Span(word.start, following), ""),))
            yield Finding(
                word,
                f"table `{table.table}` is unlogged",
                (fix,) if is_editable(statement, table) else (),
                detail=f"the rows of `{table.table}` are gone after a crash and after a failover",
            )
