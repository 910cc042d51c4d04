"""A column is named twice where it can be once.

## What it does
Reports columns that come twice in one `SET` list, in the columns of an `INSERT` or of `MERGE … INSERT`, in a
`CREATE TABLE`, or in the query of a new view or table.

## Why it matters
PostgreSQL refuses the statement, and the deployment stops in the middle: the migrations before have run, this one has
not. Nothing finds it earlier than the first database it is run on.

## Bad
```sql title="db/migrations/V121__status.sql"
UPDATE orders SET status = 'open', note = '', status = 'new' WHERE id = 1; -- <-
```

## Good
```sql title="db/migrations/V121__status.sql"
UPDATE orders SET status = 'new', note = '' WHERE id = 1;
```

## Fix
None: which of the two is meant is for a person to say.

## References
- [PostgreSQL: UPDATE](https://www.postgresql.org/docs/current/sql-update.html)

## Equivalent rules
- `hazard:duplicate-assignment`
- `squawk:ban-duplicate-column-assignments`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.assignments import repeated_columns
from rollsafe.formats.sql_tokens import NAME, WORD, tokens
from rollsafe.rules import Finding, Severity, Span, rule
from rollsafe.workspace.migrations import is_judged
from rollsafe.workspace.settings import Settings

_KINDS: Final = frozenset({"UPDATE", "INSERT", "MERGE", "CREATE TABLE", "CREATE VIEW", "SELECT", "WITH"})


@rule(severity=Severity.ERROR, since="0.1.0")
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for each name that occurs more than once in a list."""
    if statement.kind not in _KINDS or not is_judged(statement, settings):
        return
    for one in repeated_columns(statement.sql.text):
        yield Finding(
            _place(statement, statement.start + one.start),
            f"column `{one.name}` is named more than once",
            detail="PostgreSQL refuses the statement, and the migration stops here",
        )


def _place(statement: Statement, start: int) -> Span:
    first = next(tokens(statement.file.text, start, statement.end), None)
    end = first.end if first is not None and first.kind in (WORD, NAME) else start + 1
    return Span(start, end)
