"""An index is rebuilt while writes, and readers that use it, wait.

## What it does
Reports `REINDEX` without `CONCURRENTLY` of what was there before the migration, on PostgreSQL 12 and later.

## Why it matters
Rebuilding takes a SHARE lock on the table and an ACCESS EXCLUSIVE lock on each index: writes wait until it is done,
and so does every query whose plan looks at the index, which is most of them.

## Bad
```sql title="db/migrations/000080_rebuild.up.sql"
REINDEX TABLE orders; -- <-
```

## Good
```sql title="db/migrations/000080_rebuild.up.sql"
REINDEX TABLE CONCURRENTLY orders;
```

## Fix
Adds `CONCURRENTLY` and, where the runner opens a transaction, its switch to leave that out; Flyway gets a `.conf` file
beside the migration, because it does not notice this statement. Unsafe: a rebuild that fails leaves an invalid index
behind that has to be dropped.

## References
- [PostgreSQL: rebuilding indexes concurrently](https://www.postgresql.org/docs/current/sql-reindex.html#SQL-REINDEX-CONCURRENTLY)

## Equivalent rules
- `hazard:reindex-non-concurrent`
- `squawk:require-concurrent-reindex`
- `pgls:requireConcurrentReindex`
- `pgfence:reindex-non-concurrent`
- `pg-migration-lint:PGM022`
- `pgrubic:US020`
- `django-migration-linter:REINDEX`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import Reindex
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.concurrently import concurrent_fixes
from rollsafe.rules.migration_words import head
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import changes, server
from rollsafe.workspace.settings import Settings

_CONCURRENT_SINCE: Final = 12


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a rebuild under a lock that need not be."""
    for one in changes(statement, settings, Reindex):
        # System catalogues cannot be rebuilt concurrently.
        if one.concurrently or one.scope == "system" or server(settings) < _CONCURRENT_SINCE:
            continue
        yield Finding(
            head(statement, one, "REINDEX"),
            f"{one.scope} `{one.target}` is rebuilt without `CONCURRENTLY`",
            partial(concurrent_fixes, statement, one, graph, settings),
            detail="writes wait behind a SHARE lock on each table, and queries that look at an index behind an ACCESS "
            "EXCLUSIVE lock on it, until it is rebuilt",
        )
