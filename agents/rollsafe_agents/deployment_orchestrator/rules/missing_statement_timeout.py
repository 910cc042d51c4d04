"""A statement of a migration may hold its lock without end.

## What it does
Reports the first statement of a migration that locks a table against writes while no `statement_timeout` is in force.
Runners and connection strings can set one as well, which no file tells. At level `auditor` it reports the first
statement that makes nobody wait, such as CREATE INDEX CONCURRENTLY or a change of a table made in the same file, as
well.

## Why it matters
A statement that turns out slow, because the table is larger than it was in the tests, keeps its lock until it is
done. With a timeout it gives up, the lock is released and the service goes on.

## Bad
```sql title="db/migrations/V91__note.sql"
SET LOCAL lock_timeout = '5s';
ALTER TABLE orders ADD COLUMN note text; -- <-
```

## Good
```sql title="db/migrations/V91__note.sql"
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
ALTER TABLE orders ADD COLUMN note text;
```

## Fix
Sets `statement_timeout` before the statement. Unsafe: a migration that takes longer fails.

## References
- [PostgreSQL: statement_timeout](https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-STATEMENT-TIMEOUT)

## Equivalent rules
- `hazard:missing-statement-timeout`
- `squawk:require-statement-timeout`
- `squawk:require-timeout-settings`
- `pgls:requireStatementTimeout`
- `pgfence:missing-statement-timeout`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Migration
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.timeouts import Timeout, unguarded
from rollsafe.workspace.settings import Settings

_TIMEOUT: Final = Timeout(
    "statement_timeout",
    "60s",
    shared="however long the statement takes, it keeps its lock, and others wait for it",
    alone="however long the statement takes, the deployment waits for it",
    peers=(
        *("hazard:missing-statement-timeout", "squawk:require-statement-timeout"),
        *("squawk:require-timeout-settings", "pgfence:missing-statement-timeout"),
    ),
)


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(migration: Migration, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for the first statement that may hold a lock without end."""
    yield from unguarded(migration, settings, _TIMEOUT)
