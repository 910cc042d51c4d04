"""Dropping a foreign key locks a table that the statement does not name.

## What it does
Reports a `DROP TABLE`, `DROP COLUMN` or `DROP CONSTRAINT` that takes a foreign key away, as far as earlier migrations tell
to which table it points.

## Why it matters
The trigger that looks after the key sits on the referenced table, so that table gets an ACCESS EXCLUSIVE lock as well.
It is often the busiest one: a long query on it makes the migration wait, and every other query on it waits behind.

## Bad
```sql title="db/migrations/V163__orders.sql"
CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    customer_id bigint CONSTRAINT orders_customer_fk REFERENCES customers (id)
);
CREATE INDEX orders_customer_idx ON orders (customer_id);
```
```sql title="db/migrations/V164__cascade.sql"
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
ALTER TABLE orders
    DROP CONSTRAINT orders_customer_fk, -- <-
    ADD CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE NOT VALID;
```

## Good
```sql title="db/migrations/V163__orders.sql"
CREATE TABLE customers (id bigint PRIMARY KEY);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    customer_id bigint CONSTRAINT orders_customer_fk REFERENCES customers (id)
);
CREATE INDEX orders_customer_idx ON orders (customer_id);
```
```sql title="db/migrations/V164__cascade.sql"
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
COMMENT ON CONSTRAINT orders_customer_fk ON orders IS 'to be replaced at night, with customers locked';
```

## Fix
None: it takes a quiet moment and a short `lock_timeout`, with nothing else in the transaction.

## References
- [PostgreSQL: explicit locking](https://www.postgresql.org/docs/current/explicit-locking.html)

## Equivalent rules
- `hazard:fk-drop-locks-parent`
- `online_migrations:drop_table_multiple_foreign_keys`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import DropColumn, DropConstraint, DropTable, TableOperation
from rollsafe.artefacts.migrations.pieces import Constraint, ConstraintKind
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import changes
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import Table, table_before


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a foreign key that goes away, with the table it points at."""
    for one in changes(statement, settings, DropTable, DropColumn, DropConstraint):
        targets = _targets(one, table_before(one, statement, graph), statement)
        if targets:
            names = " and ".join(f"`{target}`" for target in targets)
            yield Finding(
                one,
                f"{names} {'is' if len(targets) == 1 else 'are'} locked as well, by a foreign key of "
                f"`{one.table}`",
                detail=f"reads and writes of {names} wait behind an ACCESS EXCLUSIVE lock until the transaction "
                "ends",
                equivalents=None if len(targets) > 1 else ("hazard:fk-drop-locks-parent",),
            )


def _targets(one: TableOperation, table: Table, statement: Statement) -> list[TableName]:
    """Return the tables, there before the file and after it, that the keys taken away point at."""
    gone = {dropped.table.key for dropped in statement.migration.of(DropTable)}
    own = statement.migration.created_tables
    found = {
        target.key: target
        for key in _keys(one, table)
        if (target := key.references) is not None
        and target.key not in gone
        and target.key not in own
        and target.key != one.table.key
    }
    return list(found.values())


def _keys(one: TableOperation, table: Table) -> Iterator[Constraint]:
    for name, check in table.constraints.items():
        if check.constraint.kind is not ConstraintKind.FOREIGN:
            continue
        if (
            isinstance(one, DropTable)
            or (isinstance(one, DropConstraint) and one.name == name)
            or (isinstance(one, DropColumn) and one.column in check.constraint.columns)
        ):
            yield check.constraint
