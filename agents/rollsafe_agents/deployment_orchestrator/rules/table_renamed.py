"""A table is renamed or moved while a release that knows its old name is running.

## What it does
Reports `ALTER TABLE … RENAME TO` and `ALTER TABLE … SET SCHEMA` for a table that was there before the migration,
unless the same file makes a view with the old name. With a comment that says why, it is told as information only.
Places of the application's code that still say the old name are shown beside it.

## Why it matters
The rename is instant, and so is the failure: until the rollout is done, every query of the previous release on
the table fails. Rolling the release back does not help, because the old name stays away until the migration is
undone as well.

## Bad
```sql title="db/migrations/V19__rename_orders.sql"
ALTER TABLE orders RENAME TO purchases; -- <-
```

## Good
```sql title="db/migrations/V19__rename_orders.sql"
ALTER TABLE orders RENAME TO purchases;
CREATE VIEW orders AS SELECT * FROM purchases;
```

## Fix
Adds a view with the old name, through which the previous release reads and writes as before. Unsafe: a view has
no defaults of its own for `ON CONFLICT` and no foreign keys can point at it; a later migration has to drop it.

## References
- [PostgreSQL: updatable views](https://www.postgresql.org/docs/current/sql-createview.html#SQL-CREATEVIEW-UPDATABLE-VIEWS)

## Equivalent rules
- `hazard:rename-table`
- `squawk:renaming-table`
- `squawk:ban-set-schema`
- `hazard:rename-schema-object`
- `pgls:renamingTable`
- `pgfence:rename-table`
- `pg-migration-lint:PGM504`
- `pgrubic:US022`
- `strong_migrations:rename_table`
- `online_migrations:rename_table`
- `django-migration-linter:RENAME_TABLE`
- `drizzle-migration-lint:rename-table`
- `pandadoc-migration-lint:RESTRICTED`
- `atlas:BC101`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations import Statement, TableName
from rollsafe.artefacts.migrations.operations import (
    AlterColumnType,
    CreateObject,
    DropColumn,
    DropObject,
    DropTable,
    RenameTable,
    SetSchema,
    TableOperation,
)
from rollsafe.formats.yaml_edit import eol_of
from rollsafe.rules import Edit, FileEdit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import Change, after, is_editable
from rollsafe.rules.migration_order import after_all
from rollsafe.rules.migration_ups import words_of
from rollsafe.rules.migration_words import clause, milder
from rollsafe.rules.named_in_code import counted, related, uses_of
from rollsafe.text.records import replace
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import changes, undone_in
from rollsafe.workspace.settings import Settings

_RENAMED: Final = (
    *("hazard:rename-table", "squawk:renaming-table", "pgls:renamingTable", "pgfence:rename-table"),
    *("pg-migration-lint:PGM504", "pgrubic:US022", "strong_migrations:rename_table", "atlas:BC101"),
    *("online_migrations:rename_table", "django-migration-linter:RENAME_TABLE"),
    *("drizzle-migration-lint:rename-table", "pandadoc-migration-lint:RESTRICTED"),
)
_MOVED: Final = ("hazard:rename-schema-object", "squawk:ban-set-schema")
_HELD_BY_A_VIEW: Final = (DropColumn, AlterColumnType, DropTable, RenameTable, SetSchema)
"""What PostgreSQL refuses to do to a table that a view selects from, or the view would not follow."""


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a table whose old name stops to work."""
    for one in changes(statement, settings, RenameTable):
        if one.table.is_computed:
            continue  # it may well be a table that the program has just made
        new = one.table.sibling(one.new_name)
        where = clause(statement, one, "RENAME")
        yield from _judge(statement, one, new, where, f"table `{one.table}` is renamed to `{new}`", graph)
    for move in changes(statement, settings, SetSchema):
        new = TableName(move.schema, move.table.name)
        where = clause(statement, move, "SET", "SCHEMA")
        message = f"table `{move.table}` moves to schema `{move.schema}`"
        found = _judge(statement, move, new, where, message, graph)
        yield from (replace(one, equivalents=_MOVED) for one in found)


def _judge(
    statement: Statement,
    one: TableOperation,
    new: TableName,
    where: Span,
    message: str,
    graph: Graph,
) -> Iterator[Finding]:
    if _has_view(statement, one.table) or _is_swapped(statement, one.table):
        return
    uses = uses_of(statement, one.table, graph)
    yield Finding(
        where,
        message,
        partial(_fixes, statement, one, new, graph),
        detail=f"queries of the running release on `{one.table}` fail from the moment this commits until it is "
        f"replaced everywhere{counted(uses)}",
        related=related(uses, str(one.table)),
        severity=milder(statement, one),
        equivalents=_RENAMED,
    )


def _has_view(statement: Statement, old: TableName) -> bool:
    views = statement.migration.of(CreateObject)
    return any(one.object == "view" and one.name.key == old.key for one in views)


def _is_swapped(statement: Statement, old: TableName) -> bool:
    """Say whether the file puts another table in the place of the old one, or drops it after all."""
    made = statement.migration.created_tables
    renames, drops = statement.migration.of(RenameTable), statement.migration.of(DropTable)
    taken = any(one.table.sibling(one.new_name).key == old.key for one in renames)
    dropped = any(one.table.key == old.key for one in drops)
    return old.key in made or taken or dropped


def _fixes(statement: Statement, one: TableOperation, new: TableName, graph: Graph) -> tuple[Fix, ...]:
    if not is_editable(statement, one) or _changes_later(statement, one.table, new, graph):
        return ()
    view = f"CREATE VIEW {one.table.sql} AS SELECT * FROM {new.sql}"
    change = Change((after(statement, view),)).with_edits_of(statement, _without_view(statement, one, graph))
    return (change.fix("Add a view with the old name"),)


def _changes_later(statement: Statement, old: TableName, new: TableName, graph: Graph) -> bool:
    """Say whether a view would be in the way: of the old name, or of a column that it would hold fast."""
    return any(
        old.name in words_of(later.sql.text)
        or any(one.table.key == new.key for one in later.of(*_HELD_BY_A_VIEW))
        for later in after_all(statement, graph)
    )


def _without_view(statement: Statement, renamed: TableOperation, graph: Graph) -> Iterator[FileEdit]:
    """Yield the edits by which the way back drops the view before the table takes its name again."""
    undoing = undone_in(statement.migration, graph)
    if any(one.name.key == renamed.table.key for back in undoing for one in back.of(DropObject)):
        return
    for back in undoing:
        for one in back.of(RenameTable):
            if one.table.sibling(one.new_name).key == renamed.table.key:
                drop = f"DROP VIEW {renamed.table.sql};{eol_of(back.file.text)}"
                yield FileEdit(back.file.path, Edit(Span.at(back.start), drop))
