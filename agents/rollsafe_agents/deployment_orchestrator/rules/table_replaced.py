"""A table is thrown away to be made again.

## What it does
Reports `DROP TABLE` of a table that was there before the migration and that the same migration creates again, as
`create_table … force: true` of Rails does.

## Why it matters
In the developer's database the table was empty. In production its rows are gone when the migration ends, without an
error, and no way back has them. `force: :cascade` takes every foreign key and view that depends on it along.

## Bad
```sql title="db/migrations/V147__carts.sql"
CREATE TABLE carts (id bigint PRIMARY KEY);
```
```sql title="db/migrations/V148__carts.sql"
DROP TABLE IF EXISTS carts; -- <-
CREATE TABLE carts (id bigint PRIMARY KEY, owner_id bigint);
```

## Good
```sql title="db/migrations/V147__carts.sql"
CREATE TABLE carts (id bigint PRIMARY KEY);
```
```sql title="db/migrations/V148__carts.sql"
ALTER TABLE carts ADD COLUMN owner_id bigint;
```

## Fix
Adds the columns that are new, where earlier migrations tell the old ones and nothing else differs, and takes them away on
the way back. Unsafe: rows that were to go stay. Otherwise what differs has to be altered by hand.

## References
- [Rails: create_table](https://api.rubyonrails.org/classes/ActiveRecord/ConnectionAdapters/SchemaStatements.html#method-i-create_table)

## Equivalent rules
- `hazard:create-table-force`
- `strong_migrations:create_table`
- `strong_migrations:create_join_table`
- `online_migrations:create_table`
- `hazard:drop-table`
- `squawk:ban-drop-table`
- `pgls:banDropTable`
- `pgfence:drop-table`
- `pgrubic:US021`
- `pg-migration-lint:PGM201`
- `pg-migration-lint:PGM202`
- `django-migration-linter:DROP_TABLE`
- `drizzle-migration-lint:drop-table`
- `pandadoc-migration-lint:BACKWARD_INCOMPATIBLE`
- `atlas:DS102`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations import Migration, Statement
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.artefacts.migrations.operations import CreateTable, DropTable
from rollsafe.rules import Confidence, Edit, FileEdit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import Change, is_editable, without
from rollsafe.rules.migration_words import head, milder
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.lineage import order_of
from rollsafe.workspace.migrations import changes, undone_in
from rollsafe.workspace.replacing import made_again
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import table_before

_AGAIN: Final = (
    *("hazard:create-table-force", "strong_migrations:create_table", "strong_migrations:create_join_table"),
    "online_migrations:create_table",
)
_DROPPED: Final = (
    *(
        "hazard:drop-table",
        "squawk:ban-drop-table",
        "pgls:banDropTable",
        "pgfence:drop-table",
        "pgrubic:US021",
    ),
    *("pg-migration-lint:PGM201", "pg-migration-lint:PGM202", "django-migration-linter:DROP_TABLE"),
    *("drizzle-migration-lint:drop-table", "pandadoc-migration-lint:BACKWARD_INCOMPATIBLE", "atlas:DS102"),
)
"""What others say of any table that is dropped."""


@rule(severity=Severity.WARNING, since="0.1.0", confidence=Confidence.MEDIUM, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a table that is dropped and created again."""
    for dropped in changes(statement, settings, DropTable):
        again = made_again(statement, dropped)
        if again is not None:
            known = table_before(dropped, statement, graph).created is not None or not dropped.if_exists
            if not known and _begins_history(statement, graph):
                continue
            yield Finding(
                head(statement, dropped, "TABLE"),
                f"table `{dropped.table}` is dropped and created again, without its rows",
                partial(_fixes, statement, dropped, *again, graph),
                detail=f"the rows of `{dropped.table}` are gone where it has any, and no way back has them",
                severity=milder(statement, dropped),
                equivalents=(*_AGAIN, *_DROPPED) if known else _AGAIN,
            )


def _begins_history(statement: Statement, graph: Graph) -> bool:
    """Say whether a migration is the first of several: nothing before it has made a table."""
    mine = statement.migration
    found = graph.find(Migration, f"dir:{mine.convention.home}")
    others = [one for one in found if one is not mine and not one.is_down]
    place = order_of(mine, graph.rank)
    return bool(others) and all(order_of(one, graph.rank) > place for one in others)


def _fixes(
    statement: Statement, dropped: DropTable, other: Statement, made: CreateTable, graph: Graph
) -> tuple[Fix, ...]:
    if len(statement.operations) != 1 or not is_editable(statement, dropped):
        return ()
    old, removed = table_before(dropped, statement, graph), without(statement)
    new = [one for one in made.columns if one.name not in old.types]
    kept = {one.name: str(one.type) for one in made.columns if one.name in old.types}
    same = kept == {name: str(one) for name, one in old.types.items()}
    if old.created is None or removed is None or not new or not same or made.constraints:
        return ()
    alter = f"ALTER TABLE {made.table.sql} "
    added = alter + ", ".join(f"ADD COLUMN {one.text}" for one in new)
    back = alter + ", ".join(f"DROP COLUMN {quoted(one.name)}" for one in new)
    undone = (
        FileEdit(one.file.path, Edit(Span.of(one), back))
        for one in undone_in(statement.migration, graph)
        if any(gone.table.key == made.table.key for gone in one.of(DropTable))
    )
    change = Change((removed, Edit(Span.of(other), added))).with_edits_of(statement, undone)
    return (change.fix("Add the new columns to the table there is"),)
