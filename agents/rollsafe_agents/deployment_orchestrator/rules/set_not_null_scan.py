"""A column is made required while nobody can use its table.

## What it does
Reports `SET NOT NULL` on a table that was there before the migration, unless a valid `CHECK (column IS NOT NULL)`
proves that there is nothing to look for (PostgreSQL 12 and later). A primary key made of an index over a column that
may be NULL makes it required in the same way.

## Why it matters
PostgreSQL reads the whole table under an ACCESS EXCLUSIVE lock to find a NULL. Reads and writes wait until that is
done; if it finds one the deployment stops. The previous release, which may still write NULL, fails from then on.

## Bad
```sql title="db/migrations/V41__note_is_required.sql"
ALTER TABLE orders ALTER COLUMN note SET NOT NULL; -- <-
```

## Good
```sql title="db/migrations/V41__note_is_required.sql"
ALTER TABLE orders ADD CONSTRAINT orders_note_not_null CHECK (note IS NOT NULL) NOT VALID;
```
```sql title="db/migrations/V42__enforce_orders_note_not_null.sql"
ALTER TABLE orders VALIDATE CONSTRAINT orders_note_not_null;
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
ALTER TABLE orders DROP CONSTRAINT orders_note_not_null;
```

## Fix
Adds a check that is `NOT VALID`, which refuses new NULLs at once, and a migration that follows: it validates the
check under a lock that lets reads and writes through, and then makes the column required without a scan. Unsafe:
the column counts as nullable until then. Before PostgreSQL 12 the scan cannot be avoided.
A primary key made of an index is added after that, in one more migration.

## References
- [PostgreSQL: SET NOT NULL](https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-NOT-NULL)

## Equivalent rules
- `hazard:set-not-null`
- `hazard:change-column-with-not-null`
- `hazard:add-pk-using-index-nullable`
- `squawk:adding-not-nullable-field`
- `pgls:addingNotNullField`
- `pgfence:alter-column-set-not-null`
- `pg-migration-lint:PGM013`
- `eugene:E2`
- `eugene:W14`
- `pgfence:add-pk-using-index`
- `pgrubic:US010`
- `strong_migrations:change_column_null`
- `strong_migrations:change_column_null_postgresql`
- `strong_migrations:change_column_with_not_null`
- `online_migrations:change_column_null`
- `online_migrations:change_column_with_not_null`
- `django-migration-linter:NOT_NULL`
- `drizzle-migration-lint:set-not-null`
- `pandadoc-migration-lint:BACKWARD_INCOMPATIBLE`
- `atlas:MF104`
- `atlas:PG303`
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.artefacts.migrations.operations import (
    AddConstraint,
    AlterColumnType,
    DropConstraint,
    DropDefault,
    DropNotNull,
    SetDefault,
    SetNotNull,
    TableOperation,
)
from rollsafe.artefacts.migrations.pieces import ConstraintKind
from rollsafe.rules import FileEdit, Finding, Fix, Safety, Severity, rule
from rollsafe.rules.migration_edits import fitting, is_editable, then_later
from rollsafe.rules.migration_steps import Step
from rollsafe.rules.migration_words import by_rows, clause
from rollsafe.text import Edit, Span
from rollsafe.text.records import replace
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.locking import CHECK_HELPS_SINCE
from rollsafe.workspace.migrations import changes, server, undone_in
from rollsafe.workspace.restating import takes_effect
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import index_before, table_before

_SCAN: Final = (
    *("hazard:set-not-null", "squawk:adding-not-nullable-field", "pgls:addingNotNullField", "eugene:E2"),
    *("pgfence:alter-column-set-not-null", "pg-migration-lint:PGM013", "pgrubic:US010", "atlas:PG303"),
    *("strong_migrations:change_column_null", "strong_migrations:change_column_null_postgresql"),
    *("online_migrations:change_column_null", "drizzle-migration-lint:set-not-null", "atlas:MF104"),
    *("django-migration-linter:NOT_NULL", "pandadoc-migration-lint:BACKWARD_INCOMPATIBLE"),
)
_WITH_DEFAULT: Final = (
    *("hazard:set-not-null", "squawk:adding-not-nullable-field", "pgls:addingNotNullField", "eugene:E2"),
    *("pgfence:alter-column-set-not-null", "pg-migration-lint:PGM013", "pgrubic:US010", "atlas:PG303"),
    *("strong_migrations:change_column_null", "strong_migrations:change_column_null_postgresql"),
    *("online_migrations:change_column_null", "drizzle-migration-lint:set-not-null"),
)
"""What others say of a column that has a default, so that the previous release can insert."""
_WITH_TYPE: Final = (
    *("hazard:change-column-with-not-null", "strong_migrations:change_column_with_not_null"),
    "online_migrations:change_column_with_not_null",
)
_KEY: Final = ("hazard:add-pk-using-index-nullable", "eugene:W14", "pgfence:add-pk-using-index")
Offer = tuple[Fix, ...] | Callable[[], tuple[Fix, ...]]


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a column that is made required by a scan under a lock."""
    for change in changes(statement, settings, SetNotNull):
        if not takes_effect(change, statement, graph):
            continue
        table = table_before(change, statement, graph)
        helps = server(settings) >= CHECK_HELPS_SINCE
        if not (helps and table.is_filled(change.column)) and change.column not in table.required:
            fixes = partial(_fixes, statement, change, settings, graph) if helps else ()
            finding = _finding(statement, change, change.column, fixes)
            yield by_rows(finding, change.table, statement, graph, settings)
    for added in changes(statement, settings, AddConstraint):
        constraint = added.constraint
        if constraint.kind is ConstraintKind.NOT_NULL and not constraint.not_valid and constraint.columns:
            finding = _finding(statement, added, constraint.columns[0], ())
            yield by_rows(finding, added.table, statement, graph, settings)
        column = _nullable_key(statement, added, graph)
        if column:
            later = partial(_key_later, statement, added, column, settings, graph)
            finding = replace(_finding(statement, added, column, later), equivalents=_KEY)
            yield by_rows(finding, added.table, statement, graph, settings)


