"""A merged migration says something else than it did.

## What it does
Compares migrations with the revision that is asked for (`--base`, in editors where the branch left main) and reports
those whose statements differ. Of tools that keep a checksum of the file (Flyway, Prisma) any difference counts,
comments included. A way back may be added and changed.

## Why it matters
A database that has run the migration does not run it again. It keeps what the old text did, every new database gets
what the new text does, and from then on no two environments need to be alike. Tools that keep a checksum refuse to
deploy at all.

## Bad
```sql title="db/migrations/V3__remarks.sql" at="base"
ALTER TABLE orders ADD COLUMN note text;
```
```sql title="db/migrations/V3__remarks.sql"
ALTER TABLE orders ADD COLUMN remark text; -- <-
```

## Good
```sql title="db/migrations/V3__remarks.sql" at="base"
ALTER TABLE orders ADD COLUMN note text;
```
```sql title="db/migrations/V3__remarks.sql"
ALTER TABLE orders ADD COLUMN note text;
```
```sql title="db/migrations/V4__more_remarks.sql"
ALTER TABLE orders ADD COLUMN remark text;
```

## Fix
None: leave the merged migration as it is and write what is wanted in a new one.

## References
- [Flyway: validate](https://documentation.red-gate.com/flyway/reference/commands/validate)
- [Prisma: migration histories](https://www.prisma.io/docs/orm/prisma-migrate/understanding-prisma-migrate/migration-histories)

## Equivalent rules
None.
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Migration
from rollsafe.rules import Finding, Severity, Span, rule
from rollsafe.rules.migration_words import opening
from rollsafe.workspace.facts import Base
from rollsafe.workspace.merged import checksum_of, differing_statement, is_repeatable, merged_state


@rule(severity=Severity.ERROR, since="0.1.0")
def check(migration: Migration, base: Base) -> Iterator[Finding]:
    """Yield a finding for a migration that is merged and differs."""
    if not base.known or migration.is_practice or migration.is_down or is_repeatable(migration):
        return
    merged = merged_state(migration, base)
    if merged is None:
        return
    name, tool = migration.file.name, checksum_of(migration)
    statement = differing_statement(migration, merged)
    if statement is not None:
        yield Finding(
            opening(statement),
            f"`{name}` is merged, and its statements are other ones here",
            detail=f"databases that have run it keep what it did then{_refused(tool)}",
        )
    elif tool is not None:
        yield Finding(
            Span(0, 0),
            f"`{name}` is merged, and its text is another one here",
            detail=f"{tool} keeps a checksum of the file and refuses to go on when it differs",
        )


def _refused(tool: str | None) -> str:
    return f"; {tool} sees another checksum and refuses to go on" if tool is not None else ""
