"""A table is locked several times where once would do.

## What it does
Reports an `ALTER TABLE` that directly follows another one of the same table. Of a table that is new in the
migration, for which nobody waits, it speaks at level `auditor`.

## Why it matters
Each statement waits for the lock anew where each has its own transaction, and each that reads or rewrites rows does so
once more. As commands of one statement they share one lock and one pass over the table.

## Bad
```sql title="db/migrations/V118__more.sql"
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE orders ADD COLUMN code text; -- <-
```

## Good
```sql title="db/migrations/V118__more.sql"
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
ALTER TABLE orders ADD COLUMN note text,
    ADD COLUMN code text;
```

## Fix
Appends the commands to the statement before. Safe where both stand in one transaction: the outcome is the same.

## References
- [PostgreSQL: ALTER TABLE](https://www.postgresql.org/docs/current/sql-altertable.html)

## Equivalent rules
- `hazard:multiple-alter-table`
- `pgls:multipleAlterTable`
- `pg-migration-lint:PGM023`
- `eugene:W12`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    DropColumn,
    DropConstraint,
    DropDefault,
    DropNotNull,
    SetDefault,
    SetNotNull,
    TableOperation,
)
from rollsafe.formats.yaml_edit import eol_of
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.migration_words import opening
from rollsafe.workspace.migrations import is_judged, is_new, previous_statement
from rollsafe.workspace.settings import Settings

_COMBINED: Final = (
    *(AddColumn, DropColumn, AlterColumnType, SetNotNull, DropNotNull, SetDefault, DropDefault),
    *(AddConstraint, DropConstraint),
)
"""Commands of which one statement takes several; VALIDATE and RENAME are better, or only, alone."""


@rule(severity=Severity.HINT, since="0.1.0", level=Level.PEDANTIC, fix=Safety.SAFE)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a statement that could be part of the one before."""
    if not statement.does(*_COMBINED) or statement.is_down or not is_judged(statement, settings):
        return
    before = previous_statement(statement)
    mine, theirs = _commands(statement), _commands(before) if before is not None else []
    if before is None or not mine or not theirs or mine[0].table.key != theirs[0].table.key:
        return
    if _depends(theirs, mine):
        return
    yield Finding(
        opening(statement),
        f"`{mine[0].table}` is altered a second time in a row",
        _fixes(before, statement, mine),
        detail=f"as commands of the statement in line {statement.file.line_number(before)} they share its lock",
        level=Level.AUDITOR if is_new(statement, mine[0]) else None,
    )


def _commands(statement: Statement) -> list[TableOperation]:
    """Return a statement's commands if all of them can be combined with others, else nothing."""
    if statement.kind != "ALTER TABLE" or not all(type(one) in _COMBINED for one in statement.operations):
        return []
    return list(statement.of(*_COMBINED))


def _depends(first: list[TableOperation], second: list[TableOperation]) -> bool:
    """Say whether the order counts: PostgreSQL runs the commands of one statement by kind."""
    touched = {_column(one) for one in first} - {""}
    drops = any(isinstance(one, DropColumn | DropConstraint | AddConstraint) for one in (*first, *second))
    return drops or any(_column(one) in touched for one in second)


def _column(one: TableOperation) -> str:
    match one:
        case AddColumn():
            return one.column.name
        case DropColumn() | AlterColumnType() | SetNotNull() | DropNotNull() | SetDefault() | DropDefault():
            return one.column
        case _:
            return ""


def _fixes(before: Statement, statement: Statement, commands: list[TableOperation]) -> tuple[Fix, ...]:
    text = statement.file.text
    between = text[before.sql.full_end : statement.start]
    heads = (_head(before, before.operations[0].start), _head(statement, commands[0].start))
    plain = heads[0] == heads[1] != "" and not between.strip() and statement.in_transaction
    if not plain:
        return ()
    edit = Edit(Span(before.end, commands[0].start), f",{eol_of(text)}    ")
    return (Fix("Append it to the statement before", Safety.SAFE, edits=(edit,)),)


def _head(statement: Statement, end: int) -> str:
    """Return what stands before a statement's first command: `ALTER TABLE`, its options and the table."""
    return " ".join(statement.file.text[statement.start : end].split()).upper()
