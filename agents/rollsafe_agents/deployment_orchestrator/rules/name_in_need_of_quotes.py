"""A name works in quotes only.

## What it does
Reports tables and columns of migrations written in SQL whose name has capitals, blanks or other signs, or is a reserved
word, so that everybody has to write it in quotes. Prisma and Drizzle name things that way on purpose.

## Why it matters
Without quotes PostgreSQL folds a name to lower case, so `orderId` is another name than `"orderId"`. A query that is typed
in a hurry, during an incident, fails or, worse, finds another column.

## Bad
```sql title="db/migrations/V177__codes.sql"
CREATE TABLE IF NOT EXISTS codes (id bigint PRIMARY KEY, "shortLabel" text); -- <-
```

## Good
```sql title="db/migrations/V177__codes.sql"
CREATE TABLE IF NOT EXISTS codes (id bigint PRIMARY KEY, short_label text);
```

## Fix
Writes the name in lower case with underscores, where no other statement speaks of it. Unsafe: code that is to use the name
has to be written the same way.

## References
- [PostgreSQL: identifiers](https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS)

## Equivalent rules
- `hazard:quoted-identifier`
- `hazard:naming-convention`
- `pg-migration-lint:PGM509`
- `atlas:NM102`
- `atlas:NM103`
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations import Migration, Statement
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    CreateTable,
    RenameColumn,
    RenameTable,
    TableOperation,
)
from rollsafe.formats.sql_tokens import NAME, tokens
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.migration_ups import words_of
from rollsafe.text import Located
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.lineage import shares_history
from rollsafe.workspace.migrations import going_up
from rollsafe.workspace.settings import Settings

_QUOTE_ALL: Final = frozenset({"prisma", "drizzle"})


@rule(severity=Severity.HINT, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a name that nobody can write without quotes."""
    if statement.runner in _QUOTE_ALL or statement.file.host is not statement.file:
        return
    for one in going_up(statement, settings, CreateTable, AddColumn, RenameColumn, RenameTable):
        for name, place in _named(statement, one):
            if quoted(name) != name:
                yield Finding(
                    place,
                    f"`{name}` is a name in quotes only",
                    partial(_fixes, statement, name, place, graph),
                    detail="without quotes it is another name, or an error",
                )


def _named(statement: Statement, one: TableOperation) -> Iterator[tuple[str, Located]]:
    match one:
        case CreateTable():
            if quoted(one.table.name) != one.table.name:
                yield one.table.name, _written(statement, one, one.table.name)
            yield from ((column.name, column.name_at) for column in one.columns)
        case AddColumn():
            yield one.column.name, one.column.name_at
        case RenameColumn() | RenameTable():
            if quoted(one.new_name) != one.new_name:
                yield one.new_name, _written(statement, one, one.new_name)
        case _:
            return


def _written(statement: Statement, one: Located, name: str) -> Span:
    """Return where a name in quotes stands."""
    word = '"' + name.replace('"', '""') + '"'
    for token in tokens(statement.file.text, one.start, one.end):
        if token.kind == NAME and token.word == word:
            return Span(token.start, token.end)
    return Span(one.start, one.end)


def _fixes(statement: Statement, name: str, place: Located, graph: Graph) -> tuple[Fix, ...]:
    plain = re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).strip("_").lower()
    written = statement.file.slice(place)
    histories = (one for one in graph.every(Migration, "up:") if shares_history(one, statement.migration))
    others = (one for each in histories for one in each.statements if one is not statement)
    spoken = any(name in words_of(one.sql.text) for one in others)
    known = plain in words_of(statement.sql.text) or statement.sql.text.count(written) != 1
    if spoken or known or quoted(plain) != plain or not written.startswith('"'):
        return ()
    edit = Edit(Span.of(place), plain)
    return (Fix(f"Write `{plain}`", Safety.UNSAFE, edits=(edit,)),)
