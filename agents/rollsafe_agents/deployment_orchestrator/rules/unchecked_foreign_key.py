"""A foreign key is added while nobody checks it (MySQL).

## What it does
Reports, in migrations for MySQL, a foreign key that is added to a table that was there before the migration, after
`SET FOREIGN_KEY_CHECKS = 0`.

## Why it matters
MySQL takes the key without looking at the rows, and does not look at them when the checks are switched on again either.
Rows that point at nothing stay, the key says that there are none, and whoever relies on it loses them later: an update
of such a row fails, and a dump of the table cannot be loaded again.

## Bad
```sql title="db/mysql/migrations/V6__key.sql"
SET FOREIGN_KEY_CHECKS = 0;
ALTER TABLE orders ADD CONSTRAINT orders_shop_fk FOREIGN KEY (shop_id) REFERENCES shops (id); -- <-
SET FOREIGN_KEY_CHECKS = 1;
```

## Good
```sql title="db/mysql/migrations/V6__key.sql"
SET FOREIGN_KEY_CHECKS = 0;
ALTER TABLE orders ADD INDEX orders_shop (shop_id), ALGORITHM=INPLACE, LOCK=NONE;
SET FOREIGN_KEY_CHECKS = 1;
```

## Fix
None: with the checks on the table is copied while writes wait, and with them off a query has to find the rows first.

## References
- [MySQL: foreign_key_checks](https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_foreign_key_checks)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Dialect, ForeignStatement
from rollsafe.artefacts.migrations.operations import AddConstraint
from rollsafe.artefacts.migrations.pieces import ConstraintKind
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.workspace.elsewhere import changes_elsewhere, place_of
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC)
def check(statement: ForeignStatement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a foreign key that says more than anybody has checked."""
    for one in changes_elsewhere(statement, settings, Dialect.MYSQL, AddConstraint):
        key = one.constraint
        if key.kind is ConstraintKind.FOREIGN and not statement.checks_keys:
            columns = ", ".join(f"`{name}`" for name in key.columns)
            yield Finding(
                place_of(statement, one, one.table.name),
                f"nobody checks whether rows of `{one.table}` fit the foreign key on {columns}",
                detail="`FOREIGN_KEY_CHECKS` is off, and switching it on again checks nothing",
            )
