"""A trigger is put on, or taken off, a table that is in use.

## What it does
Reports `CREATE TRIGGER` and `DROP TRIGGER` on a table that was there before the migration.

## Why it matters
Creating a trigger takes a SHARE ROW EXCLUSIVE lock, dropping one an ACCESS EXCLUSIVE lock: writes, or everybody, wait
behind it until the transaction ends. From then on every write of the previous release runs code it was never tested
with, or goes without what the trigger kept up to date.

## Bad
```sql title="db/migrations/V115__audit.sql"
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
CREATE OR REPLACE TRIGGER orders_audit AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION audit(); -- <-
```

## Good
```sql title="db/migrations/V115__audit.sql"
CREATE OR REPLACE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
```

## Fix
None: it belongs in a migration of its own, with a timeout, and released apart from the code that relies on it.

## References
- [PostgreSQL: CREATE TRIGGER](https://www.postgresql.org/docs/current/sql-createtrigger.html)

## Equivalent rules
- `hazard:trigger-change`
- `pgls:avoidCreateTrigger`
- `pgls:banDropTrigger`
- `pgfence:create-trigger`
- `pgfence:drop-trigger`
- `pg-migration-lint:PGM020`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import CreateObject, DropObject
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.rules.migration_words import head
from rollsafe.workspace.migrations import changes
from rollsafe.workspace.settings import Settings

_CREATED: Final = ("hazard:trigger-change", "pgls:avoidCreateTrigger", "pgfence:create-trigger")
_DROPPED: Final = (
    "hazard:trigger-change",
    "pgls:banDropTrigger",
    "pgfence:drop-trigger",
    "pg-migration-lint:PGM020",
)


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a trigger of an existing table that comes or goes."""
    for made in changes(statement, settings, CreateObject):
        if made.object == "trigger" and made.on is not None:
            yield Finding(
                head(statement, made, "TRIGGER"),
                f"trigger `{made.name}` is put on `{made.on}`",
                detail=f"writes to `{made.on}` wait behind a SHARE ROW EXCLUSIVE lock until the transaction ends, and "
                "run the trigger from then on",
                equivalents=_CREATED,
            )
    for dropped in changes(statement, settings, DropObject):
        if dropped.object == "trigger" and dropped.on is not None:
            yield Finding(
                head(statement, dropped, "TRIGGER"),
                f"trigger `{dropped.name}` is taken off `{dropped.on}`",
                detail=f"reads and writes of `{dropped.on}` wait behind an ACCESS EXCLUSIVE lock until the transaction "
                "ends, and what the trigger kept up to date no longer is",
                equivalents=_DROPPED,
            )
