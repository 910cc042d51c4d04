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
ALTER TABLE codes ADD CONSTRAINT codes_id_counts CHECK (id > 0) NOT VALID; -- <-
```

## Good
```sql title="db/migrations/V175__codes.sql"
CREATE TABLE IF NOT EXISTS public.codes (id bigint PRIMARY KEY);
```
```sql title="db/migrations/V176__codes.sql"
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '5s';
SET LOCAL idle_in_transaction_session_timeout = '5s';
ALTER TABLE public.codes ADD CONSTRAINT codes_id_counts CHECK (id > 0) NOT VALID;
```

## Fix
Writes `public.` before the name. Unsafe: where the connection's path leads to another table of that name, that one is no
longer meant.

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
from rollsafe.formats.sql_tokens import NAME, WORD, tokens
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import is_editable
from rollsafe.rules.migration_words import opening
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.lineage import shares_history
from rollsafe.workspace.migrations import going_up
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.HINT, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a table whose schema is left to the connection here only."""
    for one in going_up(statement, settings, *SHAPES):
        if not isinstance(one, TableOperation) or one.table.schema is not None:
            continue
        if statement.setting("search_path") is None and _is_qualified(one, statement, graph):
            yield Finding(
                opening(statement),
                f"`{one.table}` is `public.{one.table}` in other migrations",
                _fixes(statement, one),
                detail="which table it is depends on the `search_path` of whoever runs the migration",
            )
            return


def _fixes(statement: Statement, one: TableOperation) -> tuple[Fix, ...]:
    if not is_editable(statement, one):
        return ()
    text, places = statement.file.text, list[int]()
    for token in tokens(text, statement.start, statement.end):
        word = text[token.start : token.end]
        named = word.lower() if token.kind == WORD else word.strip('"')
        if token.kind in (WORD, NAME) and named == one.table.name and text[token.start - 1] != ".":
            places.append(token.start)
    if len(places) != 1:
        return ()
    edit = Edit(Span.at(places[0]), "public.")
    return (Fix("Write `public.` before the name", Safety.UNSAFE, edits=(edit,)),)


def _is_qualified(one: TableOperation, statement: Statement, graph: Graph) -> bool:
    found = graph.find(Statement, f"qualified:{one.table.key}")
    return any(shares_history(other.migration, statement.migration) for other in found)
