"""An index asks old rows to be unique (MySQL, SQLite).

## What it does
Reports unique indexes and constraints on a table that was there before the migration, in migrations for MySQL and SQLite.

## Why it matters
The statement stops at the first value that is there twice, in the database that has the rows: in production, and in no
test. What the migration did before stays done in MySQL.

## Bad
```sql title="db/mysql/migrations/V5__code.sql"
ALTER TABLE orders ADD UNIQUE KEY orders_code (code), ALGORITHM=INPLACE, LOCK=NONE; -- <-
```

## Good
```sql title="db/mysql/migrations/V5__code.sql"
ALTER TABLE orders ADD KEY orders_code (code), ALGORITHM=INPLACE, LOCK=NONE;
```

## Fix
None: a query before the release tells whether a value is there twice.

## References
- [MySQL: unique indexes](https://dev.mysql.com/doc/refman/8.4/en/create-index.html#create-index-unique)

## Equivalent rules
- `hazard:add-unique-data-dependent`
- `django-migration-linter:ADD_UNIQUE`
- `atlas:MF101`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Dialect, ForeignStatement, Statement
from rollsafe.artefacts.migrations.operations import AddConstraint, CreateIndex, TableOperation
from rollsafe.artefacts.migrations.pieces import ConstraintKind
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.workspace.elsewhere import changes_elsewhere, place_of
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC)
def check(statement: Statement | ForeignStatement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for rows that have to be unique from here on."""
    for dialect in (Dialect.MYSQL, Dialect.SQLITE):
        for one in changes_elsewhere(statement, settings, dialect, CreateIndex, AddConstraint):
            if _is_unique(one):
                yield Finding(
                    place_of(statement, one, one.table.name),
                    f"rows of `{one.table}` that have the same value stop the migration",
                    detail="which there are only the database in production knows",
                )


def _is_unique(one: TableOperation) -> bool:
    match one:
        case CreateIndex():
            return one.is_unique
        case AddConstraint():
            return one.constraint.kind is ConstraintKind.UNIQUE
        case _:
            return False
