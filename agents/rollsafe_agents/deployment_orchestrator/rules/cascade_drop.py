"""Whatever depends on a dropped thing is dropped with it, unnamed.

## What it does
Reports `DROP … CASCADE` of a table, column, constraint, view, type or function that was there before the migration.
One that Django adds by itself is only pedantic.

## Why it matters
`CASCADE` drops views, foreign keys, defaults and policies that nobody listed, and which ones differs from database
to database: a report's view exists in production only. Nothing says what went, so nothing brings it back.

## Bad
```sql title="db/migrations/V71__drop_totals.sql"
DROP VIEW order_totals CASCADE; -- <-
```

## Good
```sql title="db/migrations/V71__drop_totals.sql"
DROP VIEW order_totals;
```

## Fix
Removes `CASCADE`. Unsafe: if something depends on it after all, the migration stops and says what, which then is
dropped by name.

## References
- [PostgreSQL: dependency tracking](https://www.postgresql.org/docs/current/ddl-depend.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import (
    DropColumn,
    DropConstraint,
    DropObject,
    DropTable,
    Operation,
)
from rollsafe.artefacts.migrations.traits import Trait
from rollsafe.formats.sql_tokens import tokens
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import is_editable
from rollsafe.workspace.migrations import changes
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for each CASCADE of a DROP."""
    if Trait.CASCADES not in statement.traits:
        return
    seen: set[Span] = set()
    for one in changes(statement, settings, DropTable, DropColumn, DropConstraint, DropObject):
        if not _cascades(one) or _takes_all(one):
            continue
        word = statement.words(one, "CASCADE") or statement.words(statement, "CASCADE")
        if word is not None and word not in seen:
            seen.add(word)
            yield Finding(
                word,
                f"`CASCADE` drops everything that depends on {_name(one)}",
                _fixes(statement, one, word),
                detail="which views, foreign keys and defaults go differs from database to database, and nothing "
                "records them",
                level=None if _is_asked_for(statement, word) else Level.PEDANTIC,
            )


def _is_asked_for(statement: Statement, word: Span) -> bool:
    """Say whether somebody wrote it: Django says CASCADE by itself, whatever it drops."""
    if statement.runner not in _CASCADE_BY_THEMSELVES:
        return True
    file = statement.file
    return file.host.slice(file.place(word)).upper() == "CASCADE"


_CASCADE_BY_THEMSELVES: Final = frozenset({"django"})


def _cascades(one: Operation) -> bool:
    return isinstance(one, DropTable | DropColumn | DropConstraint | DropObject) and one.cascade


def _takes_all(one: Operation) -> bool:
    """Say whether it is a schema, which is dropped for what is in it."""
    return isinstance(one, DropObject) and one.object in ("schema", "database")


def _name(one: Operation) -> str:
    match one:
        case DropTable():
            return f"table `{one.table}`"
        case DropColumn():
            return f"column `{one.table}.{one.column}`"
        case DropConstraint():
            return f"constraint `{one.name}` of `{one.table}`"
        case DropObject():
            return f"{one.object} `{one.name}`"
        case _:
            return "`it`"


def _fixes(statement: Statement, one: Operation, word: Span) -> tuple[Fix, ...]:
    before = [token.end for token in tokens(statement.file.text, statement.start, word.start)]
    if not before or not is_editable(statement, one):
        return ()
    return (Fix("Remove `CASCADE`", Safety.UNSAFE, edits=(Edit(Span(before[-1], word.end), ""),)),)
