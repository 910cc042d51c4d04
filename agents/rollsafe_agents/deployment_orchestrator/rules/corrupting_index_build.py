"""An index is built by a server that leaves rows out.

## What it does
Reports `CREATE INDEX CONCURRENTLY` and `REINDEX … CONCURRENTLY` where `postgres-version` in the settings, or an image of
PostgreSQL in the project, names one of the releases 14.0 to 14.3.

## Why it matters
Those releases can miss rows that change while an index is built concurrently. Nothing fails: queries that use the index
do not find the rows, and a unique index takes duplicates. It shows weeks later.

## Bad
```yaml title="k8s/db.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: db
spec:
  containers:
    - name: db
      image: postgres:14.2
      resources:
        requests: {cpu: 100m, memory: 256Mi}
        limits: {memory: 256Mi}
```
```sql title="db/migrations/V171__index.sql"
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_note_idx ON orders (note); -- <-
```

## Good
```yaml title="k8s/db.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: db
spec:
  containers:
    - name: db
      image: postgres:14.18
      resources:
        requests: {cpu: 100m, memory: 256Mi}
        limits: {memory: 256Mi}
```
```sql title="db/migrations/V171__index.sql"
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_note_idx ON orders (note);
```

## Fix
None: the server is updated to 14.4 or later first, and indexes that were built before are built again.

## References
- [PostgreSQL 14.4 release notes](https://www.postgresql.org/docs/release/14.4/)

## Equivalent rules
- `hazard:index-corruption-pg14`
- `pgfence:pg14-index-concurrent-bug`
- `strong_migrations:add_index_corruption`
- `online_migrations:add_index_corruption`
"""

from collections.abc import Iterator

from rollsafe.artefacts.image_user import ImageUser
from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import CreateIndex, Reindex
from rollsafe.rules import Confidence, Finding, Severity, rule
from rollsafe.rules.migration_words import clause
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import going_up
from rollsafe.workspace.settings import Settings

_FAULTY = lazily(r"14\.[0-3](?![\d.])")


@rule(severity=Severity.ERROR, since="0.1.0")
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a concurrent build on a server that gets it wrong."""
    builds: Iterator[CreateIndex | Reindex] = going_up(statement, settings, CreateIndex, Reindex)
    for one in builds:
        if not one.concurrently:
            continue
        told = settings.migrations.postgres_version
        version = told if _FAULTY.match(told) else _image(graph)
        if version:
            yield Finding(
                clause(statement, one, "CONCURRENTLY"),
                f"PostgreSQL `{version}` may leave rows out of an index that it builds `CONCURRENTLY`",
                detail="queries that use the index do not find them, and a unique index takes duplicates",
                confidence=None if version == told else Confidence.MEDIUM,
            )


def _image(graph: Graph) -> str:
    """Return the version of PostgreSQL in an image of the project that is one of the faulty ones."""
    images = [one.image for one in graph.find(ImageUser, "image:postgres")]
    tags = (image.tag for image in images if image is not None and image.tag)
    return next((tag for tag in tags if _FAULTY.match(tag)), "")
