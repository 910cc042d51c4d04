"""A merged migration has another name.

## What it does
Compares migrations with the revision that is asked for (`--base`, in editors where the branch left main) and reports
new files that hold the same text as a merged one that is gone, where the tool tells the two names apart.

## Why it matters
Tools remember migrations by version or name. Under another one the same statements are a new migration: databases
that have run it run it again and fail at the first `CREATE`, and the old name is one that nobody can find.

## Bad
```sql title="db/migrations/0003_remarks.up.sql" at="base"
ALTER TABLE orders ADD COLUMN note text;
```
```sql title="db/migrations/0004_remarks.up.sql"
ALTER TABLE orders ADD COLUMN note text; -- <-
```
```sql title="db/migrations/0004_remarks.down.sql"
ALTER TABLE orders DROP COLUMN note;
```

## Good
```sql title="db/migrations/0003_remarks.up.sql" at="base"
ALTER TABLE orders ADD COLUMN note text;
```
```sql title="db/migrations/0003_remarks.up.sql"
ALTER TABLE orders ADD COLUMN note text;
```
```sql title="db/migrations/0003_remarks.down.sql"
ALTER TABLE orders DROP COLUMN note;
```

## Fix
None: give the file the name under which it is merged.

## References
- [golang-migrate: versions](https://github.com/golang-migrate/migrate/blob/master/MIGRATIONS.md)

## Equivalent rules
None.
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Migration
from rollsafe.rules import Finding, Severity, Span, rule
from rollsafe.rules.migration_words import opening
from rollsafe.workspace.facts import Base
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.merged import merged_as


@rule(severity=Severity.ERROR, since="0.1.0")
def check(migration: Migration, base: Base, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a migration that is merged under another name."""
    if not base.known or migration.is_practice or migration.is_down:
        return
    old = merged_as(migration, base, graph)
    if old is not None:
        first = next(iter(migration.up_statements), None)
        yield Finding(
            opening(first) if first is not None else Span(0, 0),
            f"`{migration.file.name}` is merged as `{old.rpartition('/')[2]}`",
            detail="databases that have run it under that name run it again",
        )
