"""SQLite refuses the statement, and the deployment stops there.

## What it does
Reports, in migrations for SQLite and libSQL, `ADD COLUMN` with `PRIMARY KEY`, `UNIQUE`, a default that is no constant
(`CURRENT_TIMESTAMP`, any expression), or a stored generated column; `DROP COLUMN` of a column that earlier migrations
made a key, unique, or part of an index; and several commands in one ALTER TABLE. `column-without-value` reports required
columns without a default. A table that was made in the same file counts too, except for what SQLite takes while it is empty.

## Why it matters
Some of these are refused only where the table has rows: the migration runs in every test and stops in production.
The tool then has half of a release in place.

## Bad
```sql title="db/sqlite/migrations/0002_seen.sql"
ALTER TABLE orders ADD COLUMN seen_at text DEFAULT CURRENT_TIMESTAMP; -- <-
```

## Good
```sql title="db/sqlite/migrations/0002_seen.sql"
ALTER TABLE orders ADD COLUMN seen_at text;
```

## Fix
None: what the column holds for the rows there are is for a statement of its own; an index gives uniqueness.

## References
- [SQLite: ALTER TABLE ADD COLUMN](https://www.sqlite.org/lang_altertable.html#alter_table_add_column)
- [SQLite: ALTER TABLE DROP COLUMN](https://www.sqlite.org/lang_altertable.html#alter_table_drop_column)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Dialect, ForeignStatement
from rollsafe.artefacts.migrations.operations import AddColumn, AlterTable, DropColumn, TableOperation
from rollsafe.artefacts.migrations.pieces import ConstraintKind, Generated, Volatility
from rollsafe.rules import Finding, Severity, rule
from rollsafe.workspace.elsewhere import place_of
from rollsafe.workspace.foreign_tables import foreign_table, index_of_column
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0")
def check(statement: ForeignStatement, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a change that SQLite does not take."""
    if statement.dialect is not Dialect.SQLITE or statement.is_down or statement.is_practice:
        return
    if statement.migration.is_batched(statement):
        return  # Alembic makes the table anew where SQLite refuses the change
    for added in statement.of(AddColumn):
        yield from _finding(statement, added, added.column.name, _added(added, statement))
    for dropped in statement.of(DropColumn):
        yield from _finding(statement, dropped, dropped.column, _dropped(dropped, statement, graph))
    commands = list(statement.of(TableOperation))
    if len(commands) > 1 and all(isinstance(one, AddColumn | DropColumn | AlterTable) for one in commands):
        second = commands[1]
        yield Finding(
            place_of(statement, second, second.table.name),
            f"SQLite refuses a second command in one ALTER TABLE of `{second.table}`",
            detail='it says `near ",": syntax error`, and the migration stops',
        )


def _finding(
    statement: ForeignStatement, one: TableOperation, name: str, told: tuple[str, str] | None
) -> Iterator[Finding]:
    if told is not None:
        yield Finding(
            place_of(statement, one, name),
            f"SQLite refuses to {told[0]}",
            detail=f"it says `{told[1]}`, and the migration stops",
        )


def _added(one: AddColumn, statement: ForeignStatement) -> tuple[str, str] | None:
    """Return what is refused about a new column, and SQLite's own words."""
    column = one.column
    name = f"`{one.table}.{column.name}`"
    if column.constraint(ConstraintKind.PRIMARY) is not None:
        return f"add {name} as a primary key", "Cannot add a PRIMARY KEY column"
    if column.constraint(ConstraintKind.UNIQUE) is not None:
        return f"add {name} as a unique column", "Cannot add a UNIQUE column"
    if statement.is_new(one.table):
        return None
    if column.generated is Generated.STORED:
        return f"add the stored column {name}", "cannot add a STORED column"
    if column.default is not None and column.default.volatility is not Volatility.CONSTANT:
        return (
            f"add {name} with a default that is no constant",
            "Cannot add a column with non-constant default",
        )
    return None


def _dropped(one: DropColumn, statement: ForeignStatement, graph: Graph) -> tuple[str, str] | None:
    """Return what keeps a column in its table, and SQLite's own words."""
    name = f"`{one.table}.{one.column}`"
    for constraint in foreign_table(one.table, statement, graph).constraints.values():
        keys = constraint.constraint
        if one.column in keys.columns and keys.kind is ConstraintKind.PRIMARY:
            return f"drop {name}, a primary key", f'cannot drop PRIMARY KEY column: "{one.column}"'
        if keys.columns == (one.column,) and keys.kind is ConstraintKind.UNIQUE:
            return f"drop {name}, which is unique", f'cannot drop UNIQUE column: "{one.column}"'
    index = index_of_column(one.table, one.column, statement, graph)
    if index is not None:
        return (
            f"drop {name} while index `{index.name}` is on it",
            f"error in index {index.name} after drop column: no such column: {one.column}",
        )
    return None
