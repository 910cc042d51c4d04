"""A guarantee about rows is given up.

## What it does
Reports `DROP CONSTRAINT` of what was there before the migration, unless the file adds one of the same name again or the
constraint only proved a `NOT NULL`.

## Why it matters
From here on rows may be wrong that nobody has ever had to handle, and adding the constraint again fails on the first
of them. Dropping a foreign key also locks the table it points at against reads and writes.

## Bad
```sql title="db/migrations/V113__drop_check.sql"
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_total_positive; -- <-
```

## Good
```sql title="db/migrations/V113__drop_check.sql"
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
ALTER TABLE orders ADD CONSTRAINT orders_total_known CHECK (total IS NOT NULL) NOT VALID;
```

## Fix
None: whether nobody relies on it is for a person to say.

## References
- [PostgreSQL: constraints](https://www.postgresql.org/docs/current/ddl-constraints.html)

## Equivalent rules
- `hazard:drop-constraint`
- `squawk:ban-drop-constraint`
- `pgfence:drop-constraint`
- `pgrubic:CT004`
- `atlas:CD101`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import (
    AddConstraint,
    AlterObject,
    DropConstraint,
    SetNotNull,
    TableOperation,
)
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.rules.migration_words import clause, milder
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import changes
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import table_before


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a constraint that goes away."""
    for one in changes(statement, settings, DropConstraint):
        if _is_added_again(statement, one) or _has_proved(statement, one, graph):
            continue
        yield Finding(
            clause(statement, one, "DROP", "CONSTRAINT"),
            f"constraint `{one.name}` of `{one.table}` is dropped",
            detail=f"rows of `{one.table}` may break it from here on, and then it cannot be added again",
            severity=milder(statement, one),
        )
    for change in changes(statement, settings, AlterObject):
        if change.object == "domain" and change.action == "drop constraint":
            yield Finding(
                clause(statement, change, "DROP", "CONSTRAINT"),
                f"a constraint of domain `{change.name}` is dropped",
                detail="values that break it may be stored from here on, and then it cannot be added again",
                severity=milder(statement, change),
            )


def _is_added_again(statement: Statement, dropped: DropConstraint) -> bool:
    return any(
        one.constraint.name == dropped.name and one.table.key == dropped.table.key
        for one in statement.migration.of(AddConstraint)
    )


def _has_proved(statement: Statement, dropped: DropConstraint, graph: Graph) -> bool:
    """Say whether the constraint only kept columns from being NULL that are required by now."""
    table = table_before(dropped, statement, graph)
    known = table.constraints.get(dropped.name)
    if known is not None:
        return bool(known.proven) and known.proven <= table.required
    return table.is_doubtful and any(
        _made_required(one, dropped) for one in statement.migration.of(SetNotNull)
    )


def _made_required(one: SetNotNull, dropped: TableOperation) -> bool:
    return one.table.key == dropped.table.key and one.start < dropped.start
