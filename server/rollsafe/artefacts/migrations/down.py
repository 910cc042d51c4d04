"""A draft of the way back of a whole migration."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from rollsafe.artefacts.migrations.conventions import DownStyle
from rollsafe.artefacts.migrations.migration import Migration
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    AddConstraint,
    AddEnumValue,
    AlterColumnType,
    CreateFunction,
    CreateIndex,
    CreateObject,
    CreateTable,
    Delete,
    DoBlock,
    DropColumn,
    DropConstraint,
    DropDefault,
    DropIndex,
    DropObject,
    DropTable,
    Insert,
    Operation,
    RenameTable,
    SetDefault,
    SetNotNull,
    SetSetting,
    TableOperation,
    Transaction,
    TransactionAction,
    Truncate,
    Update,
)
from rollsafe.artefacts.migrations.reverse import reverse_of
from rollsafe.artefacts.migrations.statement import Statement
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_SQITCH_HEADER = lazily(r"--[ \t]*deploy[ \t]+(?P<change>\S+)[ \t]+to[ \t]+(?P<engine>\w+)", re.I)
_MARKS: Final = {
    "goose": "-- +goose Down",
    "sql-migrate": "-- +migrate Down",
    "dbmate": "-- migrate:down",
    "node-pg-migrate": "-- Down Migration",
}
_ONE_BY_ONE: Final = frozenset({"goose", "sql-migrate", "flyway", "sqitch", "liquibase"})
"""Tools that can run several statements of a file outside of a transaction."""
_APART: Final = {"dbmate": " transaction:false", "sql-migrate": " notransaction"}

Recreate = Callable[[Operation], str | None]
"""Gives the SQL that undoes an operation where that takes what other files say; None if unknown."""


class DownDraft(NamedTuple):
    """The text of a way back; `lost` says in one line each what it cannot bring back."""

    text: str
    complete: bool
    lost: tuple[str, ...]


class _Step(NamedTuple):
    sql: str
    lost: str


def down_migration(migration: Migration, recreate: Recreate = lambda operation: None) -> DownDraft:
    """Draft what undoes the way up of `migration`, last statement first.

    The text is a whole file, or the section with its annotation, as the migration's tool wants it. What
    cannot come back stands in it as `-- irreversible: …`. `recreate` is asked first.
    """
    steps = [step for one in reversed(migration.up_statements) for step in _steps(one, recreate)]
    lost = tuple(dict.fromkeys(step.lost for step in steps if step.lost))
    lines = [*_settings(migration), *dict.fromkeys(line for step in steps for line in _lines(step))]
    if len(lines) > 1 and migration.convention.name not in _ONE_BY_ONE:
        lines = [line.replace(" CONCURRENTLY ", " ") for line in lines]
    return DownDraft(_framed(migration, lines), not lost, lost)


def _lines(step: _Step) -> Iterator[str]:
    if step.lost:
        yield f"-- irreversible: {step.lost}"
    if step.sql:
        yield f"{step.sql};"


def _steps(statement: Statement, recreate: Recreate) -> Iterator[_Step]:
    """Yield what undoes one statement, its last operation first."""
    for operation in reversed(statement.operations):
        if _goes_with_its_table(statement, operation) or _is_adopted(statement, operation):
            continue
        sql = recreate(operation)
        if sql is None:
            sql = reverse_of(operation, statement.file.slice(operation))
        if sql is None:
            yield _Step("", loss_of(operation) or f"`{_head(statement)}` is not undone")
        elif sql:
            yield _Step(sql, _index_gone(statement, operation))


def _is_adopted(statement: Statement, operation: Operation) -> bool:
    """Say whether a constraint of the same migration takes an index over, so that they go together."""
    constraints = (one for later in statement.migration.up_statements for one in later.of(AddConstraint))
    return isinstance(operation, CreateIndex) and any(
        one.table.key == operation.table.key and one.constraint.using_index == operation.name
        for one in constraints
        if operation.name is not None
    )


def _index_gone(statement: Statement, operation: Operation) -> str:
    """Say which index of an earlier migration goes with a constraint that has taken it over."""
    if not isinstance(operation, AddConstraint) or operation.constraint.using_index is None:
        return ""
    index = operation.constraint.using_index
    made = (one for earlier in statement.migration.up_statements for one in earlier.of(CreateIndex))
    if any(one.name == index for one in made):
        return ""
    return f"index `{index}` goes with constraint `{operation.constraint.name or index}`"


def _goes_with_its_table(statement: Statement, operation: Operation) -> bool:
    """Say whether undoing something earlier undoes `operation` too: its table or its column is new."""
    if isinstance(operation, CreateObject):
        made = statement.migration.created_tables
        return operation.on is not None and operation.on.key in made
    if statement.is_on_new_table(operation):
        return not isinstance(operation, CreateTable | RenameTable)
    columns = _columns(operation)
    return (
        bool(columns)
        and isinstance(operation, TableOperation)
        and columns <= _added(statement, operation.table)
    )


def _columns(operation: Operation) -> set[str]:
    if isinstance(operation, Update):
        return set(operation.columns)
    if isinstance(operation, SetDefault | DropDefault | SetNotNull | AlterColumnType):
        return {operation.column}
    return set()


def _added(statement: Statement, table: TableName) -> set[str]:
    added = (one for earlier in statement.migration.up_statements for one in earlier.of(AddColumn))
    return {one.column.name for one in added if one.table.key == table.key}


def _head(statement: Statement) -> str:
    words = " ".join(statement.sql.text.split())
    return words if len(words) <= 60 else f"{words[:57]}..."


def _settings(migration: Migration) -> Iterator[str]:
    """Yield the timeouts the way up sets, for the way back takes the same locks."""
    for statement in migration.up_statements:
        for one in statement.operations:
            if isinstance(one, SetSetting) and one.name.endswith("_timeout") and one.value is not None:
                yield f"{statement.sql.text};"


def _framed(migration: Migration, lines: list[str]) -> str:
    """Return `lines` as the file or section the migration's tool expects."""
    convention = migration.convention
    newline = "\r\n" if "\r\n" in migration.file.text else "\n"
    if convention.down_style is DownStyle.COMMENT:
        lines = [f"--rollback {line}" for text in lines for line in text.split("\n")]
    elif _opens_transaction(migration):
        lines = ["BEGIN;", *lines, "COMMIT;"]
    if convention.down_style is DownStyle.SECTION:
        apart = any(" CONCURRENTLY " in line for line in lines)
        mark = _MARKS.get(convention.name, "-- Down")
        lines = [mark + (_APART.get(convention.name, "") if apart else ""), *lines]
    elif convention.name == "sqitch":
        lines = [*_sqitch_header(migration), *lines]
    return newline.join(line.replace("\n", newline) for line in lines) + newline


