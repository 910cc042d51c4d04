"""A statement that PostgreSQL runs outside of transactions only is in one.

## What it does
Reports statements such as `CREATE INDEX CONCURRENTLY`, `REINDEX … CONCURRENTLY`, `VACUUM`, `REINDEX` of a partitioned
table and, before PostgreSQL 12, `ALTER TYPE … ADD VALUE` that run in a transaction: one the file begins, one its runner opens, or the one that
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
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations import Statement, is_noticed_by_flyway, refuses_transaction
from rollsafe.artefacts.migrations.operations import (
    AddEnumValue,
    CreateIndex,
    CreateObject,
    DetachPartition,
    DropIndex,
    DropObject,
    Maintain,
    Operation,
    Other,
    Reindex,
    SetSetting,
)
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.migration_edits import is_editable, moved_out, run_apart
from rollsafe.rules.migration_steps import Step
from rollsafe.rules.migration_words import opening
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import (
    controls_transactions,
    is_judged,
    is_runner_known,
    is_wrapped,
    server,
)
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import is_rebuilt_by_partition

_MAYBE: Final = (
    *(CreateIndex, DropIndex, Reindex, DetachPartition, Maintain),
    *(AddEnumValue, CreateObject, DropObject, Other),
)


_IF_WRAPPED: Final = (
    *("hazard:concurrently-in-transaction", "pg-migration-lint:PGM003"),
    "pgls:banConcurrentIndexCreationInTransaction",
)
"""Who else speaks of a runner that nobody knows; the last one only of a file of several statements."""


class _Verdict(NamedTuple):
    """Why a statement is refused, and how certain that is."""

    message: str
    detail: str
    severity: Severity = Severity.ERROR
    confidence: Confidence = Confidence.HIGH
    level: Level = Level.REGULAR
    equivalents: tuple[str, ...] | None = None


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a statement whose transaction makes PostgreSQL refuse it."""
    if not statement.does(*_MAYBE) or not is_judged(statement, settings) or statement.is_derived:
        return
    for one in statement.of(*_MAYBE):
        if not _is_refused(statement, one, settings, graph):
            continue
        word = statement.words(one, "CONCURRENTLY")
        verdict = _verdict(statement, one, settings, graph, is_concurrent=word is not None)
        if verdict is not None:
            yield Finding(
                word or opening(statement),
                verdict.message,
                partial(_fixes, statement, one, settings, graph),
                detail=verdict.detail,
                severity=verdict.severity,
                confidence=verdict.confidence,
                level=verdict.level,
                equivalents=verdict.equivalents,
            )


def _is_refused(statement: Statement, one: Operation, settings: Settings, graph: Graph) -> bool:
    return refuses_transaction(one, server(settings)) or is_rebuilt_by_partition(one, statement, graph)


def _verdict(
    statement: Statement, one: Operation, settings: Settings, graph: Graph, *, is_concurrent: bool
) -> _Verdict | None:
    what = f"`{statement.kind}{' CONCURRENTLY' if is_concurrent else ''}`"
    if not is_editable(statement, one):
        return _Verdict(
            f"{what} holds a statement that cannot run in a transaction", "a DO block runs in one"
        )
    if is_wrapped(statement, settings, graph, unknown=False):
        why = "the file begins one itself" if controls_transactions(statement) else _reason(statement)
        return _Verdict(
            f"{what} cannot run in the transaction of its file", f"{why}; PostgreSQL stops with 25001"
        )
    if _is_mixed(statement):
        return _Verdict(
            f"{what} shares a file with statements that run in a transaction",
            "Flyway refuses such a file unless `mixed` is set",
            confidence=Confidence.MEDIUM,
        )
    if is_runner_known(statement, settings) or not is_concurrent:
        return None
    return _Verdict(
        f"{what} fails if the runner opens a transaction",
        "the runner is not known; `assume-in-transaction` in the settings tells",
        severity=Severity.WARNING,
        confidence=Confidence.LOW,
        level=Level.PEDANTIC,
        equivalents=_IF_WRAPPED
        if len(statement.migration.section(statement.section)) > 1
        else _IF_WRAPPED[:2],
    )


def _reason(statement: Statement) -> str:
    convention = statement.migration.convention
    return "Flyway does not notice that" if convention.name == "flyway" else convention.reason


def _is_mixed(statement: Statement) -> bool:
    """Say whether Flyway finds statements of both kinds in the file, and is not told how to run it."""
    migration = statement.migration
    if migration.convention.name != "flyway" or migration.convention.transactional is not None:
        return False
    return not all(
        any(map(is_noticed_by_flyway, one.operations)) for one in migration.section(statement.section)
    )


def _fixes(statement: Statement, one: Operation, settings: Settings, graph: Graph) -> tuple[Fix, ...]:
    if not is_editable(statement, one) or controls_transactions(statement):
        return ()
    others = [other for other in statement.migration.section(statement.section) if other is not statement]
    if all(other.meaning.is_alone or other.does(SetSetting) for other in others):
        change = run_apart(statement, (), graph, settings)
        title = "Run the file outside of a transaction"
    else:
        step = Step(f"{statement.kind} apart", (statement.sql.text,), apart=True)
        change = moved_out(statement, (step,), graph)
        title = "Move it to a migration of its own"
    return (change.fix(title),) if change is not None and (change.edits or change.creates) else ()
