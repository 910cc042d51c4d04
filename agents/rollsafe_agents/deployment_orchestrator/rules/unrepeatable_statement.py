"""A statement cannot be run a second time after the migration failed half-way.

## What it does
Reports statements without `IF [NOT] EXISTS`, and those that have no such form, where each statement of the file has its
own transaction, or where nobody knows: in a transaction a failure undoes all of them. What the file drops before, `IF
EXISTS`, is fine. For a file with a single statement it is said at level `auditor`, and so it is of a table or an index
in a transaction: a database that has it already cannot run the migration.

## Why it matters
If the third of five statements fails, the first two are done and stay done. The migration cannot be run again, because
its first statement fails now; somebody has to finish it by hand, in production, during the deployment.

## Bad
```sql title="db/migrations/20260301100000_tables.sql"
-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE notes (id bigint PRIMARY KEY); -- <-
CREATE TABLE IF NOT EXISTS codes (id bigint PRIMARY KEY);

-- +goose Down
DROP TABLE IF EXISTS codes;
DROP TABLE IF EXISTS notes;
```

## Good
```sql title="db/migrations/20260301100000_tables.sql"
-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS notes (id bigint PRIMARY KEY);
CREATE TABLE IF NOT EXISTS codes (id bigint PRIMARY KEY);

-- +goose Down
DROP TABLE IF EXISTS codes;
DROP TABLE IF EXISTS notes;
```

## Fix
Adds `IF NOT EXISTS` or `IF EXISTS`. Unsafe: a table of that name and another shape is taken for the right one, and an
invalid index that a failed concurrent build left behind for a finished one.

## References
- [PostgreSQL: CREATE TABLE](https://www.postgresql.org/docs/current/sql-createtable.html)

## Equivalent rules
- `hazard:prefer-robust`
- `squawk:prefer-robust-stmts`
- `pgls:preferRobustStmts`
- `pgfence:prefer-robust-create-index`
- `pgfence:prefer-robust-create-table`
- `pgfence:prefer-robust-drop-index`
- `pgfence:prefer-robust-drop-table`
- `pg-migration-lint:PGM401`
- `pg-migration-lint:PGM402`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final, TypeAlias

from rollsafe.artefacts.migrations import Migration, Statement, refuses_transaction
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    AddConstraint,
    AddEnumValue,
    AttachPartition,
    CreateIndex,
    CreateTable,
    DetachPartition,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropObject,
    DropTable,
    Operation,
    RenameColumn,
    RenameTable,
)
from rollsafe.formats.sql_tokens import WORD, tokens
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import is_editable
from rollsafe.rules.migration_words import clause, head
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import going_up, is_wrapped
from rollsafe.workspace.settings import Settings

_FIRST: Final = "if a later statement of the file fails, this one is done already and fails the next time"
_ALONE: Final = "if the runner is stopped before it takes note of the migration, it fails the next time"
_THERE: Final = "where it is there already, made by hand or by a restore, the migration fails"
_GONE: Final = "where it is gone already, taken away by hand, the migration fails"
_OURS: Final = ("hazard:prefer-robust", "squawk:prefer-robust-stmts", "pgls:preferRobustStmts")
_IN_TRANSACTION: Final = (CreateTable, CreateIndex, DropTable, DropIndex)
_DROPPING: Final = (DropTable, DropIndex, DropColumn, DropConstraint)
_Drop: TypeAlias = DropTable | DropIndex | DropColumn | DropConstraint
_KINDS: Final = (
    *(*_IN_TRANSACTION, AddColumn, DropColumn, DropConstraint, DropObject, AddEnumValue),
    *(AddConstraint, RenameColumn, RenameTable, AttachPartition, DetachPartition),
)


@rule(severity=Severity.HINT, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a statement that fails when it is run again."""
    for one in going_up(statement, settings, *_KINDS):
        form = _form(one)
        if form is None or _is_dropped_before(statement, one):
            continue
        if refuses_transaction(one) or not is_wrapped(statement, settings, graph, unknown=False):
            yield _apart(statement, one, form)
        elif isinstance(one, _IN_TRANSACTION) and statement.file.host is statement.file:
            yield _together(statement, one, form)


class _Form(NamedTuple):
    """The words of a statement, the clause that belongs after them, and who else misses it.

    `clause` is empty where the statement has none.
    """

    words: tuple[str, ...]
    clause: str = ""
    others: tuple[str, ...] = ()


def _apart(statement: Statement, one: Operation, form: _Form) -> Finding:
    alone = len(statement.migration.surroundings(statement.section)) < 2
    words = f"`{' '.join(form.words)}`{f' without `{form.clause}`' if form.clause else ''}"
    return Finding(
        head(statement, one, form.words[-1]) if form.clause else clause(statement, one, *form.words),
        f"{words} cannot be run again",
        partial(_fixes, statement, one, form) if form.clause and is_editable(statement, one) else (),
        detail=_ALONE if alone else _FIRST,
        level=Level.AUDITOR if alone else None,
        equivalents=(*_OURS, *form.others),
    )


