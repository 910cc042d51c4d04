"""SQLite deletes the rows of other tables when a table is made anew.

## What it does
Reports a `DROP TABLE` in a migration for SQLite that puts a new table in its place, while another table references it
with `ON DELETE CASCADE`. `PRAGMA foreign_keys = OFF` before it helps only outside of a transaction.

## Why it matters
Before it drops a table SQLite deletes its rows, and with foreign keys on every row that references one of them goes
too. The new table has its rows again; those of the other table are gone, and nothing fails. In a transaction, which
most tools open, the PRAGMA does nothing.

## Bad
```sql title="db/sqlite/drizzle/0000_init.sql"
CREATE TABLE parent (id integer PRIMARY KEY AUTOINCREMENT);
CREATE TABLE child (parent_id integer REFERENCES parent (id) ON DELETE CASCADE);
```
```sql title="db/sqlite/drizzle/0001_retype.sql"
CREATE TABLE new_parent (id integer PRIMARY KEY AUTOINCREMENT, code text);
INSERT INTO new_parent (id) SELECT id FROM parent;
DROP TABLE parent; -- <-
ALTER TABLE new_parent RENAME TO parent;
```

## Good
```sql title="db/sqlite/drizzle/0000_init.sql"
CREATE TABLE parent (id integer PRIMARY KEY AUTOINCREMENT);
CREATE TABLE child (parent_id integer REFERENCES parent (id) ON DELETE CASCADE);
```
```sql title="db/sqlite/drizzle/0001_retype.sql"
ALTER TABLE parent ADD COLUMN code text;
```

## Fix
None: the rows are saved first, or foreign keys are switched off by the runner, before its transaction.

## References
- [SQLite: DROP TABLE](https://www.sqlite.org/lang_droptable.html)
- [SQLite: PRAGMA foreign_keys](https://www.sqlite.org/pragma.html#pragma_foreign_keys)

## Equivalent rules
- `hazard:recreate-cascade-data-loss`
- `drizzle-migration-lint:recreate-cascade-data-loss`
"""

from collections.abc import Iterator
from typing import TypeAlias

from rollsafe.artefacts.migrations import Dialect, ForeignStatement, Transactions
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    CreateTable,
    DropTable,
    TableOperation,
)
from rollsafe.artefacts.migrations.pieces import Constraint
from rollsafe.rules import Finding, Severity, rule
from rollsafe.workspace.elsewhere import changes_elsewhere, names_made, place_of
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.lineage import order_of
from rollsafe.workspace.settings import Settings

_Place: TypeAlias = tuple[tuple[int, ...], str, int]
"""Where a statement stands in its history."""


@rule(severity=Severity.ERROR, since="0.1.0")
def check(statement: ForeignStatement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a table whose recreation empties another one."""
    for one in changes_elsewhere(statement, settings, Dialect.SQLITE, DropTable):
        if not _comes_back(statement, one) or _are_keys_off(statement):
            continue
        child = _cascading(statement, one, graph)
        if child:
            yield Finding(
                place_of(statement, one, one.table.name),
                f"rows of `{child}` are deleted with `{one.table}`, which the file makes anew",
                detail=f"`{child}` references it with `ON DELETE CASCADE`; only a backup brings its rows back",
            )


def _comes_back(statement: ForeignStatement, dropped: DropTable) -> bool:
    return names_made(statement.migration).get(dropped.table.key, -1) > statement.index


def _are_keys_off(statement: ForeignStatement) -> bool:
    """Say whether foreign keys are off by then; in a transaction the PRAGMA does nothing."""
    if statement.migration.convention.name == "typeorm":
        return True  # it switches them off itself before it begins a transaction
    wrapped = statement.migration.convention.transactions is Transactions.WRAPPED
    return not wrapped and not statement.checks_keys


def _cascading(statement: ForeignStatement, dropped: DropTable, graph: Graph) -> str:
    """Return a table that loses its rows with those of another; empty if none is known."""
    home = statement.migration.convention.home
    children = graph.remember(("cascading", home), lambda: _children(home, graph))
    limit = _place(statement, graph)
    return next((name for place, name in children.get(dropped.table.key, ()) if place < limit), "")


def _place(statement: ForeignStatement, graph: Graph) -> _Place:
    return *order_of(statement.migration, graph.rank), statement.index


def _children(home: str, graph: Graph) -> dict[str, list[tuple[_Place, str]]]:
    """Return the tables whose rows go with those of others: key of the other -> since when, and name."""
    found: dict[str, list[tuple[_Place, str]]] = {}
    for statement in graph.find(ForeignStatement, f"foreign:{home}"):
        for one in statement.of(CreateTable, AddColumn) if not statement.is_down else ():
            for key in _keys(one):
                points = key.references
                if points is not None and key.deletes == "cascade" and one.table.key != points.key:
                    found.setdefault(points.key, []).append((_place(statement, graph), str(one.table)))
    return found


def _keys(one: TableOperation) -> tuple[Constraint, ...]:
    match one:
        case CreateTable():
            return (*(it for column in one.columns for it in column.constraints), *one.constraints)
        case AddColumn():
            return one.column.constraints
        case _:
            return ()
