"""A view, type or schema is renamed while a release that knows its old name is running.

## What it does
Reports renames of schemas, views, types, functions, sequences and enum values that were there before the migration,
and `SET SCHEMA` of them. Swapping a type for a new one of the same name is left alone.

## Why it matters
The rename is instant, and so is the failure: until the rollout is done, every statement of the previous release that
names the old one fails, and an enum value it writes is refused. After a rollback it fails again.

## Bad
```sql title="db/migrations/V86__rename.sql"
ALTER TYPE order_status RENAME VALUE 'done' TO 'completed'; -- <-
```

## Good
```sql title="db/migrations/V86__rename.sql"
ALTER TYPE order_status ADD VALUE 'completed';
```

## Fix
None: it takes the new one beside the old one, a switch of the code, and a later migration that drops the old one.

## References
- [Parallel change](https://martinfowler.com/bliki/ParallelChange.html)

## Equivalent rules
- `hazard:rename-schema-object`
- `squawk:renaming-object`
- `squawk:ban-set-schema`
- `pgfence:rename-schema`
- `strong_migrations:rename_schema`
- `strong_migrations:rename_enum_value`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement, TableName
from rollsafe.artefacts.migrations.operations import (
    AlterObject,
    CreateDomain,
    CreateEnum,
    CreateFunction,
    CreateObject,
    Operation,
    RenameEnumValue,
    RenameObject,
)
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.migration_words import clause, milder
from rollsafe.rules.named_in_code import counted, related, uses_of
from rollsafe.text.records import replace
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import changes, earlier_statements
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.usage.model import NOWHERE

_USED: Final = frozenset(
    {"schema", "view", "materialized view", "type", "domain", "function", "procedure", "sequence"}
)
_MOVED: Final = ("hazard:rename-schema-object", "squawk:ban-set-schema")
_RENAMED: Final = (
    *("hazard:rename-schema-object", "squawk:renaming-object", "pgfence:rename-schema"),
    *("strong_migrations:rename_schema", "strong_migrations:rename_enum_value"),
)


@rule(severity=Severity.WARNING, since="0.1.0")
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a name that stops to work."""
    for one in changes(statement, settings, RenameObject):
        if one.object in _USED and not _is_swap(statement, one):
            what = f"{one.object} `{one.name}`"
            found = _finding(statement, one, f"{what} is renamed to `{one.new_name}`", str(one.name))
            uses = uses_of(statement, one.name, graph) if one.object.endswith("view") else NOWHERE
            yield replace(found, detail=found.detail + counted(uses), related=related(uses, str(one.name)))
    for value in changes(statement, settings, RenameEnumValue):
        what = f"value `{value.value}` of type `{value.type}`"
        yield _finding(statement, value, f"{what} is renamed to `{value.new_value}`", value.value)
    for move in changes(statement, settings, AlterObject):
        if move.object in _USED and move.action == "set schema":
            words = clause(statement, move, "SET", "SCHEMA")
            yield Finding(
                words,
                f"{move.object} `{move.name}` moves to another schema",
                detail=_detail(str(move.name)),
                severity=milder(statement, move),
                equivalents=_MOVED,
            )


def _finding(statement: Statement, one: Operation, message: str, old: str) -> Finding:
    return Finding(
        clause(statement, one, "RENAME"),
        message,
        detail=_detail(old),
        severity=milder(statement, one),
        equivalents=_RENAMED,
    )


def _detail(old: str) -> str:
    return f"statements of the running release that name `{old}` fail from the moment this commits"


def _is_swap(statement: Statement, one: RenameObject) -> bool:
    """Say whether the file made what is renamed, or gives the old name to something else."""
    if _is_made_before(statement, one.name):
        return True
    taken = statement.migration.of(RenameObject)
    return any(other.name.sibling(other.new_name).key == one.name.key for other in taken)


def _is_made_before(statement: Statement, name: TableName) -> bool:
    return any(
        (one.type if isinstance(one, CreateEnum | CreateDomain) else one.name).key == name.key
        for earlier in earlier_statements(statement)
        for one in _made(earlier)
    )


def _made(statement: Statement) -> Iterator[CreateEnum | CreateDomain | CreateObject | CreateFunction]:
    yield from statement.of(CreateEnum)
    yield from statement.of(CreateDomain)
    yield from statement.of(CreateObject)
    yield from statement.of(CreateFunction)
