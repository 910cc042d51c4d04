"""A migration waits for a lock for ever, and everybody else behind it.

## What it does
Reports the first statement of a migration that locks a table against writes while no `lock_timeout` is in force.
Runners and connection strings can set one as well, which no file tells. At level `auditor` it reports the first
statement that only waits itself, such as CREATE INDEX CONCURRENTLY, or that changes a table made in the same file, as
well. A new table with a foreign key locks the table it points at.

## Why it matters
A statement that waits for its lock blocks everything that comes after it. One long-running query on the table, a
report or a forgotten session, and the migration waits behind it while all other requests wait behind the migration.
With a timeout it gives up after seconds and can be tried again.

## Bad
```sql title="db/migrations/V90__note.sql"
SET LOCAL statement_timeout = '60s';
ALTER TABLE orders ADD COLUMN note text; -- <-
```

## Good
```sql title="db/migrations/V90__note.sql"
SET LOCAL statement_timeout = '60s';
SET LOCAL lock_timeout = '5s';
ALTER TABLE orders ADD COLUMN note text;
```

## Fix
Sets `lock_timeout` before the statement. Unsafe: a migration that cannot get its lock fails and has to be run again.

## References
- [PostgreSQL: lock_timeout](https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT)

## Equivalent rules
- `hazard:missing-lock-timeout`
- `hazard:new-table-fk-locks-parent`
- `squawk:require-lock-timeout`
- `squawk:require-timeout-settings`
- `pgls:lockTimeoutWarning`
- `pgfence:missing-lock-timeout`
- `pgfence:lock-timeout-after-dangerous-statement`
- `pgfence:lock-timeout-zero`
- `eugene:E9`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Migration
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.timeouts import Timeout, unguarded
from rollsafe.workspace.settings import Settings

_PEERS: Final = (
    *("hazard:missing-lock-timeout", "squawk:require-lock-timeout", "squawk:require-timeout-settings"),
    "pgfence:missing-lock-timeout",
)
_TIMEOUT: Final = Timeout(
    "lock_timeout",
    "5s",
    shared="a query that is running on it makes the statement wait, and all that come after wait behind it",
    alone="another session that changes the same thing makes the deployment wait for as long as it takes",
    peers=_PEERS,
    shared_peers=(
        *(*_PEERS, "pgls:lockTimeoutWarning", "pgfence:lock-timeout-after-dangerous-statement"),
        *("pgfence:lock-timeout-zero", "eugene:E9"),
    ),
)


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(migration: Migration, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for the first statement that may wait for its lock without end."""
    yield from unguarded(migration, settings, _TIMEOUT)
