"""A new enum value is used in the transaction that adds it.

## What it does
Reports a statement that names an enum value which `ALTER TYPE … ADD VALUE` adds in the same transaction. From
PostgreSQL 17 on, a type that is made in the same transaction is left alone, and so is always a statement about tables
that are known to have no column of the type. A runner nobody knows is taken to wrap a file.

## Why it matters
PostgreSQL takes the new value, but not its use before the transaction is committed: the statement fails with
"unsafe use of new value", and the deployment stops. It works where the migration was tried statement by statement.

## Bad
```sql title="db/migrations/20260301100000_refunds.sql"
-- +goose Up
ALTER TYPE order_status ADD VALUE 'refunded';
ALTER TABLE orders ALTER COLUMN status SET DEFAULT 'refunded'; -- <-

-- +goose Down
-- Enum values cannot be removed.
```

## Good
```sql title="db/migrations/20260301100000_refunds.sql"
-- +goose Up
ALTER TYPE order_status ADD VALUE 'refunded';

-- +goose Down
-- Enum values cannot be removed.
```
```sql title="db/migrations/20260301100001_use_refunded.sql"
-- +goose Up
ALTER TABLE orders ALTER COLUMN status SET DEFAULT 'refunded';

-- +goose Down
-- irreversible: previous default of `orders.status`
```

## Fix
Moves the statement to a migration that follows. Unsafe: it changes the order of the migration.

## References
- [PostgreSQL: ALTER TYPE, notes](https://www.postgresql.org/docs/current/sql-altertype.html#SQL-ALTERTYPE-NOTES)

## Equivalent rules
- `hazard:enum-value-used-in-same-transaction`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import (
    AddEnumValue,
    Comment,
    CreateEnum,
    CreateFunction,
    Operation,
    RenameEnumValue,
    TableOperation,
)
from rollsafe.formats.sql_tokens import STRING, tokens
from rollsafe.rules import Confidence, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.migration_edits import moved_out
from rollsafe.rules.migration_steps import Step
from rollsafe.text import Span
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import is_judged, is_runner_known, server, together
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import table_before

_IN_TRANSACTION_SINCE: Final = 12
_NEW_TYPE_SINCE: Final = 17
_HARMLESS: Final[tuple[type[Operation], ...]] = (
    *(AddEnumValue, RenameEnumValue, CreateFunction, CreateEnum),
    Comment,
)
"""What names a value without evaluating it."""


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for the first use of a value that is not committed yet."""
    if not statement.does(AddEnumValue) or not is_judged(statement, settings):
        return
    if server(settings) < _IN_TRANSACTION_SINCE:
        return
    members = together(statement, settings)
    for added in statement.of(AddEnumValue):
        new = any(one.type.key == added.type.key for other in members for one in other.of(CreateEnum))
        if not new or server(settings) < _NEW_TYPE_SINCE:
            yield from _uses(statement, added, members, settings, graph)


def _uses(
    statement: Statement,
    added: AddEnumValue,
    members: tuple[Statement, ...],
    settings: Settings,
    graph: Graph,
) -> Iterator[Finding]:
    for later in members:
        place = _named(later, added.value) if later.index > statement.index else None
        if place is not None and not _is_of_others(later, added, graph):
            yield Finding(
                place,
                f"enum value `{added.value}` is used in the transaction that adds it to `{added.type}`",
                partial(_fixes, later, added, graph),
                (Related(statement.file, Span.of(added), f"`{added.value}` is added here"),),
                detail="PostgreSQL stops with 'unsafe use of new value': a value can be used once the transaction "
                "that adds it is committed",
                confidence=None if is_runner_known(statement, settings) else Confidence.MEDIUM,
                severity=None if is_runner_known(statement, settings) else Severity.WARNING,
            )
            return


def _named(statement: Statement, value: str) -> Span | None:
    """Return where a statement names the value as a string of its own."""
    if statement.does(*_HARMLESS):
        return None
    written = "'" + value.replace("'", "''") + "'"
    if written not in statement.sql.text:
        return None
    for token in tokens(statement.file.text, statement.start, statement.end):
        if token.kind == STRING and token.word == written:
            return Span(token.start, token.end)
    return None


def _is_of_others(statement: Statement, added: AddEnumValue, graph: Graph) -> bool:
    """Say whether all tables of a statement are known, and none has a column of the value's type."""
    tables = tuple(statement.of(TableOperation))
    words = {token.word for token in tokens(statement.file.text, statement.start, statement.end)}
    if not tables or "SELECT" in words or {added.type.name, added.type.name.upper()} & words:
        return False
    known = [table_before(one, statement, graph) for one in tables]
    types = [one for table in known for one in table.types.values()]
    return all(table.created is not None for table in known) and all(
        one is not None and one.is_built_in for one in types
    )


def _fixes(statement: Statement, added: AddEnumValue, graph: Graph) -> tuple[Fix, ...]:
    change = moved_out(statement, (Step(f"use {added.value}", (statement.sql.text,)),), graph)
    return (change.fix("Move it to a migration of its own"),) if change is not None else ()
