"""MySQL lets nobody write to a table while it changes it.

## What it does
Reports, in migrations for MySQL and MariaDB, changes of a table that was there before the migration for which
`LOCK=NONE` is refused: another type of a column, where earlier migrations tell the one it has; `CONVERT TO CHARACTER SET`;
a stored generated column; a numbered one (`AUTO_INCREMENT`); a primary key that goes away without another; a FULLTEXT
or SPATIAL index. `table-copied-for-constraint` reports foreign keys and checks.

## Why it matters
Nearly all of them write the whole table again, and for all of them inserts, updates and deletes wait until the end. On
a table with a hundred million rows that is hours, and no test shows it.

## Bad
```sql title="db/mysql/migrations/V1__orders.sql"
CREATE TABLE orders (id bigint PRIMARY KEY AUTO_INCREMENT, total int NOT NULL);
```
```sql title="db/mysql/migrations/V2__total.sql"
ALTER TABLE orders MODIFY total bigint NOT NULL; -- <-
```

## Good
```sql title="db/mysql/migrations/V1__orders.sql"
CREATE TABLE orders (id bigint PRIMARY KEY AUTO_INCREMENT, total int NOT NULL);
```
```sql title="db/mysql/migrations/V2__total.sql"
ALTER TABLE orders ADD COLUMN total_in_cents bigint NULL, ALGORITHM=INPLACE, LOCK=NONE;
```

## Fix
None: a new column beside the old one, or a tool that copies the table beside the traffic (gh-ost,
pt-online-schema-change), takes steps of its own.

## References
- [MySQL: online DDL operations](https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html)
- [MariaDB: online DDL](https://mariadb.com/kb/en/innodb-online-ddl-operations-with-the-inplace-alter-algorithm/)

## Equivalent rules
- `hazard:change-column-type-rewrite`
- `hazard:add-column-generated-stored`
- `hazard:add-column-serial`
- `strong_migrations:change_column`
- `strong_migrations:add_column_generated_stored`
- `strong_migrations:add_column_auto_incrementing`
- `atlas:MY112`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Dialect, ForeignStatement
from rollsafe.artefacts.migrations.foreign_locks import Way, way_of, way_of_type
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    AlterColumnType,
    AlterTable,
    CreateIndex,
    DropConstraint,
    TableOperation,
)
from rollsafe.artefacts.migrations.pieces import Generated
from rollsafe.rules import Finding, Severity, rule
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.elsewhere import changes_elsewhere, place_of
from rollsafe.workspace.foreign_tables import foreign_table
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.settings import Settings

_KINDS: Final = (AddColumn, AlterColumnType, AlterTable, CreateIndex, DropConstraint)
_DETAILS: Final = {
    Way.COPY: "writes to `{}` wait until all rows are copied; with `LOCK=NONE` the statement is refused",
    Way.ALONE: "writes to `{}` wait until it is done; with `LOCK=NONE` the statement is refused",
}


class _Told(NamedTuple):
    words: str
    name: str
    peers: tuple[str, ...] = ()


@rule(severity=Severity.WARNING, since="0.1.0")
def check(statement: ForeignStatement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a change that makes all writes to its table wait."""
    for one in changes_elsewhere(statement, settings, Dialect.MYSQL, *_KINDS):
        way = _way(one, statement, graph)
        if way is not None and way in _DETAILS:
            told = _told(one, statement, graph)
            yield Finding(
                place_of(statement, one, told.name),
                told.words,
                detail=_DETAILS[way].format(one.table),
                equivalents=told.peers,
            )


def _way(one: TableOperation, statement: ForeignStatement, graph: Graph) -> Way | None:
    if not isinstance(one, AlterColumnType):
        return way_of(one, statement.operations)
    before = foreign_table(one.table, statement, graph).types.get(one.column)
    return way_of_type(before, one.type) if before is not None else None


def _told(one: TableOperation, statement: ForeignStatement, graph: Graph) -> _Told:
    table = one.table
    match one:
        case AlterColumnType():
            before = foreign_table(table, statement, graph).types.get(one.column)
            old, new = before.text if before is not None else "", one.type.text
            return _Told(
                f"`{table}` is copied to change `{one.column}` from `{old}` to `{new}`",
                one.column,
                ("hazard:change-column-type-rewrite", "strong_migrations:change_column", "atlas:MY112"),
            )
        case AddColumn() if one.column.generated is Generated.STORED:
            return _Told(
                f"`{table}` is copied to store the generated column `{one.column.name}`",
                one.column.name,
                ("hazard:add-column-generated-stored", "strong_migrations:add_column_generated_stored"),
            )
        case AddColumn():
            return _Told(
                f"nobody writes to `{table}` while `{one.column.name}` numbers its rows",
                one.column.name,
                ("hazard:add-column-serial", "strong_migrations:add_column_auto_incrementing"),
            )
        case CreateIndex():
            return _Told(
                f"nobody writes to `{table}` while its {one.method} index is built", one.name or "ADD"
            )
        case DropConstraint():
            return _Told(f"`{table}` is copied to lose its primary key", "PRIMARY")
        case _:
            return _Told(f"`{table}` is copied to convert its text to another character set", "CONVERT")
