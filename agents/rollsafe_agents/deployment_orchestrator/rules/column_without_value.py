"""A column is made required while rows and the previous release have no value for it (MySQL, SQLite).

## What it does
Reports `ADD COLUMN … NOT NULL` without a default, and `MODIFY … NOT NULL`, on a table that was there before the migration,
in migrations for MySQL and SQLite; also a column that is required, and was not, once a table was made anew under its old
name. `required-column-without-default` does it for PostgreSQL.

## Why it matters
MySQL gives old rows an empty string or a zero that nobody has chosen, and in strict mode it refuses every INSERT of the
previous release, which does not name the column. SQLite refuses the statement itself: the deployment stops.

## Bad
```sql title="db/mysql/migrations/V1__region.sql"
ALTER TABLE orders ADD COLUMN region varchar(8) NOT NULL, ALGORITHM=INPLACE, LOCK=NONE; -- <-
```

## Good
```sql title="db/mysql/migrations/V1__region.sql"
ALTER TABLE orders ADD COLUMN region varchar(8) NULL, ALGORITHM=INPLACE, LOCK=NONE;
```

## Fix
None: rows get a value first, and the column becomes required once all releases write it.

## References
- [MySQL: implicit defaults](https://dev.mysql.com/doc/refman/8.4/en/data-type-defaults.html#data-type-defaults-implicit)
- [SQLite: ADD COLUMN](https://www.sqlite.org/lang_altertable.html#alter_table_add_column)

## Equivalent rules
- `hazard:add-column-not-null-no-default`
- `hazard:mysql-implicit-update`
- `hazard:sqlite-nullable-to-not-null`
- `hazard:set-not-null`
- `django-migration-linter:NOT_NULL`
- `atlas:MF103`
- `atlas:MF104`
- `atlas:MY101`
- `atlas:LT101`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Dialect, ForeignStatement, Statement
from rollsafe.artefacts.migrations.operations import AddColumn, CreateTable, SetNotNull
from rollsafe.rules import Finding, Severity, Span, rule
from rollsafe.workspace.elsewhere import changes_elsewhere, place_of
from rollsafe.workspace.foreign_tables import foreign_table, newly_required, recreation
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.settings import Settings

_ADDED: Final = ("hazard:add-column-not-null-no-default", "django-migration-linter:NOT_NULL", "atlas:MF103")
_PEERS: Final = {
    Dialect.MYSQL: (*_ADDED, "hazard:mysql-implicit-update", "atlas:MY101"),
    Dialect.SQLITE: (*_ADDED, "hazard:sqlite-nullable-to-not-null", "atlas:LT101"),
}
_DETAILS: Final = {
    Dialect.MYSQL: "old rows get an empty value that nobody has chosen, and in strict mode MySQL refuses what the "
    "previous release inserts",
    Dialect.SQLITE: "SQLite refuses the statement: `Cannot add a NOT NULL column with default value NULL`",
}
_REQUIRED: Final = ("hazard:set-not-null", "django-migration-linter:NOT_NULL", "atlas:MF104")


@rule(severity=Severity.WARNING, since="0.1.0")
def check(statement: Statement | ForeignStatement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a column that rows, old or new, have no value for."""
    for dialect in _PEERS:
        for one in changes_elsewhere(statement, settings, dialect, AddColumn):
            if one.column.not_null and not one.column.has_value:
                yield Finding(
                    place_of(statement, one, one.column.name),
                    f"required column `{one.table}.{one.column.name}` is added without a default",
                    detail=_DETAILS[dialect],
                    severity=Severity.ERROR if dialect is Dialect.SQLITE else None,
                    equivalents=_PEERS[dialect],
                )
        for change in changes_elsewhere(statement, settings, dialect, SetNotNull):
            if not _was_required(change, statement, graph):
                yield _required(place_of(statement, change, change.column), f"{change.table}.{change.column}")
        for table in changes_elsewhere(statement, settings, dialect, CreateTable):
            yield from _recreated(table, statement, graph)


def _was_required(change: SetNotNull, statement: Statement | ForeignStatement, graph: Graph) -> bool:
    """Say whether `MODIFY` only states again that a column is required."""
    if not isinstance(statement, ForeignStatement):
        return False
    return change.column in foreign_table(change.table, statement, graph).required


def _recreated(made: CreateTable, statement: Statement | ForeignStatement, graph: Graph) -> Iterator[Finding]:
    anew = recreation(made, statement) if isinstance(statement, ForeignStatement) else None
    if anew is None:
        return
    for one in newly_required(anew, graph):
        place, name = place_of(statement, one.column, one.column.name), f"{anew.table}.{one.column.name}"
        if one.is_new:
            yield Finding(
                place,
                f"required column `{name}` is added without a default",
                detail="the table is made anew with it; inserts of the previous release, which do not name it, fail",
                equivalents=_ADDED,
            )
        else:
            yield _required(place, name)


def _required(place: Span, name: str) -> Finding:
    return Finding(
        place,
        f"column `{name}` is required from here on",
        detail="rows that are NULL by then stop the migration, and inserts of the previous release may fail",
        equivalents=_REQUIRED,
    )
