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
REVOKE ALL ON SCHEMA legacy FROM PUBLIC /* and the roles of the application */;
```

## Fix
Revokes the rights on the schema instead, for the roles to be filled in: whoever still needs it is heard of while it can be
given back. It is dropped by hand after that, and after a backup.

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
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import is_editable
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


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.MANUAL)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for everything in one place being dropped."""
    for one in changes(statement, settings, DropObject):
        if one.object in _EQUIVALENTS and not _is_made_here(statement, one):
            yield Finding(
                head(statement, one, one.object.upper()),
                f"{one.object} `{one.name}` is dropped with all it holds",
                _fixes(statement, one),
                detail="only a backup brings it back, and everything that still uses it fails at once",
                equivalents=_EQUIVALENTS[one.object],
            )


def _fixes(statement: Statement, one: DropObject) -> tuple[Fix, ...]:
    if one.object != "schema" or len(statement.operations) != 1 or not is_editable(statement, one):
        return ()
    text = f"REVOKE ALL ON SCHEMA {one.name.sql} FROM PUBLIC /* and the roles of the application */"
    edit = Edit(Span.of(statement), text)
    return (Fix("Revoke the rights on it first", Safety.MANUAL, edits=(edit,)),)


def _is_made_here(statement: Statement, dropped: DropObject) -> bool:
    return any(
        one.object == dropped.object and one.name.key == dropped.name.key
        for earlier in earlier_statements(statement)
        for one in earlier.of(CreateObject)
    )
