"""What clients may do, or what they get, changes with the migration.

## What it does
Reports changes of objects beside tables and columns that running clients notice: row level security and policies,
`REVOKE`, a view or function that is replaced, options of functions, views, roles, databases and the server, identity
and generated columns, sequences, replica identity, inheritance, extensions and attributes of composite types. New
columns and dropped indexes are left out: no client gets other rows or rights by them, and most migrations have some.

## Why it matters
None of these locks a table for long or loses data. But while the migration and the release roll out, clients of both
releases meet the new behaviour at once: rows that are no longer visible, a right that is gone, another result.

## Bad
```sql title="db/migrations/V174__rights.sql"
REVOKE SELECT ON orders FROM app; -- <-
```

## Good
```sql title="db/migrations/V174__rights.sql"
GRANT SELECT ON orders TO app;
```

## Fix
None: it takes a release that copes with both before, or a moment that all clients know of.

## References
- [Parallel change](https://martinfowler.com/bliki/ParallelChange.html)

## Equivalent rules
- `hazard:client-visible-behaviour`
- `squawk:ban-alter-identity`
- `squawk:ban-drop-generated-expression`
- `squawk:ban-alter-generated-expression`
- `squawk:ban-replica-identity`
- `squawk:ban-drop-policy`
- `squawk:ban-revoke`
- `squawk:ban-replace-view-function`
- `squawk:ban-alter-policy-condition`
- `squawk:ban-alter-policy-roles`
- `squawk:ban-create-policy`
- `squawk:ban-alter-function-options`
- `squawk:ban-alter-view-options`
- `squawk:ban-alter-role-options`
- `squawk:ban-alter-database-options`
- `squawk:ban-alter-row-level-security`
- `squawk:ban-add-composite-attribute`
- `squawk:ban-detach-inheritance`
- `squawk:ban-alter-sequence-values`
- `squawk:ban-alter-system-options`
- `squawk:ban-alter-extension`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import (
    AlterObject,
    AlterTable,
    CreateFunction,
    CreateObject,
    DropObject,
    Grant,
    Operation,
    Other,
)
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.rules.migration_words import opening
from rollsafe.workspace.migrations import changes
from rollsafe.workspace.settings import Settings

_OF_TABLES: Final = {
    "add identity": "ban-alter-identity",
    "set identity": "ban-alter-identity",
    "drop identity": "ban-alter-identity",
    "drop expression": "ban-drop-generated-expression",
    "set expression": "ban-alter-generated-expression",
    "replica identity": "ban-replica-identity",
    "enable row security": "ban-alter-row-level-security",
    "disable row security": "ban-alter-row-level-security",
    "force row security": "ban-alter-row-level-security",
    "no force row security": "ban-alter-row-level-security",
    "drop inherit": "ban-detach-inheritance",
}
_OTHERS: Final = {
    "ALTER FUNCTION": "ban-alter-function-options",
    "ALTER PROCEDURE": "ban-alter-function-options",
    "ALTER ROLE": "ban-alter-role-options",
    "ALTER USER": "ban-alter-role-options",
    "ALTER DATABASE": "ban-alter-database-options",
    "ALTER SEQUENCE": "ban-alter-sequence-values",
    "ALTER SYSTEM": "ban-alter-system-options",
    "ALTER EXTENSION": "ban-alter-extension",
}


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a change that clients notice."""
    kinds = (AlterTable, AlterObject, CreateObject, CreateFunction, DropObject, Grant, Other)
    for one in changes(statement, settings, *kinds):
        peer = _peer(statement, one)
        if peer:
            yield Finding(
                one if isinstance(one, AlterTable) else opening(statement),
                f"{_words(statement, one)} changes what running clients may do or get",
                detail="clients of the previous release meet it too, until the rollout is done",
                equivalents=("hazard:client-visible-behaviour", f"squawk:{peer}"),
            )


def _words(statement: Statement, one: Operation) -> str:
    match one:
        case AlterTable():
            return f"`{one.action.upper()}` of `{one.table}`"
        case CreateFunction() | CreateObject():
            return f"`CREATE {one.object.upper()}` of `{one.name}`"
        case DropObject() | AlterObject():
            return f"a change of {one.object} `{one.name}`"
        case Grant():
            return "`REVOKE`"
        case _:
            return f"`{statement.kind}`"


def _peer(statement: Statement, one: Operation) -> str:
    """Return the rule of squawk that speaks of a change; empty for one nobody notices."""
    match one:
        case AlterTable():
            return _OF_TABLES.get(one.action, "")
        case Other():
            return next((peer for kind, peer in _OTHERS.items() if one.kind.startswith(kind)), "")
        case Grant():
            return "" if one.is_grant else "ban-revoke"
        case CreateFunction():
            return "ban-replace-view-function" if one.or_replace else ""
        case DropObject():
            return "ban-drop-policy" if one.object == "policy" else ""
        case CreateObject():
            return _created(statement, one)
        case AlterObject():
            return _altered(statement, one)
        case _:
            return ""


def _created(statement: Statement, one: CreateObject) -> str:
    if one.object == "policy":
        is_new = one.on is not None and one.on.key in statement.migration.created_tables
        return "" if is_new else "ban-create-policy"
    return "ban-replace-view-function" if one.object == "view" and one.or_replace else ""


def _altered(statement: Statement, one: AlterObject) -> str:
    match one.object:
        case "policy":
            roles = statement.words(one, "TO") is not None
            return "ban-alter-policy-roles" if roles else "ban-alter-policy-condition"
        case "view":
            return "ban-alter-view-options"
        case "type":
            return "ban-add-composite-attribute" if one.action == "add column" else ""
        case "sequence":
            return "ban-alter-sequence-values"
        case _:
            return ""
