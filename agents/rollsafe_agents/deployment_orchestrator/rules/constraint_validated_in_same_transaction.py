"""A constraint is validated under the lock that adding it took.

## What it does
Reports `VALIDATE CONSTRAINT` in the transaction in which the constraint was added `NOT VALID`. For a constraint of
columns that are new in this migration it is told at level `pedantic` only.

## Why it matters
The point of `NOT VALID` is that the table is read later, under a lock that lets others through. Locks are held
until the transaction ends: validated in the same one, every row is read under the strong lock after all, and
writes, for a check also reads, wait as long as without `NOT VALID`.

## Bad
```sql title="db/migrations/V31__total_is_positive.sql"
ALTER TABLE orders ADD CONSTRAINT orders_total_positive CHECK (total_cents >= 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_total_positive; -- <-
```

## Good
```sql title="db/migrations/V31__total_is_positive.sql"
ALTER TABLE orders ADD CONSTRAINT orders_total_positive CHECK (total_cents >= 0) NOT VALID;
```
```sql title="db/migrations/V32__validate_orders_total_positive.sql"
ALTER TABLE orders VALIDATE CONSTRAINT orders_total_positive;
```

## Fix
Moves the validation to a migration that follows. Unsafe: until then old rows may violate the constraint.

## References
- [PostgreSQL: ADD table_constraint NOT VALID](https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT)

## Equivalent rules
- `hazard:validate-constraint-same-transaction`
- `squawk:constraint-missing-not-valid`
- `pgls:requireSeparateConstraintValidation`
- `pgfence:not-valid-validate-same-tx`
- `strong_migrations:validate_foreign_key`
- `strong_migrations:validate_check_constraint`
- `online_migrations:validate_foreign_key`
- `online_migrations:validate_constraint`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import AddConstraint, ValidateConstraint
from rollsafe.artefacts.migrations.pieces import Constraint, ConstraintKind
from rollsafe.rules import Confidence, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.migration_edits import is_editable, moved_out
from rollsafe.rules.migration_steps import Step
from rollsafe.rules.migration_words import clause
from rollsafe.text import Span
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import adds_column, before_in_transaction, changes, is_runner_known
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import proven_columns


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a validation that gains nothing by being separate."""
    for validated in changes(statement, settings, ValidateConstraint):
        found = _adding(statement, validated, settings)
        if found is None:
            continue
        earlier, added = found
        foreign = added.constraint.kind is ConstraintKind.FOREIGN
        held = "SHARE ROW EXCLUSIVE" if foreign else "ACCESS EXCLUSIVE"
        yield Finding(
            clause(statement, validated, "VALIDATE"),
            f"constraint `{validated.name}` of `{validated.table}` is validated in the transaction that adds it",
            partial(_fixes, statement, validated, graph),
            (Related(earlier.file, Span.of(added), f"`{validated.name}` is added here"),),
            detail=f"{'writes' if foreign else 'reads and writes'} of `{validated.table}` wait behind the {held} "
            "lock of the first statement while every row is read",
            confidence=None if is_runner_known(statement, settings) else Confidence.MEDIUM,
            level=Level.PEDANTIC if _is_of_new_columns(statement, added) else None,
        )


def _adding(
    statement: Statement, validated: ValidateConstraint, settings: Settings
) -> tuple[Statement, AddConstraint] | None:
    """Return where the same transaction adds the constraint."""
    for earlier in (*before_in_transaction(statement, settings), statement):
        for one in earlier.of(AddConstraint):
            same = one.constraint.name == validated.name and one.table.key == validated.table.key
            if same and one.constraint.not_valid and one.start < validated.start:
                return earlier, one
    return None


def _is_of_new_columns(statement: Statement, added: AddConstraint) -> bool:
    columns = _columns(added.constraint)
    return bool(columns) and all(
        adds_column(statement.migration, added.table, one, added.start) for one in columns
    )


def _columns(constraint: Constraint) -> frozenset[str]:
    return frozenset(constraint.columns) or proven_columns(constraint)


def _fixes(statement: Statement, validated: ValidateConstraint, graph: Graph) -> tuple[Fix, ...]:
    if not is_editable(statement, validated) or len(statement.operations) != 1:
        return ()
    step = Step(f"validate {validated.name}", (statement.sql.text,))
    change = moved_out(statement, (step,), graph)
    return (change.fix("Validate in a migration of its own"),) if change is not None else ()
