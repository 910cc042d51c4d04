"""A timeout is so long that others notice before it ends.

## What it does
Reports a `lock_timeout` of more than 5 seconds, and a `statement_timeout` of more than 10 minutes, in a migration that
locks a table against writes.

## Why it matters
While a statement waits for its lock, every query on the table that comes after it waits behind it. `lock_timeout` says
for how long: after some seconds requests run into their own timeouts, and the service is down for all of them.

## Bad
```sql title="db/migrations/V178__note.sql"
SET LOCAL lock_timeout = '2min'; -- <-
SET LOCAL statement_timeout = '60s';
ALTER TABLE orders ADD COLUMN note text;
```

## Good
```sql title="db/migrations/V178__note.sql"
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
ALTER TABLE orders ADD COLUMN note text;
```

## Fix
Sets `lock_timeout` to 5 seconds, `statement_timeout` to 10 minutes. Unsafe: a migration that cannot get its lock, or is
not done, by then fails and has to be run again.

## References
- [PostgreSQL: lock_timeout](https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT)

## Equivalent rules
- `hazard:missing-lock-timeout`
- `hazard:missing-statement-timeout`
- `pgfence:lock-timeout-too-long`
- `pgfence:statement-timeout-too-long`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import SetSetting
from rollsafe.formats.sql_tokens import NUMBER, STRING, tokens
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import is_editable
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.migrations import going_up, later_statements, makes_wait
from rollsafe.workspace.settings import Settings


class _Limit(NamedTuple):
    milliseconds: int
    value: str
    peers: tuple[str, ...]


_LIMITS: Final = {
    "lock_timeout": _Limit(5_000, "5s", ("hazard:missing-lock-timeout", "pgfence:lock-timeout-too-long")),
    "statement_timeout": _Limit(
        600_000, "10min", ("hazard:missing-statement-timeout", "pgfence:statement-timeout-too-long")
    ),
}


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a timeout that is longer than others can wait."""
    for one in going_up(statement, settings, SetSetting):
        limit = _LIMITS.get(one.name)
        time = one.milliseconds
        if limit is None or time is None or time <= limit.milliseconds:
            continue
        if _locks(statement, settings):
            yield Finding(
                statement,
                f"`{one.name}` of `{one.value}` lets others wait for as long",
                _fixes(statement, one, limit.value),
                detail="every query on the table that comes later waits behind the migration",
                equivalents=limit.peers,
            )


def _locks(statement: Statement, settings: Settings) -> bool:
    """Say whether a later statement makes writers of a table wait."""
    return any(
        makes_wait(later, one, settings)
        for later in later_statements(statement)
        for one in later.all_operations()
    )


def _fixes(statement: Statement, one: SetSetting, value: str) -> tuple[Fix, ...]:
    for token in tokens(statement.file.text, statement.start, statement.end):
        if token.kind in (STRING, NUMBER) and is_editable(statement, one):
            edit = Edit(Span(token.start, token.end), f"'{value}'")
            return (Fix(f"Set `{one.name}` to {value}", Safety.UNSAFE, edits=(edit,)),)
    return ()
