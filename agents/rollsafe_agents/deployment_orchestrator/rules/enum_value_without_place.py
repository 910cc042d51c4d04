"""A new value comes last without anybody saying so.

## What it does
Reports `ALTER TYPE … ADD VALUE` without `BEFORE` or `AFTER`.

## Why it matters
The order of an enum's values is the order in which `ORDER BY`, `<` and `max()` see them. A value that is added without a
place becomes the greatest. Where that is not meant, nothing fails: lists and comparisons are wrong.

## Bad
```sql title="db/migrations/V100__order_status.sql"
CREATE TYPE order_status AS ENUM ('new', 'paid');
```
```sql title="db/migrations/V145__packed.sql"
ALTER TYPE order_status ADD VALUE IF NOT EXISTS 'packed'; -- <-
```

## Good
```sql title="db/migrations/V100__order_status.sql"
CREATE TYPE order_status AS ENUM ('new', 'paid');
```
```sql title="db/migrations/V145__packed.sql"
ALTER TYPE order_status ADD VALUE IF NOT EXISTS 'packed' AFTER 'paid';
```

## Fix
Says where the value goes now, `AFTER` the last one, where earlier migrations tell which that is.

## References
- [PostgreSQL: ALTER TYPE](https://www.postgresql.org/docs/current/sql-altertype.html)

## Equivalent rules
- `hazard:enum-value-ordering`
- `squawk:require-enum-value-ordering`
- `pgfence:alter-enum-no-ordering`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import AddEnumValue
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import is_editable
from rollsafe.rules.migration_words import clause
from rollsafe.workspace.enums import values_before
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import going_up
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.HINT, since="0.1.0", level=Level.PEDANTIC, fix=Safety.SAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a value that is added without a place."""
    for one in going_up(statement, settings, AddEnumValue):
        if one.beside is None:
            yield Finding(
                clause(statement, one, "ADD", "VALUE"),
                f"`{one.value}` becomes the last value of `{one.type}`",
                _fixes(statement, one, graph),
                detail="comparing and sorting go by the order of the values",
            )


def _fixes(statement: Statement, one: AddEnumValue, graph: Graph) -> tuple[Fix, ...]:
    known = values_before(one, statement, graph)
    if not known or one.value in known or not is_editable(statement, one):
        return ()
    last = known[-1].replace("'", "''")
    edit = Edit(Span.at(statement.end), f" AFTER '{last}'")
    return (Fix(f"Say that it goes after `{known[-1]}`", Safety.SAFE, edits=(edit,)),)