def _together(statement: Statement, one: Operation, form: _Form) -> Finding:
    gone = isinstance(one, DropTable | DropIndex)
    return Finding(
        head(statement, one, form.words[-1]),
        f"`{' '.join(form.words)}` without `{form.clause}` fails where it is {'gone' if gone else 'there'} already",
        partial(_fixes, statement, one, form) if form.clause and is_editable(statement, one) else (),
        detail=_GONE if gone else _THERE,
        level=Level.AUDITOR,
        equivalents=(
            "hazard:prefer-robust",
            *(it for it in form.others if it.startswith("pg-migration-lint")),
        ),
    )


def _fixes(statement: Statement, one: Operation, form: _Form) -> tuple[Fix, ...]:
    place = _after(statement, one, form.words)
    edits = (Edit(Span.at(place), f" {form.clause}"),)
    fix = Fix(f"Add `{form.clause}`", Safety.UNSAFE, edits=edits)
    return (fix,) if place else ()


def _form(one: Operation) -> _Form | None:
    """Return the form of a statement that fails the second time, None for one that does not."""
    match one:
        case CreateTable(if_not_exists=False, is_temporary=False):
            others = ("pgfence:prefer-robust-create-table", "pg-migration-lint:PGM402")
            return _Form(("CREATE", "TABLE"), "IF NOT EXISTS", others)
        case CreateIndex(if_not_exists=False) if one.name:
            others = ("pgfence:prefer-robust-create-index", "pg-migration-lint:PGM402")
            return _Form(("CREATE", "INDEX"), "IF NOT EXISTS", others)
        case AddColumn(if_not_exists=False):
            return _Form(("ADD", "COLUMN"), "IF NOT EXISTS")
        case AddEnumValue(if_not_exists=False):
            return _Form(("ADD", "VALUE"), "IF NOT EXISTS")
        case _:
            return _dropping(one) or _formless(one)


def _dropping(one: Operation) -> _Form | None:
    match one:
        case DropTable(if_exists=False):
            others = ("pgfence:prefer-robust-drop-table", "pg-migration-lint:PGM401")
            return _Form(("DROP", "TABLE"), "IF EXISTS", others)
        case DropIndex(if_exists=False):
            others = ("pgfence:prefer-robust-drop-index", "pg-migration-lint:PGM401")
            return _Form(("DROP", "INDEX"), "IF EXISTS", others)
        case DropColumn(if_exists=False):
            return _Form(("DROP", "COLUMN"), "IF EXISTS")
        case DropConstraint(if_exists=False):
            return _Form(("DROP", "CONSTRAINT"), "IF EXISTS")
        case DropObject(if_exists=False):
            return _Form(("DROP", *one.object.upper().split()), "IF EXISTS")
        case _:
            return None


def _formless(one: Operation) -> _Form | None:
    """Return the form of a statement that has no way to say "unless it is done"."""
    match one:
        case AddConstraint():
            named = one.constraint.name is not None
            words = ("ADD", "CONSTRAINT") if named else ("ADD", *one.constraint.kind.value.upper().split())
            return _Form(words)
        case RenameColumn() | RenameTable():
            return _Form(("RENAME",))
        case AttachPartition():
            return _Form(("ATTACH", "PARTITION"))
        case DetachPartition():
            return _Form(("DETACH", "PARTITION"))
        case _:
            return None


def _is_dropped_before(statement: Statement, one: Operation) -> bool:
    """Say whether the file takes away, if it is there, what a statement makes."""
    made = _made(one)
    if made is None:
        return False
    dropped = statement.migration.tells(_dropped).get(made)
    return dropped is not None and dropped < (statement.index, one.start - statement.start)


def _dropped(migration: Migration) -> dict[tuple[str, str], tuple[int, int]]:
    """Return what the way up first takes away, if it is there: the statement, and the place in it."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for statement in migration.up_statements if migration.does(*_DROPPING) else ():
        dropping: Iterator[_Drop] = statement.of(DropTable, DropIndex, DropColumn, DropConstraint)
        for each in dropping:
            made = _made(each) if each.if_exists else None
            if made is not None:
                found.setdefault(made, (statement.index, each.start - statement.start))
    return found


def _made(one: Operation) -> tuple[str, str] | None:
    """Return which kind of thing an operation makes or drops, and its name."""
    match one:
        case CreateTable() | DropTable():
            return "table", one.table.key
        case CreateIndex() | DropIndex():
            return ("index", one.index.key) if one.index is not None else None
        case AddColumn():
            return "column", f"{one.table.key}.{one.column.name}"
        case DropColumn():
            return "column", f"{one.table.key}.{one.column}"
        case AddConstraint():
            return "constraint", f"{one.table.key}.{one.constraint.name}"
        case DropConstraint():
            return "constraint", f"{one.table.key}.{one.name}"
        case _:
            return None


def _after(statement: Statement, one: Operation, words: tuple[str, ...]) -> int:
    """Return the offset after the last of `words`, and CONCURRENTLY if that follows; 0 where it is not written."""
    place = 0
    for token in tokens(statement.file.text_for(one), one.start, one.end):
        if token.kind != WORD:
            break
        if token.word == words[-1] or (place and token.word == "CONCURRENTLY"):
            place = token.end
    return place
