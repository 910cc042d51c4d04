"""All rows of a table are deleted.

## What it does
Reports `TRUNCATE` and `DELETE` without `WHERE` on a table that was there before the migration. Where the same file
lists the table's rows anew, it is told as information only.

## Why it matters
A migration runs in every environment, production included, and what it deletes is gone: no way back brings it.
`TRUNCATE` also takes an ACCESS EXCLUSIVE lock, and with `CASCADE` it empties tables nobody has named.

## Bad
```sql title="db/migrations/V38__add_mismatch_type.sql"
DELETE FROM comparison; -- <-
```

## Good
```sql title="db/migrations/V38__add_mismatch_type.sql"
DELETE FROM comparison WHERE false /* which rows may go */;
```

## Fix
A `DELETE` that says which rows may go, to be completed: whoever writes the migration has to say that. Rows that only test
environments have are deleted there.

## References
- [PostgreSQL: TRUNCATE](https://www.postgresql.org/docs/current/sql-truncate.html)

## Equivalent rules
- `hazard:truncate`
- `hazard:delete-without-where`
- `squawk:ban-truncate-cascade`
- `pgls:banTruncate`
- `pgls:banTruncateCascade`
- `pgls:banDeleteWithoutWhere`
- `pgfence:truncate`
- `pgfence:truncate-cascade`
- `pgfence:delete-without-where`
- `pg-migration-lint:PGM203`
- `pg-migration-lint:PGM204`
- `pg-migration-lint:PGM303`
- `pgrubic:US029`
- `drizzle-migration-lint:truncate-in-migration`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement, TableName
from rollsafe.artefacts.migrations.operations import Delete, Insert, Truncate
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import is_editable
from rollsafe.rules.migration_words import head
from rollsafe.workspace.migrations import changes, later_statements
from rollsafe.workspace.settings import Settings

_TRUNCATE: Final = (
    *("hazard:truncate", "pgls:banTruncate", "pgfence:truncate", "pg-migration-lint:PGM203", "pgrubic:US029"),
    "drizzle-migration-lint:truncate-in-migration",
)
_CASCADE: Final = (
    *("hazard:truncate", "squawk:ban-truncate-cascade", "pgls:banTruncate", "pgls:banTruncateCascade"),
    *("pgfence:truncate-cascade", "pg-migration-lint:PGM204", "pgrubic:US029", "pg-migration-lint:PGM203"),
    "drizzle-migration-lint:truncate-in-migration",
)
_DELETE: Final = (
    *("hazard:delete-without-where", "pgls:banDeleteWithoutWhere", "pgfence:delete-without-where"),
    "pg-migration-lint:PGM303",
)


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.MANUAL)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a table that loses all of its rows."""
    for one in changes(statement, settings, Truncate):
        also = " and all tables that reference it" if one.cascade else ""
        yield Finding(
            head(statement, one, "TRUNCATE"),
            f"all rows of `{one.table}`{also} are deleted",
            _fixes(statement, one),
            detail=f"only a backup brings the rows back; reads and writes of `{one.table}` wait behind an ACCESS "
            "EXCLUSIVE lock until the transaction ends",
            severity=Severity.INFO if _is_filled_anew(statement, one.table) else None,
            equivalents=_CASCADE if one.cascade else _TRUNCATE,
        )
    for delete in changes(statement, settings, Delete):
        if not delete.has_where:
            yield Finding(
                head(statement, delete, "FROM"),
                f"all rows of `{delete.table}` are deleted",
                _fixes(statement, delete),
                detail="only a backup brings the rows back; a `DELETE` without `WHERE` runs in production too",
                severity=Severity.INFO if _is_filled_anew(statement, delete.table) else None,
                equivalents=_DELETE,
            )


def _fixes(statement: Statement, one: Delete | Truncate) -> tuple[Fix, ...]:
    if len(statement.operations) != 1 or not is_editable(statement, one):
        return ()
    text = f"DELETE FROM {one.table.sql} WHERE false /* which rows may go */"
    edit = Edit(Span.of(statement), text)
    return (Fix("Say which rows may go", Safety.MANUAL, edits=(edit,)),)


def _is_filled_anew(statement: Statement, table: TableName) -> bool:
    """Say whether the file lists rows of the table after it was emptied."""
    return any(
        not one.from_query and one.table.key == table.key
        for later in later_statements(statement)
        for one in later.of(Insert)
    )
