"""A column that counts runs out of numbers.

## What it does
Reports columns of type `smallint`, and of type `integer` or `serial`.

## Why it matters
An `integer` ends at 2,147,483,647, a `smallint` at 32,767. A key that reaches the end makes every INSERT fail at once,
and widening it by then rewrites a very large table under an ACCESS EXCLUSIVE lock.

## Bad
```sql title="db/migrations/V100__orders.sql"
CREATE TABLE IF NOT EXISTS orders (id integer PRIMARY KEY); -- <-
```

## Good
```sql title="db/migrations/V100__orders.sql"
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY);
```

## Fix
Makes it `bigint` (`bigserial`), and with it the columns that point at it; a column that points at another
follows that one. Unsafe: code that reads the column as a 32-bit number has to follow.

## References
- [PostgreSQL: integer types](https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-INT)

## Equivalent rules
- `hazard:prefer-bigint`
- `squawk:prefer-bigint-over-int`
- `squawk:prefer-bigint-over-smallint`
- `pgls:preferBigInt`
- `pgls:preferBigintOverInt`
- `pgls:preferBigintOverSmallint`
- `pgfence:prefer-bigint-over-int`
- `pg-migration-lint:PGM107`
- `online_migrations:short_primary_key_type`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import AddColumn, AlterColumnType, CreateTable
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.column_types import Typed, about, typed_columns, unless_retyped
from rollsafe.rules.key_types import widened
from rollsafe.text.records import replace
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.settings import Settings

_WIDE: Final = {"integer": "bigint", "smallint": "bigint", "serial": "bigserial", "smallserial": "bigserial"}
_END: Final = {
    "integer": "2,147,483,647",
    "serial": "2,147,483,647",
    "smallint": "32,767",
    "smallserial": "32,767",
}
_SMALL: Final = (
    *("hazard:prefer-bigint", "squawk:prefer-bigint-over-smallint", "pgls:preferBigInt"),
    "pgls:preferBigintOverSmallint",
)
_MEDIUM: Final = (
    *("hazard:prefer-bigint", "squawk:prefer-bigint-over-int", "pgls:preferBigInt"),
    *("pgls:preferBigintOverInt", "pgfence:prefer-bigint-over-int"),
)
_KEY: Final = ("pg-migration-lint:PGM107", "online_migrations:short_primary_key_type")


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a column that ends early."""
    if not statement.does(CreateTable, AddColumn, AlterColumnType):
        return
    for column in typed_columns(statement, settings):
        name = column.type.name
        if name not in _WIDE or column.type.schema is not None:
            continue
        small = _SMALL if name.startswith("small") else _MEDIUM
        yield replace(
            about(
                column, f"is `{name}`, which ends at {_END[name]}", "every INSERT fails once it is reached"
            ),
            fixes=partial(_fixes, column, statement, graph),
            equivalents=(*small, *_KEY) if column.is_key else small,
        )


def _fixes(column: Typed, statement: Statement, graph: Graph) -> tuple[Fix, ...]:
    return tuple(
        one
        for fix in widened(column, _WIDE, statement, graph)
        for one in unless_retyped(fix, column, statement, graph)
    )
