"""Rows are checked again because the type of a column changes.

## What it does
Reports a change of type that writes no row again, such as a longer `varchar`, of a column that a CHECK constraint speaks
of, as far as earlier migrations tell.

## Why it matters
A wider type is instant as a rule. With a CHECK on the column PostgreSQL reads the whole table to check every row again,
under the ACCESS EXCLUSIVE lock of the change: reads and writes wait for as long as that takes.

## Bad
```sql title="db/migrations/V166__codes.sql"
CREATE TABLE codes (id bigint PRIMARY KEY, code varchar(10) CONSTRAINT codes_filled CHECK (code <> ''));
```
```sql title="db/migrations/V167__longer.sql"
ALTER TABLE codes ALTER COLUMN code TYPE varchar(20); -- <-
```

## Good
```sql title="db/migrations/V166__codes.sql"
CREATE TABLE codes (id bigint PRIMARY KEY, code varchar(10) CONSTRAINT codes_filled CHECK (code <> ''));
```
```sql title="db/migrations/V167__longer.sql"
ALTER TABLE codes DROP CONSTRAINT codes_filled, ALTER COLUMN code TYPE varchar(20), ADD CONSTRAINT codes_filled CHECK (code <> '') NOT VALID;
```
```sql title="db/migrations/V168__validate_codes_filled.sql"
ALTER TABLE codes VALIDATE CONSTRAINT codes_filled;
```

## Fix
Drops the constraint, changes the type, adds the constraint again as `NOT VALID`, which holds for new rows at once, and
validates it in a migration that follows. Unsafe: until then nobody has looked at the rows there are.

## References
- [PostgreSQL: ALTER TABLE, notes](https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES)

## Equivalent rules
- `hazard:change-column-with-check`
- `strong_migrations:change_column_constraint`
- `online_migrations:change_column_constraint`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.artefacts.migrations.operations import AlterColumnType
from rollsafe.artefacts.migrations.pieces import Constraint, ConstraintKind
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import is_editable, named, then_later
from rollsafe.rules.migration_steps import Step
from rollsafe.rules.migration_words import by_rows, clause
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import changes, server
from rollsafe.workspace.restating import takes_effect
from rollsafe.workspace.retyping import keeps_values, type_before
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import table_before


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a change of type that reads all rows because of a CHECK."""
    for change in changes(statement, settings, AlterColumnType):
        table = table_before(change, statement, graph)
        before = type_before(graph)(change, statement)
        if before is None or str(before) == str(change.type) or not takes_effect(change, statement, graph):
            continue
        checks = [
            pair for pair in table.constraints_on(change.column) if pair[1].kind is ConstraintKind.CHECK
        ]
        if checks and keeps_values(statement, change, before, server(settings)):
            finding = Finding(
                clause(statement, change, "TYPE"),
                f"type of `{change.table}.{change.column}` changes under the check `{checks[0][0]}`",
                partial(_fixes, statement, change, checks, graph, settings),
                detail=f"every row of `{change.table}` is checked again under an ACCESS EXCLUSIVE lock: its reads "
                "and writes wait until that is done",
            )
            yield by_rows(finding, change.table, statement, graph, settings)


def _fixes(
    statement: Statement,
    change: AlterColumnType,
    checks: list[tuple[str, Constraint]],
    graph: Graph,
    settings: Settings,
) -> tuple[Fix, ...]:
    if not is_editable(statement, change):
        return ()
    dropped = "".join(f"DROP CONSTRAINT {quoted(name)}, " for name, _ in checks)
    added = "".join(f", ADD {named(one, name)} NOT VALID" for name, one in checks)
    alter = f"ALTER TABLE {change.table.sql} VALIDATE CONSTRAINT"
    steps = tuple(Step(f"validate {name}", (f"{alter} {quoted(name)}",)) for name, _ in checks)
    edits = (Edit(Span.at(change.start), dropped), Edit(Span.at(change.end), added))
    later = then_later(statement, edits, steps, graph, settings)
    return (
        (later.fix("Add the check again as `NOT VALID`, and validate it later"),) if later is not None else ()
    )
