"""A statement that PostgreSQL runs outside of transactions only is in one.

## What it does
Reports statements such as `CREATE INDEX CONCURRENTLY`, `REINDEX … CONCURRENTLY`, `VACUUM` and, before PostgreSQL
12, `ALTER TYPE … ADD VALUE` that run in a transaction: one the file begins, one its runner opens, or the one that
several statements sent in one message form. Where nobody knows the runner it is said at level `pedantic` only.

## Why it matters
PostgreSQL refuses the statement with error 25001 and the deployment stops in the middle: the migrations before
have run, this one has not, and the release that needs it cannot start.

## Bad
```sql title="db/migrations/20260301100000_orders_by_customer.sql"
-- migrate:up
CREATE INDEX CONCURRENTLY orders_customer_id_idx ON orders (customer_id); -- <-

-- migrate:down
DROP INDEX orders_customer_id_idx;
```

## Good
```sql title="db/migrations/20260301100000_orders_by_customer.sql"
-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY orders_customer_id_idx ON orders (customer_id);

-- migrate:down
DROP INDEX orders_customer_id_idx;
```

## Fix
Tells the runner to leave out the transaction. Where other statements of the file need it, the statement goes to
a migration that follows. Unsafe: what fails half-way is not rolled back any more.

## References
- [PostgreSQL: building indexes concurrently](https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY)
- [Flyway: mixed](https://documentation.red-gate.com/flyway/reference/configuration/flyway-namespace/flyway-mixed-setting)

## Equivalent rules
- `hazard:concurrently-in-transaction`
- `squawk:ban-concurrent-index-creation-in-transaction`
- `pgls:banConcurrentIndexCreationInTransaction`
- `pgfence:concurrent-in-transaction`
- `pg-migration-lint:PGM003`
- `atlas:PG103`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement, refuses_transaction
from rollsafe.artefacts.migrations.operations import (
    AddEnumValue,
    AlterObject,
    CreateIndex,
    CreateObject,
    DetachPartition,
    DoBlock,
    DropIndex,
    DropObject,
    Maintain,
    Operation,
    Reindex,
    SetSetting,
)
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.migration_edits import is_editable, moved_out, run_apart
from rollsafe.rules.migration_files import Step
from rollsafe.rules.migration_words import clause, opening
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import controls_transactions, is_judged, is_runner_known, is_wrapped, server
from rollsafe.workspace.settings import Settings

_MAYBE: Final = (
    *(CreateIndex, DropIndex, Reindex, DetachPartition, Maintain),
    *(AddEnumValue, AlterObject, CreateObject, DropObject),
)


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a statement whose transaction makes PostgreSQL refuse it."""
    if not statement.does(*_MAYBE) or not is_judged(statement.migration, settings):
        return
    for one in statement.of(*_MAYBE):
        if refuses_transaction(one, server(settings)):
            yield from _judge(statement, one, settings, graph)


def _judge(statement: Statement, one: Operation, settings: Settings, graph: Graph) -> Iterator[Finding]:
    what = f"`{statement.kind}{' CONCURRENTLY' if _concurrently(statement, one) else ''}`"
    if not is_editable(statement, one):
        yield _finding(statement, one, f"{what} cannot run inside of a DO block", "a DO block is a transaction")
    elif is_wrapped(statement, settings, graph, unknown=False):
        message = f"{what} cannot run in a transaction, which this file is in"
        reason = "the file begins it" if controls_transactions(statement) else _reason(statement)
        yield _finding(statement, one, message, reason, _fixes(statement, graph, settings))
    elif _mixes(statement, settings, graph):
        message = f"{what} shares a file with statements that need a transaction, which Flyway refuses"
        found = _finding(statement, one, message, "unless `mixed` is set", _fixes(statement, graph, settings))
        yield _with(found, confidence=Confidence.MEDIUM)
    elif not is_runner_known(statement, settings):
        found = _finding(statement, one, f"{what} fails if the runner opens a transaction", "most runners do")
        yield _with(found, confidence=Confidence.LOW, severity=Severity.WARNING, level=Level.PEDANTIC)
