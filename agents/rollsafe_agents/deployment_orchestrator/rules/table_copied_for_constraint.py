"""MySQL copies a table to add a constraint to it.

## What it does
Reports `ADD FOREIGN KEY` and `ADD CHECK` on a table that was there before the migration, in migrations for MySQL.

## Why it matters
MySQL adds both by writing the whole table again, and all writes wait until that is done: for a foreign key as long as
`foreign_key_checks` is on, for a check always.

## Bad
```sql title="db/mysql/migrations/V6__key.sql"
ALTER TABLE orders ADD CONSTRAINT orders_shop_fk FOREIGN KEY (shop_id) REFERENCES shops (id); -- <-
```

## Good
```sql title="db/mysql/migrations/V6__key.sql"
ALTER TABLE orders ADD INDEX orders_shop (shop_id), ALGORITHM=INPLACE, LOCK=NONE;
```

## Fix
None: a foreign key is added in place while `foreign_key_checks` is off, and then nobody has checked the rows; a tool
for online changes copies the table beside the traffic.

## References
- [MySQL: online DDL, foreign keys](https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html#online-ddl-foreign-key-operations)

## Equivalent rules
- `hazard:add-foreign-key-not-not-valid`
- `hazard:add-check-not-not-valid`
- `strong_migrations:add_foreign_key_mysql`
- `strong_migrations:add_check_constraint_mysql`
- `atlas:MY103`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Dialect, ForeignStatement, Statement
from rollsafe.artefacts.migrations.foreign_locks import Way, way_of
from rollsafe.artefacts.migrations.operations import AddConstraint
from rollsafe.artefacts.migrations.pieces import ConstraintKind
from rollsafe.rules import Finding, Severity, rule
from rollsafe.workspace.elsewhere import changes_elsewhere, place_of
from rollsafe.workspace.settings import Settings

_PEERS: Final = {
    ConstraintKind.FOREIGN: (
        "hazard:add-foreign-key-not-not-valid",
        "strong_migrations:add_foreign_key_mysql",
    ),
    ConstraintKind.CHECK: (
        *("hazard:add-check-not-not-valid", "strong_migrations:add_check_constraint_mysql", "atlas:MY103"),
    ),
}


@rule(severity=Severity.WARNING, since="0.1.0")
def check(statement: Statement | ForeignStatement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a constraint that makes the table be written again."""
    for one in changes_elsewhere(statement, settings, Dialect.MYSQL, AddConstraint):
        peers = _PEERS.get(one.constraint.kind)
        if peers is not None and way_of(one, (), checks_keys=_checks_keys(statement)) is Way.COPY:
            yield Finding(
                place_of(statement, one, one.table.name),
                f"`{one.table}` is written again to get a {one.constraint.kind.value}",
                detail=f"writes to `{one.table}` wait until all rows are copied",
                equivalents=peers,
            )


def _checks_keys(statement: Statement | ForeignStatement) -> bool:
    return not isinstance(statement, ForeignStatement) or statement.checks_keys
