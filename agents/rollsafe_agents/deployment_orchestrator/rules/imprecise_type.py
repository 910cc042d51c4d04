"""A type rounds what is put into it.

## What it does
Reports columns of type `money`, of a floating-point type, and times whose fractions of a second are cut off to whole
ones.

## Why it matters
`money` has the decimals and the sign of whatever locale the server runs in, a float adds cents that were never paid, and
`timestamp(0)` rounds up: an event gets a time that has not come yet. Nothing fails; sums and orders are wrong later,
when the type can only be changed by writing every row again.

## Bad
```sql title="db/migrations/V146__payments.sql"
CREATE TABLE IF NOT EXISTS payments (id bigint PRIMARY KEY, paid_at timestamptz(0) NOT NULL); -- <-
```

## Good
```sql title="db/migrations/V146__payments.sql"
CREATE TABLE IF NOT EXISTS payments (id bigint PRIMARY KEY, paid_at timestamptz NOT NULL);
```

## Fix
Takes the precision of zero out of a time. For the others none: only the project knows how many decimals it needs.

## References
- [PostgreSQL wiki: don't use money](https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_money)

## Equivalent rules
- `hazard:type-other`
- `pg-migration-lint:PGM102`
- `pg-migration-lint:PGM104`
- `pg-migration-lint:PGM109`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import AddColumn, AlterColumnType, CreateTable
from rollsafe.artefacts.migrations.pieces import TypeRef
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.column_types import Typed, about, typed_columns, unless_retyped
from rollsafe.text.records import replace
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.settings import Settings

_TIMES: Final = frozenset({"time", "timestamp", "timestamptz", "timetz"})
_FLOATS: Final = frozenset({"real", "double precision"})


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a type that does not keep what it is given."""
    if not statement.does(CreateTable, AddColumn, AlterColumnType):
        return
    for column in typed_columns(statement, settings):
        said = _said(column.type) if column.type.schema is None else None
        if said is not None:
            detail, equivalent = said
            found = about(column, f"is `{column.type.text}`", detail)
            yield replace(
                found,
                fixes=partial(_fixes, column, statement, graph),
                equivalents=("hazard:type-other", f"pg-migration-lint:{equivalent}"),
            )


def _said(type_: TypeRef) -> tuple[str, str] | None:
    """Return what a type loses, and the other tool's name for it; None for one that keeps everything."""
    if type_.name in _TIMES and type_.modifiers == (0,):
        return "fractions of a second are rounded, so that a time can lie in the future", "PGM102"
    if type_.name == "money":
        return "how many decimals it has, and their sign, is up to the server's locale", "PGM104"
    if type_.name in _FLOATS:
        return "most decimal fractions have no exact value of this type, and sums drift", "PGM109"
    return None


def _fixes(column: Typed, statement: Statement, graph: Graph) -> tuple[Fix, ...]:
    place = column.type
    text = statement.file.text[place.start : place.end]
    opened, closed = text.find("("), text.find(")")
    if place.modifiers != (0,) or opened < 0 or closed < opened:
        return ()
    start = place.start + len(text[:opened].rstrip())
    edit = Edit(Span(start, place.start + closed + 1), "")
    return unless_retyped(Fix("Keep the fractions", Safety.UNSAFE, edits=(edit,)), column, statement, graph)
