"""A check on a domain is tested in every table that uses it.

## What it does
Reports `ALTER DOMAIN … ADD CONSTRAINT` without `NOT VALID` and `ALTER DOMAIN … SET NOT NULL`. Creating a domain with a
check is said at level `pedantic`, because adding a column of it later rewrites the table.

## Why it matters
PostgreSQL reads every table with a column of the domain, under a SHARE lock on each: writes to all of them wait until
the last one is read. No table is named in the statement, so nobody sees it coming.

## Bad
```sql title="db/migrations/V87__email.sql"
ALTER DOMAIN email ADD CONSTRAINT email_has_at CHECK (VALUE LIKE '%@%'); -- <-
```

## Good
```sql title="db/migrations/V87__email.sql"
ALTER DOMAIN email ADD CONSTRAINT email_has_at CHECK (VALUE LIKE '%@%') NOT VALID;
```

## Fix
Adds `NOT VALID`. Unsafe: values that are there are not tested until `VALIDATE CONSTRAINT`, in a later migration.

## References
- [PostgreSQL: ALTER DOMAIN](https://www.postgresql.org/docs/current/sql-alterdomain.html)

## Equivalent rules
- `hazard:domain-constraint`
- `squawk:ban-alter-domain-with-add-constraint`
- `squawk:ban-create-domain-with-constraint`
- `pgfence:ban-alter-domain-add-constraint`
- `pgfence:ban-create-domain-with-constraint`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import AlterObject, CreateDomain
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import is_editable
from rollsafe.rules.migration_words import clause
from rollsafe.workspace.migrations import changes
from rollsafe.workspace.settings import Settings

_ALTERED: Final = (
    *("hazard:domain-constraint", "squawk:ban-alter-domain-with-add-constraint"),
    "pgfence:ban-alter-domain-add-constraint",
)
_REQUIRED: Final = ("hazard:domain-constraint",)
_CREATED: Final = (
    *("hazard:domain-constraint", "squawk:ban-create-domain-with-constraint"),
    "pgfence:ban-create-domain-with-constraint",
)


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a domain's constraint that reads tables."""
    for one in changes(statement, settings, AlterObject):
        if (one.object, one.action) in (("domain", "add constraint"), ("domain", "set not null")):
            yield Finding(
                clause(statement, one, *one.action.upper().split()),
                f"domain `{one.name}` gets a constraint that is tested in every table that uses it",
                _fixes(statement, one),
                detail="writes to each of those tables wait behind a SHARE lock until all of them are read",
                equivalents=_ALTERED if one.action == "add constraint" else _REQUIRED,
            )
    for made in changes(statement, settings, CreateDomain):
        if made.checks:
            yield Finding(
                clause(statement, made, "CHECK"),
                f"domain `{made.type}` is created with a check",
                detail="adding a column of it to a table with rows writes the whole table again",
                severity=Severity.INFO,
                level=Level.PEDANTIC,
                equivalents=_CREATED,
            )


def _fixes(statement: Statement, one: AlterObject) -> tuple[Fix, ...]:
    if one.action != "add constraint" or not is_editable(statement, one):
        return ()
    return (Fix("Add `NOT VALID`", Safety.UNSAFE, edits=(Edit(Span.at(one.end), " NOT VALID"),)),)
