"""A column that must have a value is added without one.

## What it does
Reports `ADD COLUMN … NOT NULL` without a default on a table that was there before the migration, and a default
that the same migration takes away again. Where the file has just deleted all rows it is a warning.

## Why it matters
On a table with rows the statement fails and the deployment stops. On an empty one it works, and from then on
every INSERT of the previous release fails, because that release does not know the column: it is running until
the rollout is done, and again after a rollback.

## Bad
```sql title="db/migrations/000007_add_status.up.sql"
ALTER TABLE orders
    ADD COLUMN status text NOT NULL; -- <-
```

## Good
```sql title="db/migrations/000007_add_status.up.sql"
ALTER TABLE orders
    ADD COLUMN status text;
```

## Fix
Adds the column without `NOT NULL`. Unsafe: until a later release fills and enforces it, rows may have no value.
The other way is offered as a draft: the column now, then a migration that refuses new rows without a value, then
one that validates and enforces it.

## References
- [PostgreSQL: ALTER TABLE](https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES)

## Equivalent rules
- `hazard:add-column-not-null-no-default`
- `hazard:add-column-default-drop-default`
- `squawk:adding-required-field`
- `pgls:addingRequiredField`
- `pgfence:add-column-not-null-no-default`
- `pg-migration-lint:PGM008`
- `online_migrations:add_column_with_default_null`
- `django-migration-linter:NOT_NULL`
- `drizzle-migration-lint:add-column-not-null-no-default`
- `atlas:MF103`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.artefacts.migrations.operations import AddColumn, DropDefault, SetDefault
from rollsafe.artefacts.migrations.pieces import ConstraintKind
from rollsafe.formats.sql_tokens import tokens
from rollsafe.rules import Finding, Fix, Purpose, Related, Safety, Severity, rule
from rollsafe.rules.migration_edits import fitting, is_editable, left_out, then_later
from rollsafe.rules.migration_steps import Step
from rollsafe.rules.migration_words import clause
from rollsafe.text import Edit, Span
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import adds_column, changes, is_emptied
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import table_before

_TAKEN_AWAY: Final = ("hazard:add-column-default-drop-default", "django-migration-linter:NOT_NULL")

_REQUIRE: Final = (ConstraintKind.NOT_NULL, ConstraintKind.PRIMARY)
"""What makes a column need a value, beside an identity, which brings it along."""


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a column that rows, old or new, have no value for."""
    if statement.traits.isdisjoint(_REQUIRE) and not statement.does(DropDefault):
        return
    for one in changes(statement, settings, AddColumn):
        if one.column.not_null and not one.column.has_value:
            yield _without_value(statement, one, settings, graph)
    for change in changes(statement, settings, DropDefault):
        added = adds_column(statement.migration, change.table, change.column, change.start)
        if added is None or added.column.default is None:
            continue
        if added.column.not_null and not _has_one_in_the_end(statement, change):
            yield Finding(
                clause(statement, change, "DROP", "DEFAULT"),
                f"required column `{change.table}.{change.column}` loses its default in the migration that adds it",
                partial(_kept, statement, change, graph),
                detail=f"the previous release inserts into `{change.table}` without `{change.column}`, which "
                "fails as soon as the default is gone",
                severity=Severity.WARNING,
                equivalents=_TAKEN_AWAY,
            )


def _kept(statement: Statement, change: DropDefault, graph: Graph) -> tuple[Fix, ...]:
    alone = len(statement.operations) == 1 and is_editable(statement, change)
    found = left_out(statement, graph) if alone else None
    return (found.fix("Keep the default until the release is out"),) if found is not None else ()


def _has_one_in_the_end(statement: Statement, dropped: DropDefault) -> bool:
    """Say whether the file gives the column a default again."""
    return any(
        (one.table.key, one.column) == (dropped.table.key, dropped.column) and one.start > dropped.start
        for one in statement.migration.of(SetDefault)
    )


def _without_value(statement: Statement, one: AddColumn, settings: Settings, graph: Graph) -> Finding:
    created = table_before(one, statement, graph).created
    related = (
        (Related(created.statement.file, Span.of(created.statement), f"`{one.table}` is created here"),)
        if created is not None
        else ()
    )
    empty = is_emptied(one.table, statement)
    fails = "" if empty else f"the statement fails if `{one.table}` has rows, and "
    return Finding(
        clause(statement, one, "NOT", "NULL"),
        f"required column `{one.table}.{one.column.name}` is added without a default",
        partial(_fixes, statement, one, settings, graph),
        related,
        detail=f"{fails}the previous release inserts without `{one.column.name}` until the rollout is done",
        severity=Severity.WARNING if empty else None,
        equivalents=_EQUIVALENTS,
    )


_EQUIVALENTS: Final = (
    "hazard:add-column-not-null-no-default",
    "squawk:adding-required-field",
    "pgls:addingRequiredField",
    "pgfence:add-column-not-null-no-default",
    "pg-migration-lint:PGM008",
    "online_migrations:add_column_with_default_null",
    "django-migration-linter:NOT_NULL",
    "drizzle-migration-lint:add-column-not-null-no-default",
    "atlas:MF103",
)


def _fixes(statement: Statement, one: AddColumn, settings: Settings, graph: Graph) -> tuple[Fix, ...]:
    dropped = _without_not_null(statement, one)
    if dropped is None or not is_editable(statement, one):
        return ()
    nullable = Fix("Add the column without `NOT NULL`", Safety.UNSAFE, edits=(dropped,))
    column = quoted(one.column.name)
    name = fitting(f"{one.table.name}_{one.column.name}_not_null")
    if name is None:
        return (nullable,)
    alter = f"ALTER TABLE {one.table.sql}"
    refuse = f"{alter} ADD CONSTRAINT {quoted(name)} CHECK ({column} IS NOT NULL) NOT VALID"
    enforce = (
        f"-- All rows need a value before this runs.\n{alter} VALIDATE CONSTRAINT {quoted(name)}",
        f"{alter} ALTER COLUMN {column} SET NOT NULL",
        f"{alter} DROP CONSTRAINT {quoted(name)}",
    )
    steps = (Step(f"refuse {name}", (refuse,)), Step(f"enforce {name}", enforce))
    change = then_later(statement, (dropped,), steps, graph, settings)
    if change is None or not change.creates:
        return (nullable,)
    title = "Split into adding, filling and enforcing (3 migrations)"
    return nullable, change.fix(title, Safety.MANUAL, Purpose.STAGES)


def _without_not_null(statement: Statement, one: AddColumn) -> Edit | None:
    """Return the edit that removes `NOT NULL`; None for a primary key, which implies it."""
    found = next((c for c in one.column.constraints if c.kind is ConstraintKind.NOT_NULL), None)
    if found is None or one.column.constraint(ConstraintKind.PRIMARY) is not None:
        return None
    before = [token.end for token in tokens(statement.file.text, one.start, found.start)]
    return Edit(Span(before[-1], found.end), "") if before else None
