"""Something that code may still use is dropped.

## What it does
Reports `DROP` of views, types, functions, sequences, domains and extensions that were there before the migration, unless
the file creates them again.

## Why it matters
Statements of the running release that use it fail as soon as the migration commits. What it held, a sequence's number
or an extension's types, is gone.

## Bad
```sql title="db/migrations/V112__drop_totals.sql"
DROP VIEW IF EXISTS order_totals; -- <-
```

## Good
```sql title="db/migrations/V112__drop_totals.sql"
COMMENT ON VIEW order_totals IS 'unused since 1.9';
```

## Fix
None: the release that stops using it has to be out everywhere first.

## References
- [Parallel change](https://martinfowler.com/bliki/ParallelChange.html)

## Equivalent rules
- `hazard:drop-other-object`
- `squawk:ban-drop-view`
- `squawk:ban-drop-function`
- `squawk:ban-drop-type`
- `squawk:ban-drop-sequence`
- `squawk:ban-drop-domain`
- `squawk:ban-drop-extension`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import (
    CreateDomain,
    CreateEnum,
    CreateFunction,
    CreateObject,
    DropObject,
    RenameObject,
)
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.rules.migration_words import head, milder
from rollsafe.workspace.migrations import changes
from rollsafe.workspace.settings import Settings

_USED: Final = {
    "view": "squawk:ban-drop-view",
    "materialized view": "squawk:ban-drop-view",
    "function": "squawk:ban-drop-function",
    "procedure": "squawk:ban-drop-function",
    "type": "squawk:ban-drop-type",
    "sequence": "squawk:ban-drop-sequence",
    "domain": "squawk:ban-drop-domain",
    "extension": "squawk:ban-drop-extension",
}


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for an object that goes away."""
    for one in changes(statement, settings, DropObject):
        if one.object in _USED and not _is_in_file(statement, one):
            yield Finding(
                head(statement, one, one.object.upper().rpartition(" ")[2]),
                f"{one.object} `{one.name}` is dropped",
                detail=f"statements of the running release that use `{one.name}` fail as soon as this commits",
                severity=milder(statement, one),
                equivalents=("hazard:drop-other-object", _USED[one.object]),
            )


def _is_in_file(statement: Statement, dropped: DropObject) -> bool:
    """Say whether the file makes it, before or again after, or has put something else in its place."""
    return any(_makes(one, dropped) for one in statement.migration.operations)


def _makes(one: object, dropped: DropObject) -> bool:
    match one:
        case CreateObject() | CreateFunction():
            return one.name.key == dropped.name.key
        case CreateEnum() | CreateDomain():
            return one.type.key == dropped.name.key
        case RenameObject():
            return one.name.sibling(one.new_name).key == dropped.name.key
        case _:
            return False
