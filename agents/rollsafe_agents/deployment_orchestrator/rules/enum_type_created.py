"""A list of values becomes a type.

## What it does
Reports `CREATE TYPE … AS ENUM`.

## Why it matters
Values of an enum can be added, never removed or put in another order, and adding one is a migration of its own that old
code has to survive. A table of values, or a CHECK on a text column, changes like every other data.

## Bad
```sql title="db/migrations/V144__order_status.sql"
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '5s';
SET LOCAL idle_in_transaction_session_timeout = '5s';
CREATE TYPE order_status AS ENUM ('new', 'paid'); -- <-
```

## Good
```sql title="db/migrations/V144__order_status.sql"
CREATE TABLE IF NOT EXISTS order_statuses (name text PRIMARY KEY);
```

## Fix
None: a table of values changes queries as well.

## References
- [PostgreSQL: enumerated types](https://www.postgresql.org/docs/current/datatype-enum.html)

## Equivalent rules
- `hazard:enum-create`
- `pgls:creatingEnum`
- `eugene:W13`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import CreateEnum
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.rules.migration_words import head
from rollsafe.workspace.migrations import going_up
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.HINT, since="0.1.0", level=Level.AUDITOR)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a type made of a list of values."""
    for one in going_up(statement, settings, CreateEnum):
        yield Finding(
            head(statement, one, "ENUM"),
            f"values of `{one.type}` can be added, and never removed",
            detail="taking a value away means a new type and a rewrite of every column that has it",
        )
