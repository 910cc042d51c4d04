"""A foreign key is written where MySQL passes over it.

## What it does
Reports `REFERENCES` in the definition of a column, in migrations for MySQL.

## Why it matters
Before version 9 MySQL reads the clause and does nothing. Rows may point at nothing from the first day, and nobody sees
it until something else relies on it.

## Bad
```sql title="db/mysql/migrations/V4__lines.sql"
CREATE TABLE order_lines (
    id bigint PRIMARY KEY AUTO_INCREMENT,
    order_id bigint REFERENCES orders (id) -- <-
);
```

## Good
```sql title="db/mysql/migrations/V4__lines.sql"
CREATE TABLE order_lines (
    id bigint PRIMARY KEY AUTO_INCREMENT,
    order_id bigint,
    FOREIGN KEY (order_id) REFERENCES orders (id)
);
```

## Fix
None: rows that are there already have to fit first.

## References
- [MySQL: FOREIGN KEY constraints](https://dev.mysql.com/doc/refman/8.4/en/ansi-diff-foreign-keys.html)

## Equivalent rules
- `hazard:mysql-inline-references`
- `atlas:MY102`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Dialect, ForeignStatement, Statement
from rollsafe.artefacts.migrations.operations import AddColumn, CreateTable, TableOperation
from rollsafe.artefacts.migrations.pieces import Column, ConstraintKind
from rollsafe.rules import Finding, Severity, rule
from rollsafe.workspace.elsewhere import changes_elsewhere, place_of
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.WARNING, since="0.1.0")
def check(statement: Statement | ForeignStatement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a foreign key that does nothing."""
    for one in changes_elsewhere(statement, settings, Dialect.MYSQL, CreateTable, AddColumn):
        for column in _columns(one):
            key = column.constraint(ConstraintKind.FOREIGN)
            if key is not None:
                yield Finding(
                    place_of(statement, column, column.name),
                    f"MySQL passes over `REFERENCES {key.references}` of column `{one.table}.{column.name}`",
                    detail="before version 9 only `FOREIGN KEY` as a clause of the table counts",
                )


def _columns(one: TableOperation) -> tuple[Column, ...]:
    match one:
        case CreateTable():
            return one.columns
        case AddColumn():
            return (one.column,)
        case _:
            return ()
