"""A change leaves it to MySQL whom it blocks.

## What it does
Reports, in migrations for MySQL and MariaDB, a change of a table that was there before the migration that can be made beside the
writes of others, and says neither `ALGORITHM` nor `LOCK`.

## Why it matters
Where MySQL cannot do it in place, because of the version, the engine, a FULLTEXT index or the row format of the very
table, it copies the table without a word, and all writes wait. With the options the statement fails at once instead.

## Bad
```sql title="db/mysql/migrations/V3__code.sql"
ALTER TABLE orders ADD INDEX orders_code (code); -- <-
```

## Good
```sql title="db/mysql/migrations/V3__code.sql"
ALTER TABLE orders ADD INDEX orders_code (code), ALGORITHM=INPLACE, LOCK=NONE;
```

## Fix
Says both. Unsafe: a migration that would have blocked writes fails.

## References
- [MySQL: online DDL](https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-performance.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Dialect, ForeignStatement
from rollsafe.artefacts.migrations.operations import TableOperation
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.online_changes import asking_for_it, is_possible_beside_writes
from rollsafe.workspace.elsewhere import changes_elsewhere
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(statement: ForeignStatement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a change that may block writes without anybody having asked for it."""
    changed = list(changes_elsewhere(statement, settings, Dialect.MYSQL, TableOperation))
    if not changed or statement.options or not is_possible_beside_writes(statement):
        return
    words = " ".join(one.word for one in statement.tokens[:2])
    yield Finding(
        Span(statement.start, statement.tokens[1].end),
        f"`{words}` leaves it to MySQL whether writes wait",
        (Fix("Refuse to block writes", Safety.UNSAFE, edits=asking_for_it(statement)),),
        detail="where it cannot be done in place, MySQL copies the table while all writes to it wait",
    )