def _nullable_key(statement: Statement, added: AddConstraint, graph: Graph) -> str:
    """Return a column of a primary key made of an index that may still be NULL; empty if none is known."""
    name = added.constraint.using_index
    table = table_before(added, statement, graph)
    if name is None or added.constraint.kind is not ConstraintKind.PRIMARY or table.created is None:
        return ""
    index = index_before(added.table.sibling(name), statement, graph)
    columns = index[1].columns if index is not None else ()
    return next((one for one in columns if one not in table.required and not table.is_filled(one)), "")


def _finding(statement: Statement, change: TableOperation, column: str, fixes: Offer) -> Finding:
    return Finding(
        statement.words(change, "NOT", "NULL") or clause(statement, change, "PRIMARY", "KEY"),
        f"column `{change.table}.{column}` is made required by reading the whole table",
        fixes,
        equivalents=_others(statement, change, column),
        detail=f"reads and writes of `{change.table}` wait behind an ACCESS EXCLUSIVE lock while every row is read",
    )


def _others(statement: Statement, change: TableOperation, column: str) -> tuple[str, ...]:
    """Return what others say of it; some say it again where the type changes beside it."""
    plain = _WITH_DEFAULT if _sets_default(statement, change, column) else _SCAN
    retyped = any(
        one.table.key == change.table.key and one.column == column
        for one in statement.migration.of(AlterColumnType)
    )
    return (*plain, *_WITH_TYPE) if retyped else plain


