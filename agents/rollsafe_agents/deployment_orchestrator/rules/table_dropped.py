"""A table is dropped with all of its rows.

## What it does
Reports `DROP TABLE` for a table that was there before the migration. A table that is replaced by a copy made in
the same file is left alone, as is the `DROP TABLE IF EXISTS` before a first `CREATE TABLE`. With a comment that
says why, it is told as information only. Places of the application's code that still name the table are shown beside
it: models and queries.

## Why it matters
The rows are gone, and only a backup brings them back: from here on the release cannot be rolled back without
loss. Everything that still reads the table, the previous release, a report, a trigger, fails at once.

## Bad
```sql title="db/migrations/V73__new_overrides.sql"
DROP TABLE genuine_override; -- <-
```

## Good
```sql title="db/migrations/V73__new_overrides.sql"
REVOKE ALL ON genuine_override FROM app;
```

## Fix
None: whether the rows are still wanted is for a person to say. Revoke the rights on the table first, drop it a
release later, and say in a comment above the statement why that is safe.

## References
- [PostgreSQL: DROP TABLE](https://www.postgresql.org/docs/current/sql-droptable.html)

## Equivalent rules
- `hazard:drop-table`
- `squawk:ban-drop-table`
- `pgls:banDropTable`
- `pgfence:drop-table`
- `pg-migration-lint:PGM201`
- `pg-migration-lint:PGM202`
- `pgrubic:US021`
- `online_migrations:drop_table_multiple_foreign_keys`
- `django-migration-linter:DROP_TABLE`
- `drizzle-migration-lint:drop-table`
- `pandadoc-migration-lint:BACKWARD_INCOMPATIBLE`
- `atlas:DS102`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import CreateTable, DropTable, RenameTable
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.migration_words import head, milder
from rollsafe.rules.named_in_code import counted, related, uses_of
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import changes, later_statements
from rollsafe.workspace.replacing import made_again
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import table_before


@rule(severity=Severity.WARNING, since="0.1.0")
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a table that goes away with its rows."""
    for table in changes(statement, settings, DropTable):
        if _is_replaced(statement, table) or made_again(statement, table) is not None:
            continue
        referenced = _references(statement, table, graph)
        also = f"; `{referenced}`, which it references, is locked until commit as well" if referenced else ""
        uses = uses_of(statement, table.table, graph)
        yield Finding(
            head(statement, table, "TABLE"),
            f"table `{table.table}` is dropped with its rows",
            detail=f"all that still reads `{table.table}` fails as soon as this commits, and only a backup brings "
            f"the rows back{also}{counted(uses)}",
            related=related(uses, str(table.table)),
            severity=milder(statement, table),
        )


def _is_replaced(statement: Statement, table: DropTable) -> bool:
    """Say whether a table made in the file takes the dropped one's name."""
    made = statement.migration.created_tables
    return any(
        one.table.key in made and one.table.sibling(one.new_name).key == table.table.key
        for later in later_statements(statement)
        for one in later.of(RenameTable)
    )


def _references(statement: Statement, table: DropTable, graph: Graph) -> str:
    """Return the tables the dropped one is known to reference: they are locked just as much."""
    created = table_before(table, statement, graph).created
    if created is None or not isinstance(created.operation, CreateTable):
        return ""
    return "`, `".join(map(str, created.operation.references))
