"""A migration begins or ends a transaction that is not its own.

## What it does
Reports `BEGIN` inside of a transaction, and `COMMIT` or `ROLLBACK` that ends the transaction of the runner or none
at all.

## Why it matters
PostgreSQL has no nested transactions. The inner `BEGIN` does nothing, but the `COMMIT` ends the transaction the
runner has opened: what comes after it runs without one, and so does the runner's own note that the migration is
done. A failure then leaves half of the migration applied and recorded as not applied.

## Bad
```sql title="db/migrations/20260301100000_note.sql"
-- +goose Up
BEGIN; -- <-
ALTER TABLE orders ADD COLUMN note text;
COMMIT; -- <-

-- +goose Down
ALTER TABLE orders DROP COLUMN note;
```

## Good
```sql title="db/migrations/20260301100000_note.sql"
-- +goose Up
ALTER TABLE orders ADD COLUMN note text;

-- +goose Down
ALTER TABLE orders DROP COLUMN note;
```

## Fix
Removes the statement. Unsafe: if the runner opens no transaction after all, its statements run one by one.

## References
- [PostgreSQL: BEGIN, notes](https://www.postgresql.org/docs/current/sql-begin.html)

## Equivalent rules
- `hazard:transaction-nesting`
- `squawk:transaction-nesting`
- `pgls:transactionNesting`
- `atlas:TX101`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement, Transactions
from rollsafe.artefacts.migrations.operations import Transaction, TransactionAction
from rollsafe.formats.yaml_edit import line_end, line_start, whole_lines
from rollsafe.rules import Confidence, Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.workspace.migrations import earlier_statements, is_judged
from rollsafe.workspace.settings import Settings

_ENDS = (TransactionAction.COMMIT, TransactionAction.ROLLBACK)


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a transaction statement that does not do what it says."""
    if not statement.does(Transaction) or not is_judged(statement, settings):
        return
    for one in statement.operations:
        if isinstance(one, Transaction):
            yield from _judge(statement, one, settings)


def _judge(statement: Statement, one: Transaction, settings: Settings) -> Iterator[Finding]:
    wrapped = _is_wrapped(statement, settings)
    depth = _depth(statement)
    word = f"`{statement.kind}`"
    if one.action is TransactionAction.BEGIN and (depth or wrapped):
        outer = "another one" if depth else "the one its runner opens"
        yield _finding(
            statement, f"{word} begins a transaction inside of {outer}", "the statement does nothing"
        )
    elif one.action in _ENDS and wrapped:
        what = "what comes after it, the runner's own note included, runs without one"
        yield _finding(statement, f"{word} ends the transaction of the runner", what)
    elif one.action is TransactionAction.BEGIN or (one.action in _ENDS and depth):
        yield from _unknown(statement, word, settings)
    elif one.action in _ENDS and not depth and _has_none(statement):
        yield _finding(statement, f"{word} has no transaction to end", "the statement does nothing")


def _unknown(statement: Statement, word: str, settings: Settings) -> Iterator[Finding]:
    """Yield a finding, for auditors, where nobody knows whether the runner opens a transaction."""
    assumed = statement.migration.convention.transactions is Transactions.ASSUMED
    if assumed and settings.migrations.assume_in_transaction is None:
        yield Finding(
            statement,
            f"{word} does not do what it says if the runner opens a transaction",
            detail="the runner is not known; `assume-in-transaction` in the settings tells",
            severity=Severity.INFO,
            confidence=Confidence.LOW,
            level=Level.AUDITOR,
            equivalents=("hazard:transaction-nesting", "pgls:transactionNesting"),
        )


def _is_wrapped(statement: Statement, settings: Settings) -> bool:
    """Say whether the runner is certain to have opened a transaction around the file."""
    known = statement.migration.convention.transactions
    if known is Transactions.ASSUMED:
        return settings.migrations.assume_in_transaction is True
    return known is Transactions.WRAPPED


def _has_none(statement: Statement) -> bool:
    """Say whether no runner opens a transaction that the statement could be meant for."""
    return statement.migration.convention.transactions in (Transactions.SEPARATE, Transactions.ASSUMED)


def _depth(statement: Statement) -> int:
    """Return how many transactions the file has begun and not ended before the statement."""
    depth = 0
    for earlier in earlier_statements(statement):
        for one in earlier.of(Transaction):
            if one.action is TransactionAction.BEGIN:
                depth = 1
            elif one.action in _ENDS:
                depth = 0
    return depth


def _finding(statement: Statement, message: str, detail: str) -> Finding:
    text, end = statement.file.text, statement.sql.full_end
    start, stop = line_start(text, statement.start), line_end(text, end)
    alone = not text[start : statement.start].strip() and not text[end:stop].strip()
    span = whole_lines(text, start, stop) if alone else Span(statement.start, end)
    fix = Fix(f"Remove {message.partition(' ')[0]}", Safety.UNSAFE, edits=(Edit(span, ""),))
    is_known = statement.migration.convention.transactions is not Transactions.ASSUMED
    return Finding(statement, message, (fix,) if is_known else (), detail=detail)
