"""Triggers are switched off and stay off.

## What it does
Reports `DISABLE TRIGGER` on a table that was there before the migration, where the file does not enable it again.
Enabling and disabling in one file is said at level `pedantic`.

## Why it matters
A disabled trigger is disabled for everybody: what it kept up to date, audit rows, totals, and with `ALL` the foreign
keys themselves, is no longer kept by any session, and nothing says so. The lock makes writes to the table wait.

## Bad
```sql title="db/migrations/V88__bulk.sql"
ALTER TABLE orders DISABLE TRIGGER ALL; -- <-
```

## Good
```sql title="db/migrations/V88__bulk.sql"
SET LOCAL session_replication_role = replica;
```

## Fix
None: whether the trigger is to be enabled again, dropped, or skipped for one session is for a person to say.

## References
- [PostgreSQL: DISABLE TRIGGER](https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-DISABLE-ENABLE-TRIGGER)

## Equivalent rules
- `hazard:trigger-change`
- `squawk:ban-disable-trigger`
- `pgls:avoidEnableDisableTrigger`
- `pgfence:enable-disable-trigger`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import AlterTable
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.rules.migration_words import clause
from rollsafe.workspace.migrations import changes, later_statements
from rollsafe.workspace.settings import Settings

_PEDANTIC = ("hazard:trigger-change", "pgls:avoidEnableDisableTrigger", "pgfence:enable-disable-trigger")


@rule(severity=Severity.WARNING, since="0.1.0")
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for triggers that no longer run."""
    for one in changes(statement, settings, AlterTable):
        verb, _, rest = one.action.partition(" ")
        if not rest.startswith("trigger") or verb not in ("enable", "disable"):
            continue
        lasting = verb == "disable" and not _is_enabled_again(statement, one)
        yield Finding(
            clause(statement, one, verb.upper(), "TRIGGER"),
            f"triggers of `{one.table}` are {verb}d" + (" and stay so" if lasting else ""),
            detail=f"writes to `{one.table}` wait behind a SHARE ROW EXCLUSIVE lock, and what its triggers keep up to "
            "date is kept by nobody while they are off",
            severity=None if lasting else Severity.INFO,
            level=None if lasting else Level.PEDANTIC,
            equivalents=None if lasting else _PEDANTIC,
        )


def _is_enabled_again(statement: Statement, disabled: AlterTable) -> bool:
    return any(
        one.action.startswith("enable") and "trigger" in one.action and one.table.key == disabled.table.key
        for later in later_statements(statement)
        for one in later.of(AlterTable)
    )
