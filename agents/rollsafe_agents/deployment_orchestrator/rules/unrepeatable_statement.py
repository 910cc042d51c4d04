"""A statement cannot be run a second time after the migration failed half-way.

## What it does
Reports statements without `IF [NOT] EXISTS` where each statement of the file has its own transaction, or where nobody
knows: in a transaction a failure undoes all of them. For a file with a single statement it is said at level `auditor`.

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
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    CreateIndex,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    Operation,
)
from rollsafe.formats.sql_tokens import WORD, tokens
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import is_editable
from rollsafe.rules.migration_words import head
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import going_up, is_wrapped
from rollsafe.workspace.settings import Settings

_FIRST: Final = "if a later statement of the file fails, this one is done already and fails the next time"
_ALONE: Final = "if the runner is stopped before it takes note of the migration, it fails the next time"
_OURS: Final = ("hazard:prefer-robust", "squawk:prefer-robust-stmts", "pgls:preferRobustStmts")


@rule(severity=Severity.HINT, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a statement that fails when it is run again."""
    kinds = (CreateTable, CreateIndex, AddColumn, DropTable, DropIndex, DropColumn, DropConstraint)
    for one in going_up(statement, settings, *kinds):
        words, clause, others = _form(one)
        if not clause or is_wrapped(statement, settings, graph, unknown=False):
            continue
        alone = len(statement.migration.section(statement.section)) < 2
        place = _after(statement, one, words)
        fix = Fix(f"Add `{clause}`", Safety.UNSAFE, edits=(Edit(Span.at(place), f" {clause}"),))
        yield Finding(
            head(statement, one, words[-1]),
            f"`{' '.join(words)}` without `{clause}` cannot be run again",
            (fix,) if place and is_editable(statement, one) else (),
            detail=_ALONE if alone else _FIRST,
            level=Level.AUDITOR if alone else None,
            equivalents=(*_OURS, *others),
        )


_Form = tuple[tuple[str, ...], str, tuple[str, ...]]
_FINE: Final[_Form] = ((), "", ())


def _form(one: Operation) -> _Form:
    """Return the words after which the clause belongs, the clause, and who else says so; empty if it is there."""
    match one:
        case CreateTable(if_not_exists=False, is_temporary=False):
            others = ("pgfence:prefer-robust-create-table", "pg-migration-lint:PGM402")
            return ("CREATE", "TABLE"), "IF NOT EXISTS", others
        case CreateIndex(if_not_exists=False) if one.name:
            others = ("pgfence:prefer-robust-create-index", "pg-migration-lint:PGM402")
            return ("CREATE", "INDEX"), "IF NOT EXISTS", others
        case AddColumn(if_not_exists=False):
            return ("ADD", "COLUMN"), "IF NOT EXISTS", ("pg-migration-lint:PGM402",)
        case DropTable(if_exists=False):
            return (
                ("DROP", "TABLE"),
                "IF EXISTS",
                ("pgfence:prefer-robust-drop-table", "pg-migration-lint:PGM401"),
            )
        case DropIndex(if_exists=False):
            return (
                ("DROP", "INDEX"),
                "IF EXISTS",
                ("pgfence:prefer-robust-drop-index", "pg-migration-lint:PGM401"),
            )
        case DropColumn(if_exists=False):
            return ("DROP", "COLUMN"), "IF EXISTS", ("pg-migration-lint:PGM401",)
        case DropConstraint(if_exists=False):
            return ("DROP", "CONSTRAINT"), "IF EXISTS", ()
        case _:
            return _FINE


def _after(statement: Statement, one: Operation, words: tuple[str, ...]) -> int:
    """Return the offset after the last of `words`, and CONCURRENTLY if that follows; 0 where it is not written."""
    place = 0
    for token in tokens(statement.file.text, one.start, one.end):
        if token.kind != WORD:
            break
        if token.word == words[-1] or (place and token.word == "CONCURRENTLY"):
            place = token.end
    return place
