"""A type gets a value that running code does not know.

## What it does
Reports `ALTER TYPE … ADD VALUE` for a type that was there before the migration.

## Why it matters
As soon as the new release writes the value, the previous one reads it: during the rollout, and after a rollback, code
that handles every value it knows meets one it does not. The value cannot be taken away again.

## Bad
```sql title="db/migrations/V116__refunded.sql"
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '5s';
SET LOCAL idle_in_transaction_session_timeout = '5s';
ALTER TYPE order_status ADD VALUE IF NOT EXISTS 'refunded' AFTER 'done'; -- <-
```

## Good
```sql title="db/migrations/V116__refunded.sql"
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '5s';
SET LOCAL idle_in_transaction_session_timeout = '5s';
COMMENT ON TYPE order_status IS 'refunded follows once all readers know it';
```

## Fix
None: the release that can read the value has to be out everywhere before one that writes it.

## References
- [PostgreSQL: ALTER TYPE](https://www.postgresql.org/docs/current/sql-altertype.html)

## Equivalent rules
- `hazard:enum-add-value`
- `squawk:ban-add-enum-value`
- `pgls:avoidAlterEnumAddValue`
- `pgfence:alter-enum-add-value`
- `drizzle-migration-lint:add-enum-value`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import AddEnumValue, CreateEnum
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.rules.migration_words import clause, milder
from rollsafe.workspace.migrations import changes
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a value added to a type that is in use."""
    for one in changes(statement, settings, AddEnumValue):
        made = statement.migration.of(CreateEnum)
        if any(other.type.key == one.type.key for other in made):
            continue
        yield Finding(
            clause(statement, one, "ADD", "VALUE"),
            f"type `{one.type}` gets the value `{one.value}`",
            detail=f"the previous release meets `{one.value}` as soon as the new one writes it, and it stays",
            severity=milder(statement, one),
        )
