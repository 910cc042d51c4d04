"""A table is written with its schema here and without it there.

## What it does
Reports a change of a table that is written without its schema where another migration writes `public.` before the same
name, unless the file sets `search_path`.

## Why it matters
Without a schema the first one in `search_path` counts that has such a table. The path is the connection's: where the
migration runs as another user than usual, it makes or changes another table, and those that say `public.` do not.

## Bad
```sql title="db/migrations/V175__codes.sql"
CREATE TABLE IF NOT EXISTS public.codes (id bigint PRIMARY KEY);
```
```sql title="db/migrations/V176__codes.sql"
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '5s';
SET LOCAL idle_in_transaction_session_timeout = '5s';
ALTER TABLE codes ADD COLUMN label text; -- <-
```

## Good
```sql title="db/migrations/V175__codes.sql"
CREATE TABLE IF NOT EXISTS public.codes (id bigint PRIMARY KEY);
```
```sql title="db/migrations/V176__codes.sql"
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '5s';
SET LOCAL idle_in_transaction_session_timeout = '5s';
ALTER TABLE public.codes ADD COLUMN label text;
```

## Fix
None: which table is meant is for a person to say.

## References
- [PostgreSQL: the schema search path](https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATH)

## Equivalent rules
- `hazard:require-table-schema`
- `squawk:require-table-schema`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.definitions import SHAPES
from rollsafe.artefacts.migrations.operations import TableOperation
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.rules.migration_words import opening
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.lineage import shares_history
from rollsafe.workspace.migrations import going_up
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.HINT, since="0.2.0", level=Level.AUDITOR)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a table whose schema is left to the connection here only."""
    for one in going_up(statement, settings, *SHAPES):
        if not isinstance(one, TableOperation) or one.table.schema is not None:
            continue
        if statement.setting("search_path") is None and _is_qualified(one, statement, graph):
            yield Finding(
                opening(statement),
                f"`{one.table}` is `public.{one.table}` in other migrations",
                detail="which table it is depends on the `search_path` of whoever runs the migration",
            )
            return


def _is_qualified(one: TableOperation, statement: Statement, graph: Graph) -> bool:
    found = graph.find(Statement, f"qualified:{one.table.key}")
    return any(shares_history(other.migration, statement.migration) for other in found)
