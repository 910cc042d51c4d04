"""A change of the schema is hidden in a program.

## What it does
Reports `DO` blocks that create, alter or drop tables and indexes.

## Why it matters
What a block does depends on what it finds when it runs: reviewers read a program instead of a statement, tools see
nothing of it, and a branch that was not taken in the test database is taken in production. The locks are those of its
statements, all held until the end.

## Bad
```sql title="db/migrations/V147__orders_note.sql"
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '5s';
SET LOCAL idle_in_transaction_session_timeout = '5s';
DO $$ -- <-
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_attribute WHERE attname = 'note') THEN
        ALTER TABLE orders ADD COLUMN note text;
    END IF;
END
$$;
```

## Good
```sql title="db/migrations/V147__orders_note.sql"
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '5s';
SET LOCAL idle_in_transaction_session_timeout = '5s';
ALTER TABLE orders ADD COLUMN IF NOT EXISTS note text;
```

## Fix
None: what the block decides has to be decided by whoever writes the migration.

## References
- [PostgreSQL: DO](https://www.postgresql.org/docs/current/sql-do.html)

## Equivalent rules
- `hazard:ddl-in-do-block`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import (
    Delete,
    DoBlock,
    DropIndex,
    Insert,
    LockTable,
    Operation,
    Reindex,
    TableOperation,
    Truncate,
    Update,
)
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.rules.migration_words import head
from rollsafe.workspace.migrations import going_up
from rollsafe.workspace.settings import Settings

_ROWS: Final = (Insert, Update, Delete, Truncate, LockTable)


@rule(severity=Severity.HINT, since="0.2.0", level=Level.PEDANTIC)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a block that changes the schema."""
    for block in going_up(statement, settings, DoBlock):
        changed = next((one for one in block.operations if _is_schema(one)), None)
        if changed is None and not block.is_dynamic:
            continue
        what = _what(changed) if changed is not None else "runs SQL that it puts together"
        yield Finding(
            head(statement, block, "DO"),
            f"a `DO` block {what}",
            detail="what it does depends on what it finds in the database it runs in",
        )


def _is_schema(one: Operation) -> bool:
    return isinstance(one, TableOperation | DropIndex | Reindex) and not isinstance(one, _ROWS)


def _what(one: Operation) -> str:
    return f"changes `{one.table}`" if isinstance(one, TableOperation) else "changes an index"
