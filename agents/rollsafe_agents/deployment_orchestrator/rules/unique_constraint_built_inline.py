"""The index behind a constraint is built while nobody can use the table.

## What it does
Reports `ADD CONSTRAINT … UNIQUE` and `… PRIMARY KEY` without `USING INDEX`, and `ADD COLUMN … UNIQUE`, on a table
that was there before the migration.

## Why it matters
PostgreSQL builds the index under an ACCESS EXCLUSIVE lock: reads and writes of the table wait for as long as that
takes. If two rows have the same value it all was for nothing, because the statement fails and the deployment stops.

## Bad
```sql title="db/migrations/V55__unique_number.sql"
ALTER TABLE orders ADD CONSTRAINT orders_number_key UNIQUE (number); -- <-
```

## Good
```sql title="db/migrations/V55__unique_number.sql"
CREATE UNIQUE INDEX CONCURRENTLY orders_number_key ON orders (number);
```
```sql title="db/migrations/V56__add_orders_number_key.sql"
ALTER TABLE orders ADD CONSTRAINT orders_number_key UNIQUE USING INDEX orders_number_key;
```

## Fix
Builds the index concurrently and turns it into the constraint in a migration that follows, which is instant.
Unsafe: rows are unique only once the index is built, and a build that fails leaves an invalid index behind. A
column of a new primary key has to be `NOT NULL` before, or the table is read under the lock after all.

## References
- [PostgreSQL: ADD table_constraint_using_index](https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT-USING-INDEX)

## Equivalent rules
- `hazard:add-unique-not-using-index`
- `hazard:add-unique-data-dependent`
- `hazard:add-column-inline-unique`
- `hazard:add-primary-key`
- `squawk:disallowed-unique-constraint`
- `squawk:constraint-missing-not-valid`
- `squawk:adding-serial-primary-key-field`
- `pgls:disallowUniqueConstraint`
- `pgls:addingPrimaryKeyConstraint`
- `pgfence:add-constraint-unique`
- `pgfence:add-pk-without-using-index`
- `pg-migration-lint:PGM016`
- `pg-migration-lint:PGM017`
- `eugene:E7`
- `pgrubic:US014`
- `pgrubic:US015`
- `strong_migrations:add_unique_constraint`
- `online_migrations:add_unique_constraint`
- `django-migration-linter:ADD_UNIQUE`
- `drizzle-migration-lint:add-unique-constraint`
- `drizzle-migration-lint:add-primary-key-on-existing-table`
- `pandadoc-migration-lint:BACKWARD_INCOMPATIBLE`
- `atlas:MF101`
- `atlas:PG104`
- `atlas:PG105`
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import AddColumn, AddConstraint, TableOperation
from rollsafe.artefacts.migrations.pieces import Constraint, ConstraintKind
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.migration_words import by_rows, clause
from rollsafe.rules.unique_fixes import built_after_column, built_before
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import changes
from rollsafe.workspace.restating import takes_effect
from rollsafe.workspace.settings import Settings

_UNIQUE: Final[tuple[str, ...]] = (
    *("hazard:add-unique-not-using-index", "hazard:add-unique-data-dependent", "eugene:E7"),
    *("squawk:disallowed-unique-constraint", "pgls:disallowUniqueConstraint", "pgrubic:US014"),
    *("pgfence:add-constraint-unique", "pg-migration-lint:PGM017", "atlas:MF101", "atlas:PG105"),
    *("strong_migrations:add_unique_constraint", "online_migrations:add_unique_constraint"),
    *("django-migration-linter:ADD_UNIQUE", "drizzle-migration-lint:add-unique-constraint"),
    "squawk:constraint-missing-not-valid",
)
_PRIMARY: Final[tuple[str, ...]] = (
    *("hazard:add-primary-key", "squawk:adding-serial-primary-key-field", "pgrubic:US015", "atlas:PG104"),
    *("pgls:addingPrimaryKeyConstraint", "pgfence:add-pk-without-using-index", "pg-migration-lint:PGM016"),
    *("drizzle-migration-lint:add-primary-key-on-existing-table", "squawk:constraint-missing-not-valid"),
)
_PRIMARY_COLUMN: Final[tuple[str, ...]] = (*_PRIMARY, "pandadoc-migration-lint:BACKWARD_INCOMPATIBLE")
_IN_COLUMN: Final[tuple[str, ...]] = (
    *("hazard:add-column-inline-unique", "squawk:disallowed-unique-constraint"),
    *("pgls:disallowUniqueConstraint", "atlas:PG105"),
)


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a constraint whose index is built under a lock."""
    if statement.traits.isdisjoint(_KINDS):
        return
    for added in changes(statement, settings, AddConstraint):
        constraint = added.constraint
        if constraint.kind not in _KINDS or not takes_effect(added, statement, graph):
            continue
        if constraint.using_index is None:
            fixes = partial(built_before, statement, added, settings, graph)
            what = (
                f"{constraint.kind.value} `{constraint.name}`" if constraint.name else constraint.kind.value
            )
            message = f"{what} is added to `{added.table}` together with its index"
            equivalents = _UNIQUE if constraint.kind is ConstraintKind.UNIQUE else _PRIMARY
            finding = _finding(statement, added, constraint, message, fixes, equivalents)
            yield by_rows(finding, added.table, statement, graph, settings)
    for column in changes(statement, settings, AddColumn):
        for constraint in column.column.constraints:
            if constraint.kind in _KINDS:
                message = (
                    f"column `{column.table}.{column.column.name}` is added with {constraint.kind.value}"
                )
                equivalents = _IN_COLUMN if constraint.kind is ConstraintKind.UNIQUE else _PRIMARY_COLUMN
                fixes = partial(built_after_column, statement, column, constraint, settings, graph)
                finding = _finding(statement, column, constraint, message, fixes, equivalents)
                yield by_rows(finding, column.table, statement, graph, settings)


_KINDS: Final = (ConstraintKind.UNIQUE, ConstraintKind.PRIMARY)


def _finding(
    statement: Statement,
    operation: TableOperation,
    constraint: Constraint,
    message: str,
    fixes: tuple[Fix, ...] | Callable[[], tuple[Fix, ...]],
    equivalents: tuple[str, ...],
) -> Finding:
    words = constraint.kind.value.upper().split()
    return Finding(
        statement.words(constraint, *words) or clause(statement, operation, *words),
        message,
        fixes,
        detail=f"reads and writes of `{operation.table}` wait behind an ACCESS EXCLUSIVE lock while the index is "
        "built",
        equivalents=equivalents,
    )