def _opens_transaction(migration: Migration) -> bool:
    actions = [one.action for statement in migration.up_statements for one in statement.of(Transaction)]
    return actions[:1] == [TransactionAction.BEGIN] and TransactionAction.COMMIT in actions


def _sqitch_header(migration: Migration) -> list[str]:
    header = _SQITCH_HEADER.search(migration.file.text[:500])
    return [f"-- Revert {header['change']} from {header['engine']}", ""] if header else []


def loss_of(operation: Operation) -> str:
    """Return in one line what is lost when `operation` has run; empty where nothing is known to be."""
    match operation:
        case DropTable():
            return f"table `{operation.table}` and its rows"
        case DropColumn():
            return f"column `{operation.table}.{operation.column}` and its values"
        case Update():
            return f"values of {_listed(operation)} before the update"
        case Delete() | Truncate():
            return f"rows deleted from `{operation.table}`"
        case Insert():
            return f"rows inserted into `{operation.table}` stay"
        case AlterColumnType():
            return f"previous type of `{operation.table}.{operation.column}`"
        case SetDefault() | DropDefault():
            return f"previous default of `{operation.table}.{operation.column}`"
        case _:
            return _definition_lost(operation)


def _listed(operation: Update) -> str:
    names = [f"`{operation.table}.{column}`" for column in operation.columns]
    return ", ".join(names) or f"`{operation.table}`"


def _definition_lost(operation: Operation) -> str:
    match operation:
        case DropIndex():
            return f"definition of index `{operation.index}`"
        case DropConstraint():
            return f"definition of constraint `{operation.name}` of `{operation.table}`"
        case DropObject():
            return f"definition of {operation.object} `{operation.name}`"
        case AddEnumValue():
            return f"value `{operation.value}` of type `{operation.type}` cannot be removed"
        case CreateFunction() | CreateObject():
            return f"previous version of {operation.object} `{operation.name}`"
        case DoBlock():
            return "what the DO block did"
        case _:
            return ""
