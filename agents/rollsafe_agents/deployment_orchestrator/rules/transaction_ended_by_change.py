"""A transaction ends where MySQL changes a table.

## What it does
Reports the first `CREATE`, `ALTER`, `DROP`, `RENAME` or `TRUNCATE` after `START TRANSACTION` or `BEGIN`, in migrations for MySQL and MariaDB.

## Why it matters
MySQL commits what is open before each of them and runs the rest outside of any transaction. `ROLLBACK` undoes nothing
any more: a migration that fails half-way stays half done, and running it again fails at its first statement.

## Bad
```sql title="db/mysql/migrations/V4__state.sql"
START TRANSACTION;
UPDATE orders SET state = 'new' WHERE state = '';
ALTER TABLE orders ADD INDEX orders_state (state), ALGORITHM=INPLACE, LOCK=NONE; -- <-
COMMIT;
```

## Good
```sql title="db/mysql/migrations/V4__state.sql"
START TRANSACTION;
UPDATE orders SET state = 'new' WHERE state = '';
COMMIT;
ALTER TABLE orders ADD INDEX orders_state (state), ALGORITHM=INPLACE, LOCK=NONE;
```

## Fix
None: what has to be done together, and what may be done alone, only the author knows.

## References
- [MySQL: statements that cause an implicit commit](https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Dialect, ForeignStatement
from rollsafe.rules import Finding, Severity, Span, rule


@rule(severity=Severity.WARNING, since="0.1.0")
def check(statement: ForeignStatement) -> Iterator[Finding]:
    """Yield a finding for the change that ends a transaction by itself."""
    if statement.dialect is not Dialect.MYSQL or statement.is_down or statement.is_practice:
        return
    if statement.is_in_transaction and statement.commits:
        yield Finding(
            Span(statement.tokens[0].start, statement.tokens[0].end),
            f"`{statement.tokens[0].word}` commits the transaction that is open",
            detail="`ROLLBACK` undoes neither it nor what comes before it; what follows runs outside of a transaction",
        )