def _sets_default(statement: Statement, change: TableOperation, column: str) -> bool:
    """Say whether the file leaves the column with a default, so that inserts without it go on to work.

    Django takes it away again, which only filled the rows that are there.
    """
    said: list[SetDefault | DropDefault] = [*statement.migration.of(SetDefault)]
    said += statement.migration.of(DropDefault)
    mine = [one for one in said if one.table.key == change.table.key and one.column == column]
    return bool(mine) and isinstance(max(mine, key=lambda one: one.start), SetDefault)


def _fixes(statement: Statement, change: SetNotNull, settings: Settings, graph: Graph) -> tuple[Fix, ...]:
    name = fitting(f"{change.table.name}_{change.column}_not_null")
    if name is None or not is_editable(statement, change):
        return ()
    column, constraint, alter = quoted(change.column), quoted(name), f"ALTER TABLE {change.table.sql}"
    refuse = f"ADD CONSTRAINT {constraint} CHECK ({column} IS NOT NULL) NOT VALID"
    enforce = (
        f"{alter} VALIDATE CONSTRAINT {constraint}",
        f"{alter} ALTER COLUMN {column} SET NOT NULL",
        f"{alter} DROP CONSTRAINT {constraint}",
    )
    undo = (f"{alter} {refuse}", f"{alter} ALTER COLUMN {column} DROP NOT NULL")
    step = Step(f"enforce {name}", enforce, undo=undo)
    changed = then_later(statement, (Edit(Span.of(change), refuse),), (step,), graph, settings)
    if changed is None:
        return ()
    if changed.creates:
        back = _in_way_back(statement, change, f"DROP CONSTRAINT {constraint}", graph)
        changed = changed.with_edits_of(statement, back)
    return (changed.fix("Add a check that is `NOT VALID`, and enforce it in a migration that follows"),)


def _in_way_back(statement: Statement, change: SetNotNull, drop: str, graph: Graph) -> tuple[FileEdit, ...]:
    """Return the edits that make the way back undo the check instead of `SET NOT NULL`."""
    return tuple(
        FileEdit(back.file.path, Edit(Span.of(one), drop))
        for back in undone_in(statement.migration, graph)
        for one in back.operations
        if isinstance(one, DropNotNull) and one.table.key == change.table.key and one.column == change.column
    )


def _key_later(
    statement: Statement, added: AddConstraint, column: str, settings: Settings, graph: Graph
) -> tuple[Fix, ...]:
    """Return the fix that makes a column of a key required without a scan, and adds the key after that."""
    name = fitting(f"{added.table.name}_{column}_not_null")
    alone = len(statement.operations) == 1 and is_editable(statement, added)
    if name is None or not alone or server(settings) < CHECK_HELPS_SINCE:
        return ()
    alter, constraint, key = f"ALTER TABLE {added.table.sql}", quoted(name), added.constraint.name
    refuse = f"{alter} ADD CONSTRAINT {constraint} CHECK ({quoted(column)} IS NOT NULL) NOT VALID"
    enforce = (
        f"{alter} VALIDATE CONSTRAINT {constraint}",
        f"{alter} ALTER COLUMN {quoted(column)} SET NOT NULL",
        f"{alter} DROP CONSTRAINT {constraint}",
    )
    undo = (refuse, f"{alter} ALTER COLUMN {quoted(column)} DROP NOT NULL")
    steps = (
        Step(f"enforce {name}", enforce, undo=undo),
        Step(f"add {key or added.table.name}", (statement.sql.text,)),
    )
    changed = then_later(statement, (Edit(Span.of(statement), refuse),), steps, graph, settings)
    if changed is None:
        return ()
    undone = (
        FileEdit(back.file.path, Edit(Span.of(back), f"{alter} DROP CONSTRAINT {constraint}"))
        for back in undone_in(statement.migration, graph)
        if any(one.table.key == added.table.key and one.name == key for one in back.of(DropConstraint))
    )
    title = "Make the column required without a scan first, in migrations that follow"
    return (changed.with_edits_of(statement, undone).fix(title),)
