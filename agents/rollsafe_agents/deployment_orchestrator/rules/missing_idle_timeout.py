"""A migration that loses its runner may keep its locks.

## What it does
Reports the first statement of a migration that locks a table against writes while no
`idle_in_transaction_session_timeout` is in force. A change of the schema that makes nobody wait counts as well if it
runs in a transaction.

## Why it matters
If the runner hangs or its network goes away between two statements, the session stays open in its transaction and
keeps every lock it has. With the timeout the server ends the session by itself.

## Bad
```sql title="db/migrations/V92__note.sql"
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
ALTER TABLE orders ALTER COLUMN note SET STORAGE EXTERNAL; -- <-
```

## Good
```sql title="db/migrations/V92__note.sql"
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
SET LOCAL idle_in_transaction_session_timeout = '60s';
ALTER TABLE orders ALTER COLUMN note SET STORAGE EXTERNAL;
```

## Fix
Sets the timeout before the statement. Unsafe: a runner that pauses for longer loses its transaction.

## References
- [PostgreSQL: idle_in_transaction_session_timeout](https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-IDLE-IN-TRANSACTION-SESSION-TIMEOUT)

## Equivalent rules
- `hazard:missing-idle-timeout`
- `pgls:requireIdleInTransactionTimeout`
- `pgfence:missing-idle-timeout`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Migration
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.timeouts import Timeout, unguarded
from rollsafe.workspace.settings import Settings

_TIMEOUT: Final = Timeout(
    "idle_in_transaction_session_timeout",
    "60s",
    shared="if the runner goes away in the middle, the session keeps the lock until somebody ends it by hand",
    alone="if the runner goes away in the middle, the session stays open and keeps rows from being cleaned up",
    peers=("hazard:missing-idle-timeout", "pgfence:missing-idle-timeout"),
)


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(migration: Migration, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for the first statement whose lock may outlive its runner."""
    yield from unguarded(migration, settings, _TIMEOUT)
