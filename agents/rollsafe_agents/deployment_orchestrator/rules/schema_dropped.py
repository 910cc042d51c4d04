"""A schema or a whole database is dropped.

## What it does
Reports `DROP SCHEMA` and `DROP DATABASE` for what was there before the migration.

## Why it matters
Everything in it is gone: tables, rows, functions, rights. Only a backup brings it back, and everything that is still
running against it fails at once.

## Bad
```sql title="db/migrations/V85__drop_legacy.sql"
DROP SCHEMA legacy CASCADE; -- <-
```

## Good
```sql title="db/migrations/V85__drop_legacy.sql"
REVOKE USAGE ON SCHEMA legacy FROM app;
```

## Fix
None: whether anybody still needs it is for a person to say. Revoke the rights first, and drop it by hand after a
backup.

## References
- [PostgreSQL: DROP SCHEMA](https://www.postgresql.org/docs/current/sql-dropschema.html)

## Equivalent rules
- `hazard:drop-database-schema`
- `squawk:ban-drop-database`
- `squawk:ban-drop-schema`
- `pgls:banDropDatabase`
- `pgls:banDropSchema`
- `pgfence:drop-database`
- `pgfence:drop-schema`
- `pgfence:drop-schema-cascade`
- `pg-migration-lint:PGM205`
- `pgrubic:US007`
- `pgrubic:US008`
- `pgrubic:US009`
- `atlas:DS101`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import CreateObject, DropObject
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.migration_words import head
from rollsafe.workspace.migrations import changes, earlier_statements
from rollsafe.workspace.settings import Settings

_EQUIVALENTS: Final = {
    "schema": (
        *(
            "hazard:drop-database-schema",
            "squawk:ban-drop-schema",
            "pgls:banDropSchema",
            "pgfence:drop-schema",
        ),
        *("pgfence:drop-schema-cascade", "pg-migration-lint:PGM205", "pgrubic:US008", "pgrubic:US009"),
        "atlas:DS101",
    ),
    "database": (
        *("hazard:drop-database-schema", "squawk:ban-drop-database", "pgls:banDropDatabase"),
        *("pgfence:drop-database", "pgrubic:US007"),
    ),
}


@rule(severity=Severity.ERROR, since="0.1.0")
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for everything in one place being dropped."""
    for one in changes(statement, settings, DropObject):
        if one.object in _EQUIVALENTS and not _is_made_here(statement, one):
            yield Finding(
                head(statement, one, one.object.upper()),
                f"{one.object} `{one.name}` is dropped with all it holds",
                detail="only a backup brings it back, and everything that still uses it fails at once",
                equivalents=_EQUIVALENTS[one.object],
            )


def _is_made_here(statement: Statement, dropped: DropObject) -> bool:
    return any(
        one.object == dropped.object and one.name.key == dropped.name.key
        for earlier in earlier_statements(statement)
        for one in earlier.of(CreateObject)
    )
