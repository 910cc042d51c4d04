"""An exclusion constraint is added while nobody can use the table.

## What it does
Reports `ADD CONSTRAINT … EXCLUDE` on a table that was there before the migration.

## Why it matters
PostgreSQL builds the constraint's index under an ACCESS EXCLUSIVE lock, and for exclusion constraints there is no
other way: reads and writes of the table wait for as long as that takes.

## Bad
```sql title="db/migrations/V60__no_overlap.sql"
ALTER TABLE bookings ADD CONSTRAINT bookings_no_overlap EXCLUDE USING gist (room WITH =, during WITH &&); -- <-
```

## Good
```sql title="db/migrations/V60__no_overlap.sql"
CREATE TABLE bookings_v2 (
    LIKE bookings INCLUDING ALL,
    CONSTRAINT bookings_no_overlap EXCLUDE USING gist (room WITH =, during WITH &&)
);
```

## Fix
None: either the table is small and the lock is short, or rows have to be copied to a new table in batches and the
names swapped.

## References
- [PostgreSQL: exclusion constraints](https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-EXCLUSION)

## Equivalent rules
- `hazard:add-exclusion-constraint`
- `pgls:avoidAddingExclusionConstraint`
- `pgfence:add-constraint-exclude`
- `pg-migration-lint:PGM019`
- `eugene:E8`
- `strong_migrations:add_exclusion_constraint`
- `online_migrations:add_exclusion_constraint`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import AddConstraint
from rollsafe.artefacts.migrations.pieces import ConstraintKind
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.migration_words import clause
from rollsafe.workspace.migrations import changes
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.WARNING, since="0.1.0")
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for an exclusion constraint on an existing table."""
    for added in changes(statement, settings, AddConstraint):
        if added.constraint.kind is ConstraintKind.EXCLUDE:
            name = f"`{added.constraint.name}` " if added.constraint.name else ""
            yield Finding(
                clause(statement, added, "EXCLUDE"),
                f"exclusion constraint {name}is built on `{added.table}` under a lock",
                detail=f"reads and writes of `{added.table}` wait behind an ACCESS EXCLUSIVE lock while the index is "
                "built",
            )
