"""A foreign key is checked for every row while writes to both tables wait.

## What it does
Reports `ADD CONSTRAINT … FOREIGN KEY` without `NOT VALID` on a table that was there before the migration, and
`ADD COLUMN … REFERENCES` with a default. A new column that references without a default has nothing to check; it
is told at level `pedantic`, because the referenced table is locked until the transaction ends.

## Why it matters
PostgreSQL reads the whole table and looks up every row in the other one, under a SHARE ROW EXCLUSIVE lock on both.
Writes to either of them wait until that is done, and the referenced table is usually the busiest there is.

## Bad
```sql title="db/migrations/000031_orders_customer_fk.up.sql"
ALTER TABLE orders
    ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id); -- <-
```

## Good
```sql title="db/migrations/000031_orders_customer_fk.up.sql"
ALTER TABLE orders
    ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;
```
```sql title="db/migrations/000032_validate_orders_customer_id_fkey.up.sql"
ALTER TABLE orders VALIDATE CONSTRAINT orders_customer_id_fkey;
```

## Fix
Adds `NOT VALID`, which checks new rows only and is instant, and a migration that follows and validates the rest
under a lock that lets reads and writes through. Unsafe: until then old rows may violate the constraint. Before
PostgreSQL 18 a partitioned table takes no foreign key that is `NOT VALID`, so nothing is offered for one.

## References
- [PostgreSQL: ADD table_constraint NOT VALID](https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT)

## Equivalent rules
- `hazard:add-foreign-key-not-not-valid`
- `hazard:add-column-inline-fk`
- `hazard:add-reference-non-concurrent`
- `squawk:adding-foreign-key-constraint`
- `squawk:constraint-missing-not-valid`
- `pgls:addingForeignKeyConstraint`
- `pgls:constraintMissingNotValid`
- `pgfence:add-constraint-fk-no-not-valid`
- `pgfence:add-column-inline-foreign-key`
- `pg-migration-lint:PGM014`
- `eugene:E1`
- `pgrubic:US012`
- `strong_migrations:add_foreign_key`
- `strong_migrations:add_reference`
- `online_migrations:add_foreign_key`
- `online_migrations:add_reference`
- `drizzle-migration-lint:add-fk-without-not-valid`
- `pandadoc-migration-lint:RESTRICTED`
- `atlas:PG306`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations import Statement, TableName
from rollsafe.artefacts.migrations.operations import AddColumn, AddConstraint, TableOperation
from rollsafe.artefacts.migrations.pieces import Constraint, ConstraintKind
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.constraint_fixes import split_from_column, validated_later
from rollsafe.rules.migration_words import REFERENCES, asks_with, by_rows, clause
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import changes, server
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import table_before

_PARTITIONED_SINCE: Final = 18
_OF_TABLE: Final = (
    *("hazard:add-foreign-key-not-not-valid", "squawk:adding-foreign-key-constraint"),
    *("squawk:constraint-missing-not-valid", "pgls:addingForeignKeyConstraint", "eugene:E1"),
    *("pgls:constraintMissingNotValid", "pgfence:add-constraint-fk-no-not-valid", "pgrubic:US012"),
    *("pg-migration-lint:PGM014", "strong_migrations:add_foreign_key", "atlas:PG306"),
    *("online_migrations:add_foreign_key", "drizzle-migration-lint:add-fk-without-not-valid"),
    "pandadoc-migration-lint:RESTRICTED",
)
_OF_REFERENCE: Final = (
    *(*_OF_TABLE, "hazard:add-reference-non-concurrent"),
    *("strong_migrations:add_reference", "online_migrations:add_reference"),
)
_OF_COLUMN: Final = (
    *("hazard:add-column-inline-fk", "squawk:adding-foreign-key-constraint"),
    *("pgls:addingForeignKeyConstraint", "pgfence:add-column-inline-foreign-key"),
    *("strong_migrations:add_reference", "online_migrations:add_reference"),
)


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a foreign key whose rows are checked under a lock."""
    if ConstraintKind.FOREIGN not in statement.traits:
        return
    for added in changes(statement, settings, AddConstraint):
        constraint = added.constraint
        if constraint.kind is ConstraintKind.FOREIGN and not constraint.not_valid:
            possible = _takes_not_valid(statement, added, settings, graph)
            finding = Finding(
                clause(statement, added, "FOREIGN", "KEY"),
                f"foreign key {_name(constraint)}is added to `{added.table}` without `NOT VALID`",
                partial(validated_later, statement, added, graph, settings) if possible else (),
                detail=_detail(added.table, constraint),
                equivalents=_OF_REFERENCE if asks_with(statement, added, REFERENCES) else _OF_TABLE,
            )
            yield by_rows(finding, added.table, statement, graph, settings)
    for column in changes(statement, settings, AddColumn):
        reference = column.column.constraint(ConstraintKind.FOREIGN)
        if reference is not None:
            yield _of_column(statement, column, reference, settings, graph)


def _of_column(
    statement: Statement, added: AddColumn, constraint: Constraint, settings: Settings, graph: Graph
) -> Finding:
    checked = added.column.has_value and _takes_not_valid(statement, added, settings, graph)
    detail = _detail(added.table, constraint)
    if not added.column.has_value:
        detail = f"writes to `{constraint.references}` wait from here until the transaction ends"
    return Finding(
        clause(statement, added, "REFERENCES"),
        f"column `{added.table}.{added.column.name}` is added with a foreign key to `{constraint.references}`",
        partial(split_from_column, statement, added, constraint, graph, settings) if checked else (),
        detail=detail,
        level=None if added.column.has_value else Level.PEDANTIC,
        severity=None if added.column.has_value else Severity.INFO,
        equivalents=_OF_COLUMN,
    )


def _name(constraint: Constraint) -> str:
    return f"`{constraint.name}` " if constraint.name else ""


def _detail(table: TableName, constraint: Constraint) -> str:
    return (
        f"writes to `{table}` and `{constraint.references}` wait behind SHARE ROW EXCLUSIVE locks while every row "
        f"of `{table}` is looked up"
    )


def _takes_not_valid(statement: Statement, added: TableOperation, settings: Settings, graph: Graph) -> bool:
    partitioned = table_before(added, statement, graph).is_partitioned
    return not partitioned or server(settings) >= _PARTITIONED_SINCE
