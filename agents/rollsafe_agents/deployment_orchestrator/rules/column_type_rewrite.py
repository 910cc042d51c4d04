"""A change of a column's type writes the whole table again.

## What it does
Reports `ALTER COLUMN … TYPE` on a table that was there before the migration, unless the type the column has by
then, as earlier migrations tell it, is known to be widened only: a longer `varchar`, `varchar` to `text`, a more
precise `numeric`. Where nobody knows the earlier type, a change to a type that may be wider is said at level
`pedantic` only, and nothing of one to `boolean`, `bytea`, `uuid`, `xml` and types of text search without `USING`: PostgreSQL
refuses that for a column of any other type.

## Why it matters
PostgreSQL writes every row and every index of the table again under an ACCESS EXCLUSIVE lock: nobody reads or
writes it for as long as that takes, minutes to hours on a large table. The release that is still running meets
values of another type at once.

## Bad
```sql title="db/migrations/000001_create_orders.up.sql"
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    total integer NOT NULL
);
```
```sql title="db/migrations/000002_wider.up.sql"
ALTER TABLE orders ALTER COLUMN total TYPE bigint; -- <-
```

## Good
```sql title="db/migrations/000001_create_orders.up.sql"
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    total integer NOT NULL
);
```
```sql title="db/migrations/000002_wider.up.sql"
ALTER TABLE orders ADD COLUMN total_new bigint;
CREATE FUNCTION orders_total_new_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.total_new := NEW.total::bigint; RETURN NEW; END $$;
CREATE TRIGGER orders_total_new_kept BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION orders_total_new_kept();
```
```sql title="db/migrations/000003_fill_orders_total_new.up.sql"
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
        UPDATE orders SET total_new = total::bigint
        WHERE (last_key IS NULL OR id > last_key) AND id <= next_key AND total_new IS DISTINCT FROM (total::bigint);
        COMMIT;
        last_key := next_key;
    END LOOP;
END
$$;
```
```sql title="db/migrations/000004_require_orders_total_new.up.sql"
ALTER TABLE orders ADD CONSTRAINT orders_total_new_not_null CHECK (total_new IS NOT NULL) NOT VALID;
```
```sql title="db/migrations/000005_validate_orders_total_new.up.sql"
ALTER TABLE orders VALIDATE CONSTRAINT orders_total_new_not_null;
```
```sql title="db/migrations/000006_swap_orders_total.up.sql"
DROP TRIGGER orders_total_new_kept ON orders;
DROP FUNCTION orders_total_new_kept();
ALTER TABLE orders ALTER COLUMN total_new SET NOT NULL;
ALTER TABLE orders DROP CONSTRAINT orders_total_new_not_null;
ALTER TABLE orders RENAME COLUMN total TO total_old;
ALTER TABLE orders RENAME COLUMN total_new TO total;
ALTER TABLE orders ALTER COLUMN total_old DROP NOT NULL;
```

## Fix
Adds a new column that a trigger keeps up to date, a migration that fills it in batches, each in a transaction of its own,
and one that swaps the two names in an instant. Unsafe: the type changes later, and the old values stay until a later
release drops them. For columns of a table with a primary key of one column, with no default, index, constraint or view on
them, as far as the migrations tell; others take the same way by hand.

## References
- [PostgreSQL: ALTER TABLE, notes](https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES)

## Equivalent rules
- `hazard:change-column-type-rewrite`
- `hazard:change-column-with-check`
- `squawk:changing-column-type`
- `pgls:changingColumnType`
- `pgfence:alter-column-type`
- `pg-migration-lint:PGM007`
- `eugene:E5`
- `eugene:E6`
- `eugene:E10`
- `pgrubic:US002`
- `strong_migrations:change_column`
- `strong_migrations:change_column_constraint`
- `online_migrations:change_column`
- `online_migrations:change_column_constraint`
- `django-migration-linter:ALTER_COLUMN`
- `drizzle-migration-lint:alter-column-type`
- `atlas:PG301`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import AlterColumnType
from rollsafe.artefacts.migrations.pieces import ConstraintKind, TypeRef
from rollsafe.rules import Confidence, Finding, Level, Related, Safety, Severity, rule
from rollsafe.rules.expanding import retyped
from rollsafe.rules.migration_words import by_rows, clause
from rollsafe.text import Span
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import changes, server
from rollsafe.workspace.restating import is_made_anew, takes_effect
from rollsafe.workspace.retyping import is_only_restated, keeps_values, may_keep_values, type_before
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import Table, table_before

_EVEN_IF_WIDER: Final = (
    *("hazard:change-column-type-rewrite", "squawk:changing-column-type", "pgfence:alter-column-type"),
    *("eugene:E5", "pgrubic:US002", "django-migration-linter:ALTER_COLUMN", "atlas:PG301"),
    "drizzle-migration-lint:alter-column-type",
)
"""What others say of a change that may only widen a type; those that see the database are silent."""
_REWRITES: Final = (
    *(*_EVEN_IF_WIDER, "pgls:changingColumnType", "pg-migration-lint:PGM007", "eugene:E10"),
    "eugene:E6",
    *("strong_migrations:change_column", "online_migrations:change_column"),
)
_WITH_CHECK: Final = (
    *("hazard:change-column-with-check", "strong_migrations:change_column_constraint"),
    "online_migrations:change_column_constraint",
)


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a change of type that is not known to be free."""
    for change in changes(statement, settings, AlterColumnType):
        if not takes_effect(change, statement, graph) or is_made_anew(change, statement, graph):
            continue
        table = table_before(change, statement, graph)
        before = type_before(graph)(change, statement)
        if before is not None and keeps_values(statement, change, before, server(settings)):
            continue
        if before is None and is_only_restated(change):
            continue
        known = f"from `{before}` " if before is not None else ""
        may_widen = before is None and may_keep_values(statement, change, server(settings))
        related = () if table.created is None else (_origin(table.created.statement, change),)
        finding = Finding(
            clause(statement, change, "TYPE"),
            f"type of `{change.table}.{change.column}` changes {known}to `{change.type}`",
            partial(retyped, statement, change, graph, settings),
            related=related,
            detail=f"every row of `{change.table}` is written again under an ACCESS EXCLUSIVE lock: its reads and "
            "writes wait until that is done",
            confidence=_confidence(before, may_widen),
            level=Level.PEDANTIC if may_widen else None,
            equivalents=_EVEN_IF_WIDER if may_widen else _others(table, change.column),
        )
        yield by_rows(finding, change.table, statement, graph, settings)


def _others(table: Table, column: str) -> tuple[str, ...]:
    """Return what others say of a rewrite, and of the checks that are made again with it."""
    kinds = {constraint.kind for _, constraint in table.constraints_on(column)}
    return (*_REWRITES, *_WITH_CHECK) if ConstraintKind.CHECK in kinds else _REWRITES


def _confidence(before: TypeRef | None, may_widen: bool) -> Confidence:
    if before is not None:
        return Confidence.HIGH
    return Confidence.LOW if may_widen else Confidence.MEDIUM


def _origin(statement: Statement, change: AlterColumnType) -> Related:
    return Related(statement.file, Span.of(statement), f"`{change.table}` is created here")
