"""A transaction is begun and never committed.

## What it does
Reports `BEGIN` without a `COMMIT` or `ROLLBACK` after it in the same file.

## Why it matters
When the connection is closed, PostgreSQL rolls everything back. The runner has seen no error and may record the
migration as done: the schema stays old while everybody believes it is new. If the connection stays open, its
locks do too.

## Bad
```sql title="db/migrations/0012_note.sql"
BEGIN; -- <-
ALTER TABLE orders ADD COLUMN note text;
```

## Good
```sql title="db/migrations/0012_note.sql"
BEGIN;
ALTER TABLE orders ADD COLUMN note text;
COMMIT;
```

## Fix
Adds `COMMIT` at the end. Unsafe: what was rolled back until then takes effect.

## References
- [PostgreSQL: transactions](https://www.postgresql.org/docs/current/tutorial-transactions.html)

## Equivalent rules
- `hazard:uncommitted-transaction`
- `squawk:ban-uncommitted-transaction`
- `pgfence:unclosed-transaction`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement, Transactions
from rollsafe.artefacts.migrations.operations import Transaction, TransactionAction
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.migration_edits import after
from rollsafe.workspace.migrations import is_judged, later_statements
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for the last BEGIN of a file that nothing ends."""
    if not statement.does(Transaction) or not is_judged(statement, settings):
        return
    # Where the runner has opened one, BEGIN does nothing and the runner commits.
    if statement.migration.convention.transactions is Transactions.WRAPPED:
        return
    begins = any(one.action is TransactionAction.BEGIN for one in statement.of(Transaction))
    later = later_statements(statement)
    savepoint = TransactionAction.OTHER
    if begins and _hands_back(statement):
        return
    if begins and not any(one.action is not savepoint for other in later for one in other.of(Transaction)):
        last = later[-1] if later else statement
        yield Finding(
            statement,
            f"`{statement.kind}` has no `COMMIT`",
            (Fix("Add `COMMIT`", Safety.UNSAFE, edits=(after(last, "COMMIT"),)),),
            detail="everything after it is rolled back when the connection is closed",
        )


def _hands_back(statement: Statement) -> bool:
    """Say whether a BEGIN gives an unknown runner back the transaction that the file has committed first."""
    if statement.migration.convention.transactions is not Transactions.ASSUMED:
        return False
    earlier = statement.migration.section(statement.section)[: statement.index]
    first = next((one for other in earlier for one in other.of(Transaction)), None)
    return first is not None and first.action is TransactionAction.COMMIT
