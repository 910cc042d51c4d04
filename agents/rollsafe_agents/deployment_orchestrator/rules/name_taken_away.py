"""Something that the running release uses goes away or gets another name (MySQL, SQLite).

## What it does
Reports tables and columns that are dropped or renamed in migrations for MySQL and SQLite, unless the file puts another
table in their place; then it reports the columns that the new one does not have. Rules of their own do it for PostgreSQL.

## Why it matters
Until the rollout is done the previous release is running. Its queries name what is no longer there and fail from this
statement on; after a rollback they fail again. What is dropped only a backup brings back, and neither database undoes
it when a later statement fails.

## Bad
```sql title="db/mysql/migrations/V2__drop.sql"
ALTER TABLE orders DROP COLUMN legacy_state, ALGORITHM=INPLACE, LOCK=NONE; -- <-
```

## Good
```sql title="db/mysql/migrations/V2__drop.sql"
ALTER TABLE orders ALTER COLUMN legacy_state SET DEFAULT '', ALGORITHM=INPLACE, LOCK=NONE;
```

## Fix
None: the release that stops using it has to be out everywhere first, and rolled back nowhere.

## References
- [Parallel change](https://martinfowler.com/bliki/ParallelChange.html)

## Equivalent rules
- `hazard:drop-table`
- `hazard:drop-column`
- `hazard:rename-table`
- `hazard:rename-column`
- `django-migration-linter:DROP_TABLE`
- `django-migration-linter:DROP_COLUMN`
- `django-migration-linter:RENAME_TABLE`
- `django-migration-linter:RENAME_COLUMN`
- `drizzle-migration-lint:drop-table`
- `drizzle-migration-lint:drop-column`
- `drizzle-migration-lint:rename-table`
- `drizzle-migration-lint:rename-column`
- `atlas:DS102`
- `atlas:DS103`
- `atlas:BC101`
- `atlas:BC102`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Dialect, ForeignStatement, Statement
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    CreateTable,
    DropColumn,
    DropTable,
    RenameColumn,
    RenameTable,
    TableOperation,
)
from rollsafe.rules import Finding, Severity, Span, rule
from rollsafe.text.patterns import lazily
from rollsafe.workspace.elsewhere import changes_elsewhere, names_made, place_of
from rollsafe.workspace.foreign_tables import lost_columns, recreation
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.settings import Settings

_CODES: Final = {
    "drop-table": "DS102",
    "drop-column": "DS103",
    "rename-table": "BC101",
    "rename-column": "BC102",
}


_PASSING: Final = lazily(r"(?:^|_)(?:tmp|temp)(?:_|$)", re.I)
"""Names of tables that are there while another one is made anew."""


@rule(severity=Severity.WARNING, since="0.1.0")
def check(statement: Statement | ForeignStatement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a table or column that is no longer found under its name."""
    kinds = (DropTable, DropColumn, RenameTable, RenameColumn)
    for dialect in (Dialect.MYSQL, Dialect.SQLITE):
        for one in changes_elsewhere(statement, settings, dialect, *kinds):
            if isinstance(one, DropTable | RenameTable) and one.table.key in names_made(statement.migration):
                continue
            if isinstance(one, RenameTable) and (one.table.is_computed or _takes_place(one, statement)):
                continue
            if isinstance(one, DropTable | RenameTable) and _is_made_anew(one, statement, graph):
                continue
            if isinstance(one, DropColumn | RenameColumn) and _is_new(one, statement):
                continue
            yield _finding(one, place_of(statement, one, _name(one)))
        for table in changes_elsewhere(statement, settings, dialect, CreateTable):
            yield from _lost(table, statement, graph)


def _takes_place(renamed: RenameTable, statement: Statement | ForeignStatement) -> bool:
    """Say whether a table gets the name of one that the file has dropped before: it stood in for that one."""
    new = renamed.table.sibling(renamed.new_name).key
    return any(dropped.table.key == new for one in _earlier(statement) for dropped in one.of(DropTable))


def _is_new(one: DropColumn | RenameColumn, statement: Statement | ForeignStatement) -> bool:
    """Say whether the file itself has added a column, which nobody names yet."""
    added = (each for other in _earlier(statement) for each in other.of(AddColumn))
    return any(each.table.key == one.table.key and each.column.name == one.column for each in added)


def _earlier(statement: Statement | ForeignStatement) -> Iterator[Statement | ForeignStatement]:
    """Yield the statements of the file before one, on the same way."""
    every: list[Statement | ForeignStatement] = [*statement.migration.statements]
    every += statement.migration.foreign_statements
    yield from (one for one in every if one.start < statement.start and one.is_down == statement.is_down)


def _is_made_anew(
    one: DropTable | RenameTable, statement: Statement | ForeignStatement, graph: Graph
) -> bool:
    """Say whether a table gives way to another with its name, or stands in for one, over several migrations."""
    if _PASSING.search(one.table.name):
        return True
    others: list[Statement | ForeignStatement] = [*graph.find(Statement, f"shapes:{one.table.key}")]
    others += graph.find(ForeignStatement, f"shapes:{one.table.key}")
    home, order = statement.migration.convention.home, statement.migration.convention.order
    return isinstance(one, DropTable) and any(
        later.migration.convention.home == home
        and later.migration.convention.order > order
        and any(it.table.sibling(it.new_name).key == one.table.key for it in later.of(RenameTable))
        for later in others
    )


def _lost(made: CreateTable, statement: Statement | ForeignStatement, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each column that a table made anew does not have."""
    anew = recreation(made, statement) if isinstance(statement, ForeignStatement) else None
    if anew is None:
        return
    for column, new in lost_columns(anew, graph):
        where = made.start, made.end, anew.table
        one = RenameColumn(*where, column, new) if new else DropColumn(*where, column, False, cascade=False)
        yield _finding(one, place_of(statement, made, made.table.name))


def _finding(one: TableOperation, place: Span) -> Finding:
    hazard, words = _told(one)
    return Finding(
        place,
        words,
        detail="queries of the running release that name it fail from this statement on",
        equivalents=(
            f"hazard:{hazard}",
            f"django-migration-linter:{hazard.replace('-', '_').upper()}",
            f"drizzle-migration-lint:{hazard}",
            f"atlas:{_CODES[hazard]}",
        ),
    )


def _name(one: TableOperation) -> str:
    return one.column if isinstance(one, DropColumn | RenameColumn) else one.table.name


def _told(one: TableOperation) -> tuple[str, str]:
    """Return the hazard and the message."""
    match one:
        case DropColumn():
            return "drop-column", f"column `{one.table}.{one.column}` is dropped with its values"
        case RenameColumn():
            return "rename-column", f"column `{one.table}.{one.column}` is renamed to `{one.new_name}`"
        case RenameTable():
            return "rename-table", f"table `{one.table}` is renamed to `{one.new_name}`"
        case _:
            return "drop-table", f"table `{one.table}` is dropped with its rows"
