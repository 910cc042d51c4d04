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
Writes the statement itself where the block does nothing but run it, or run it if something is not there yet, which
`IF NOT EXISTS` says. Unsafe: the block may ask for something else. Other blocks have to be decided by whoever writes them.

## References
- [PostgreSQL: DO](https://www.postgresql.org/docs/current/sql-do.html)

## Equivalent rules
- `hazard:ddl-in-do-block`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    CreateIndex,
    CreateTable,
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
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import is_editable
from rollsafe.rules.migration_words import head
from rollsafe.workspace.migrations import going_up
from rollsafe.workspace.settings import Settings

_ROWS: Final = (Insert, Update, Delete, Truncate, LockTable)


@rule(severity=Severity.HINT, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
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
            _fixes(statement, block),
            detail="what it does depends on what it finds in the database it runs in",
        )


def _is_schema(one: Operation) -> bool:
    return isinstance(one, TableOperation | DropIndex | Reindex) and not isinstance(one, _ROWS)


def _what(one: Operation) -> str:
    return f"changes `{one.table}`" if isinstance(one, TableOperation) else "changes an index"


_GUARDED: Final = re.compile(
    r"""\s*BEGIN\s+
        (?:IF\s+NOT\s+EXISTS\s*\((?:[^()]|\([^()]*\))*\)\s*THEN\s+(?P<asked>[^;]+);\s*END\s+IF;\s*
          |(?P<tried>[^;]+);\s*EXCEPTION\s+WHEN\s+duplicate_(?:column|table|object)\s+THEN\s+NULL;\s*
          |(?P<only>[^;]+);\s*)
        END\s*;?\s*""",
    re.X | re.I,
)
"""A block with one statement: guarded by a question, by what it may run into, or not at all."""
_HEAD: Final[dict[type[Operation], re.Pattern[str]]] = {
    AddColumn: re.compile(r"ADD\s+(?:COLUMN\b)?(?!\s+IF\b)", re.I),
    CreateTable: re.compile(r"CREATE\s+TABLE\b(?!\s+IF\b)", re.I),
    CreateIndex: re.compile(r"CREATE\s+(?:UNIQUE\s+)?INDEX\b(?!\s+IF\b)", re.I),
}
"""After what `IF NOT EXISTS` stands."""


def _fixes(statement: Statement, block: DoBlock) -> tuple[Fix, ...]:
    found = _GUARDED.fullmatch(statement.file.slice(block.body))
    if found is None or block.is_dynamic or len(block.operations) != 1 or not is_editable(statement, block):
        return ()
    text = (found["only"] or found["asked"] or found["tried"]).strip()
    if found["only"] is None:
        mark = _HEAD.get(type(block.operations[0]))
        place = mark.search(text) if mark is not None else None
        if place is None and not re.search(r"IF\s+NOT\s+EXISTS", text, re.I):
            return ()
        text = text if place is None else f"{text[: place.end()].rstrip()} IF NOT EXISTS{text[place.end() :]}"
    edit = Edit(Span.of(statement), text)
    return (Fix("Write the statement itself", Safety.UNSAFE, edits=(edit,)),)
