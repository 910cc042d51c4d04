"""One transaction locks several tables that others write to.

## What it does
Reports a second foreign key to another table that a migration adds in the same transaction.

## Why it matters
Each foreign key takes a SHARE ROW EXCLUSIVE lock on both of its tables until the transaction ends. With two of them the
migration holds one table while it waits for the other, and a request that has locked them the other way round completes
the circle: one of the two is killed, after everybody else has waited.

## Bad
```sql title="db/migrations/V148__order_indexes.sql"
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_customer_idx ON orders (customer_id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_shop_idx ON orders (shop_id);
```
```sql title="db/migrations/V149__order_keys.sql"
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '5s';
SET LOCAL idle_in_transaction_session_timeout = '5s';
ALTER TABLE orders ADD CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;
ALTER TABLE orders ADD CONSTRAINT orders_shop_fk FOREIGN KEY (shop_id) REFERENCES shops (id) NOT VALID; -- <-
```

## Good
```sql title="db/migrations/V148__order_indexes.sql"
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_customer_idx ON orders (customer_id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_shop_idx ON orders (shop_id);
```
```sql title="db/migrations/V149__order_keys.sql"
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '5s';
SET LOCAL idle_in_transaction_session_timeout = '5s';
ALTER TABLE orders ADD CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;
```
```sql title="db/migrations/V150__add_orders_shop_fk.sql"
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '5s';
SET LOCAL idle_in_transaction_session_timeout = '5s';
ALTER TABLE orders ADD CONSTRAINT orders_shop_fk FOREIGN KEY (shop_id) REFERENCES shops (id) NOT VALID;
```

## Fix
Moves the second key to a migration that follows. Unsafe: the key is there later.

## References
- [PostgreSQL: deadlocks](https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-DEADLOCKS)

## Equivalent rules
- `hazard:multiple-fks-one-transaction`
- `online_migrations:multiple_foreign_keys`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import AddConstraint
from rollsafe.artefacts.migrations.pieces import ConstraintKind
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.migration_edits import constraint_name, is_editable, moved_out
from rollsafe.rules.migration_steps import Step
from rollsafe.rules.migration_words import clause
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import before_in_transaction, changes, is_wrapped
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a foreign key to a second table in one transaction."""
    for added in changes(statement, settings, AddConstraint):
        target = _target(statement, added)
        if target is None or not is_wrapped(statement, settings, graph, unknown=True):
            continue
        held = [
            other
            for earlier in before_in_transaction(statement, settings)
            for one in earlier.of(AddConstraint)
            if not earlier.is_new(one) and (other := _target(earlier, one)) is not None
        ]
        first = next((other for other in held if other.key not in (target.key, added.table.key)), None)
        if first is not None:
            yield Finding(
                clause(statement, added, "FOREIGN", "KEY"),
                f"`{target}` is locked while `{first}` is",
                partial(_fixes, statement, added, graph),
                detail=f"whoever has locked `{target}` and waits for `{first}` waits for this migration, and it "
                "for them",
            )


def _fixes(statement: Statement, added: AddConstraint, graph: Graph) -> tuple[Fix, ...]:
    name = constraint_name(added.table.name, added.constraint)
    if name is None or len(statement.operations) != 1 or not is_editable(statement, added):
        return ()
    moved = moved_out(statement, (Step(f"add {name}", (statement.sql.text,)),), graph)
    return (moved.fix("Move it to a migration that follows"),) if moved is not None else ()


def _target(statement: Statement, added: AddConstraint) -> TableName | None:
    """Return the table of others that a foreign key points at."""
    points = added.constraint.references
    if added.constraint.kind is not ConstraintKind.FOREIGN or points is None:
        return None
    return None if points.key in statement.migration.created_tables else points
