"""A migration has the version of another one, or comes before one that is applied already.

## What it does
Reports two migrations of one directory with the same version, for tools that know migrations by it. Compared with a git
base it also reports a new migration whose version is below one that the base has.

## Why it matters
Two branches wrote a migration at the same time. The tool stops the deployment, or it takes the version for done and
never runs the other one: the release is out, and its table is not there.

## Bad
```sql title="db/migrations/V172__note.sql"
ALTER TABLE orders ADD COLUMN note text;
```
```sql title="db/migrations/V172__region.sql"
ALTER TABLE orders ADD COLUMN region text; -- <-
```

## Good
```sql title="db/migrations/V172__note.sql"
ALTER TABLE orders ADD COLUMN note text;
```
```sql title="db/migrations/V173__region.sql"
ALTER TABLE orders ADD COLUMN region text;
```

## Fix
None: the later one gets a new version, unless some database has applied it under the old one.

## References
- [Flyway: out of order](https://documentation.red-gate.com/fd/flyway-out-of-order-setting-277579015.html)
- [goose: hybrid versioning](https://github.com/pressly/goose#hybrid-versioning)

## Equivalent rules
- `hazard:non-linear-migrations`
- `atlas:NL101`
- `atlas:NL102`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Migration
from rollsafe.rules import Finding, Level, Severity, Span, rule
from rollsafe.rules.migration_words import opening
from rollsafe.workspace.facts import Base
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import is_judged
from rollsafe.workspace.settings import Settings

_BY_VERSION: Final = frozenset({"flyway", "goose", "golang-migrate", "dbmate", "rails", "supabase"})
_LATE: Final = {
    "flyway": "Flyway stops where the later one is applied, unless `outOfOrder` is on",
    "goose": "goose stops where the later one is applied, unless it is called with `-allow-missing`",
    "golang-migrate": "golang-migrate passes it over where the later one is applied",
    "drizzle": "Drizzle passes it over where the later one is applied",
    "node-pg-migrate": "node-pg-migrate stops where the later one is applied",
}
_NUMBERED: Final = _BY_VERSION | _LATE.keys()


@rule(severity=Severity.WARNING, since="0.1.0")
def check(migration: Migration, settings: Settings, graph: Graph, base: Base) -> Iterator[Finding]:
    """Yield a finding for a version that is taken, or that comes too late."""
    convention = migration.convention
    if migration.is_down or convention.name not in _NUMBERED or not convention.version:
        return
    if not is_judged(migration, settings):
        return
    other = _taken(migration, graph) if convention.name in _BY_VERSION else None
    if other is not None:
        yield Finding(
            _place(migration),
            f"version `{convention.version}` is that of `{other.file.name}` as well",
            detail="the tool knows a migration by its version: it stops, or runs only one of the two",
            severity=Severity.ERROR,
        )
        return
    later = _overtaken(migration, graph, base)
    if later is not None:
        yield Finding(
            _place(migration),
            f"version `{convention.version}` is new and comes before `{later.file.name}`, which is there already",
            detail=_LATE.get(
                convention.name,
                "databases that have the later one run the two in another order than new ones",
            ),
            severity=Severity.ERROR if convention.name in _LATE else None,
            level=None if convention.name in _LATE else Level.PEDANTIC,
        )


def _place(migration: Migration) -> Span:
    return opening(migration.up_statements[0]) if migration.up_statements else Span(0, 0)


def _taken(migration: Migration, graph: Graph) -> Migration | None:
    """Return a migration, first by its path, that has the same version."""
    convention = migration.convention
    same = graph.find(Migration, f"up:{convention.home}/{convention.version}")
    paths = {one.file.path: one for one in same if one.convention.name == convention.name}
    return next((paths[path] for path in sorted(paths) if path < migration.file.path), None)


def _overtaken(migration: Migration, graph: Graph, base: Base) -> Migration | None:
    """Return the last migration of the base, if it comes after this one, which the base does not have."""
    if not base.known:
        return None
    before = base.list_paths()
    if migration.file.path in before:
        return None
    family = graph.find(Migration, f"dir:{migration.convention.home}")
    old = [one for one in family if one.file.path in before and not one.is_down and one.convention.version]
    last = max(old, key=lambda one: one.convention.order, default=None)
    return last if last is not None and last.convention.order > migration.convention.order else None
