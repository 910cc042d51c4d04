"""A table is thrown away to be made again.

## What it does
Reports `DROP TABLE` of a table that was there before the migration and that the same migration creates again, as
`create_table … force: true` of Rails does.

## Why it matters
In the developer's database the table was empty. In production its rows are gone when the migration ends, without an
error, and no way back has them. `force: :cascade` takes every foreign key and view that depends on it along.

## Bad
```sql title="db/migrations/V148__carts.sql"
DROP TABLE IF EXISTS carts; -- <-
CREATE TABLE carts (id bigint PRIMARY KEY, owner_id bigint);
```

## Good
```sql title="db/migrations/V148__carts.sql"
ALTER TABLE carts ADD COLUMN IF NOT EXISTS owner_id bigint;
```

## Fix
None: what differs between the old table and the new one has to be altered.

## References
- [Rails: create_table](https://api.rubyonrails.org/classes/ActiveRecord/ConnectionAdapters/SchemaStatements.html#method-i-create_table)

## Equivalent rules
- `hazard:create-table-force`
- `strong_migrations:create_table`
- `strong_migrations:create_join_table`
- `online_migrations:create_table`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import CreateTable, DropTable, Insert, RenameTable
from rollsafe.rules import Confidence, Finding, Severity, rule
from rollsafe.rules.migration_words import head, milder
from rollsafe.workspace.migrations import changes, later_statements
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.WARNING, since="0.2.0", confidence=Confidence.MEDIUM)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a table that is dropped and created again."""
    for dropped in changes(statement, settings, DropTable):
        later = later_statements(statement)
        again = any(one.table.key == dropped.table.key for other in later for one in other.of(CreateTable))
        if again and not _is_copied(statement):
            yield Finding(
                head(statement, dropped, "TABLE"),
                f"table `{dropped.table}` is dropped and created again, without its rows",
                detail=f"the rows of `{dropped.table}` are gone where it has any, and no way back has them",
                severity=milder(statement, dropped),
            )


def _is_copied(statement: Statement) -> bool:
    """Say whether the migration copies rows from table to table, so that they may survive."""
    migration = statement.migration
    copies = any(one.from_query for one in migration.of(Insert)) or migration.does(RenameTable)
    return copies or any(one.from_query for one in migration.of(CreateTable))
