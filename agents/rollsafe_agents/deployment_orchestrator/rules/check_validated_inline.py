"""A check constraint is tested for every row while nobody can use the table.

## What it does
Reports `ADD CONSTRAINT … CHECK` without `NOT VALID` on a table that was there before the migration, and
`ADD COLUMN … CHECK`, which reads the whole table even if the column has no default.

## Why it matters
PostgreSQL tests every row under an ACCESS EXCLUSIVE lock. Reads and writes of the table wait until that is done,
and so do all that come after them; on a large table this is an outage of everything that needs it.

## Bad
```sql title="db/migrations/V31__total_is_positive.sql"
ALTER TABLE orders
    ADD CONSTRAINT orders_total_positive CHECK (total_cents >= 0); -- <-
```

## Good
```sql title="db/migrations/V31__total_is_positive.sql"
ALTER TABLE orders
    ADD CONSTRAINT orders_total_positive CHECK (total_cents >= 0) NOT VALID;
```
```sql title="db/migrations/V32__validate_orders_total_positive.sql"
ALTER TABLE orders VALIDATE CONSTRAINT orders_total_positive;
```

## Fix
Adds `NOT VALID`, which tests new rows only and is instant, and a migration that follows and validates the rest
under a lock that lets reads and writes through. Unsafe: until then old rows may violate the constraint.

## References
- [PostgreSQL: ADD table_constraint NOT VALID](https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT)

## Equivalent rules
- `hazard:add-check-not-not-valid`
- `hazard:add-column-inline-check`
- `squawk:constraint-missing-not-valid`
- `pgls:constraintMissingNotValid`
- `pgfence:add-constraint-check-no-not-valid`
- `pg-migration-lint:PGM015`
- `eugene:E1`
- `pgrubic:US013`
- `strong_migrations:add_check_constraint`
- `online_migrations:add_check_constraint`
- `drizzle-migration-lint:add-check-without-not-valid`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.migrations import Statement, TableName
from rollsafe.artefacts.migrations.operations import AddColumn, AddConstraint
from rollsafe.artefacts.migrations.pieces import ConstraintKind
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.constraint_fixes import split_from_column, validated_later
from rollsafe.rules.migration_words import by_rows, clause
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import changes
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a check whose rows are tested under a lock."""
    if ConstraintKind.CHECK not in statement.traits:
        return
    for added in changes(statement, settings, AddConstraint):
        constraint = added.constraint
        if constraint.kind is ConstraintKind.CHECK and not constraint.not_valid:
            name = f"`{constraint.name}` " if constraint.name else ""
            finding = Finding(
                clause(statement, added, "CHECK"),
                f"check {name}is added to `{added.table}` without `NOT VALID`",
                partial(validated_later, statement, added, graph, settings),
                detail=_detail(added.table),
            )
            yield by_rows(finding, added.table, statement, graph, settings)
    for column in changes(statement, settings, AddColumn):
        test = column.column.constraint(ConstraintKind.CHECK)
        if test is not None:
            finding = Finding(
                clause(statement, column, "CHECK"),
                f"column `{column.table}.{column.column.name}` is added with a check that is tested at once",
                partial(split_from_column, statement, column, test, graph, settings),
                detail=_detail(column.table),
                equivalents=("hazard:add-column-inline-check",),
            )
            yield by_rows(finding, column.table, statement, graph, settings)


def _detail(table: TableName) -> str:
    return (
        f"reads and writes of `{table}` wait behind an ACCESS EXCLUSIVE lock while every row of it is tested"
    )
