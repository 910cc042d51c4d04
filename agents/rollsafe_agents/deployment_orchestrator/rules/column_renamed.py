"""A column is renamed while a release that knows its old name is running.

## What it does
Reports `RENAME COLUMN` on a table that was there before the migration. With a comment that says why, it is told
as information only. Places of the application's code that still say the old name are shown beside it.

## Why it matters
The rename is instant, and so is the failure: until the rollout is done, every query of the previous release that
names the column fails. Rolling the release back does not help, because the old name stays away until the
migration is undone as well.

## Bad
```sql title="db/migrations/V17__orders.sql"
CREATE TABLE orders (id bigint PRIMARY KEY, total bigint);
```
```sql title="db/migrations/V18__rename_total.sql"
ALTER TABLE orders RENAME COLUMN total TO total_cents; -- <-
```

## Good
```sql title="db/migrations/V17__orders.sql"
CREATE TABLE orders (id bigint PRIMARY KEY, total bigint);
```
```sql title="db/migrations/V18__rename_total.sql"
ALTER TABLE orders ADD COLUMN total_cents bigint;
CREATE FUNCTION orders_total_cents_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'INSERT' THEN NEW.total_cents := coalesce(NEW.total_cents, NEW.total); NEW.total := NEW.total_cents; ELSIF NEW.total_cents IS DISTINCT FROM OLD.total_cents THEN NEW.total := NEW.total_cents; ELSE NEW.total_cents := NEW.total; END IF; RETURN NEW; END $$;
CREATE TRIGGER orders_total_cents_kept BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION orders_total_cents_kept();
```
```sql title="db/migrations/V19__fill_orders_total_cents.sql"
DO $$
DECLARE
    last_key orders.id%TYPE;
    next_key orders.id%TYPE;
BEGIN
    LOOP
        SELECT max(id) INTO next_key FROM (
            SELECT id FROM orders WHERE last_key IS NULL OR id > last_key ORDER BY id LIMIT 1000
        ) batch;
        EXIT WHEN next_key IS NULL;
        UPDATE orders SET total_cents = total
        WHERE (last_key IS NULL OR id > last_key) AND id <= next_key AND total_cents IS DISTINCT FROM total;
        COMMIT;
        last_key := next_key;
    END LOOP;
END
$$;
```
```ini title="db/migrations/V19__fill_orders_total_cents.sql.conf"
executeInTransaction=false
```

## Fix
Adds a column of the new name, a trigger that keeps both alike, and a migration that fills it in batches. Unsafe: the old
column stays, and with it the trigger, until a later release drops them. For columns of a table with a primary key of one
column, with no default, index, constraint or view on them, as far as the migrations tell. A view with the old names does
for tables that are only read.

## References
- [Parallel change](https://martinfowler.com/bliki/ParallelChange.html)

## Equivalent rules
- `hazard:rename-column`
- `squawk:renaming-column`
- `pgls:renamingColumn`
- `pgfence:rename-column`
- `pg-migration-lint:PGM505`
- `pgrubic:US003`
- `strong_migrations:rename_column`
- `online_migrations:rename_column`
- `django-migration-linter:RENAME_COLUMN`
- `drizzle-migration-lint:rename-column`
- `atlas:BC102`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import RenameColumn
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.expanding import renamed
from rollsafe.rules.migration_words import milder
from rollsafe.rules.named_in_code import counted, related, uses_of
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import adds_column, changes
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a column whose old name stops to work."""
    for column in changes(statement, settings, RenameColumn):
        if adds_column(statement.migration, column.table, column.column, column.start) is not None:
            continue
        if _is_taken_over(statement, column):
            continue
        words = statement.words(column, "RENAME")
        uses = uses_of(statement, column.table, graph, column.column)
        yield Finding(
            words or column,
            f"column `{column.table}.{column.column}` is renamed to `{column.new_name}`",
            partial(renamed, statement, column, graph, settings),
            detail=f"queries of the running release that name `{column.column}` fail from the moment this commits "
            f"until it is replaced everywhere{counted(uses)}",
            related=related(uses, f"{column.table}.{column.column}"),
            severity=milder(statement, column),
        )


def _is_taken_over(statement: Statement, renamed_away: RenameColumn) -> bool:
    """Say whether two columns of a table are swapped in one transaction, so that the name goes on to work."""
    together = statement.migration.together(statement)
    return any(
        one.table.key == renamed_away.table.key
        and (one.new_name == renamed_away.column or one.column == renamed_away.new_name)
        for other in together
        for one in other.of(RenameColumn)
    )
