"""A table is read as a whole while it becomes a partition.

## What it does
Reports `ATTACH PARTITION` of a table that was there before the migration, unless an earlier migration gave it a check
constraint that may prove where its rows belong.

## Why it matters
PostgreSQL reads every row of the new partition under an ACCESS EXCLUSIVE lock to see that it belongs there, and
every row of the default partition, if there is one, to see that none of them belongs to the new one.

## Bad
```sql title="db/migrations/V81__events.sql"
CREATE TABLE events (id bigint, note text) PARTITION BY RANGE (id);
```
```sql title="db/migrations/V82__attach.sql"
ALTER TABLE events ATTACH PARTITION events_old FOR VALUES FROM (0) TO (1000); -- <-
```

## Good
```sql title="db/migrations/V81__events.sql"
CREATE TABLE events (id bigint, note text) PARTITION BY RANGE (id);
```
```sql title="db/migrations/V82__attach.sql"
ALTER TABLE events_old ADD CONSTRAINT events_old_bounds CHECK (id IS NOT NULL AND id >= 0 AND id < 1000) NOT VALID;
```
```sql title="db/migrations/V83__validate_events_old_bounds.sql"
ALTER TABLE events_old VALIDATE CONSTRAINT events_old_bounds;
```
```sql title="db/migrations/V84__attach_events_old.sql"
ALTER TABLE events ATTACH PARTITION events_old FOR VALUES FROM (0) TO (1000);
ALTER TABLE events_old DROP CONSTRAINT events_old_bounds;
```

## Fix
Adds a check constraint that says what the partition holds, `NOT VALID`, a migration that validates it under a lock that
lets reads and writes through, and one that attaches the partition, which then skips the scan. Unsafe: it is a partition
later. For keys of one column, ranges and lists.

## References
- [PostgreSQL: partition maintenance](https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE)

## Equivalent rules
- `hazard:attach-partition`
- `pgls:avoidAttachingPartition`
- `pgfence:attach-partition`
- `pg-migration-lint:PGM005`
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.artefacts.migrations.operations import AttachPartition, DetachPartition
from rollsafe.artefacts.migrations.pieces import ConstraintKind
from rollsafe.rules import Confidence, Edit, FileEdit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import fitting, is_editable, then_later
from rollsafe.rules.migration_steps import Step
from rollsafe.rules.migration_words import clause
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import changes, undone_in
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import table_named


@rule(severity=Severity.WARNING, since="0.1.0", confidence=Confidence.MEDIUM, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a table with rows that becomes a partition."""
    for one in changes(statement, settings, AttachPartition):
        if statement.migration.created_tables.get(one.partition.key, one.start) < one.start:
            continue
        partition = table_named(one.partition, statement, one.start, graph)
        checks = (c for c in partition.constraints.values() if c.constraint.kind is ConstraintKind.CHECK)
        if partition.is_doubtful or any(c.is_valid for c in checks):
            continue
        yield Finding(
            clause(statement, one, "ATTACH"),
            f"`{one.partition}` becomes a partition of `{one.table}` by reading all of its rows",
            partial(_fixes, statement, one, graph, settings),
            detail=f"reads and writes of `{one.partition}` wait behind an ACCESS EXCLUSIVE lock while every row is read",
        )


_KEY: Final = lazily(r"\bPARTITION\s+BY\s+(?:RANGE|LIST)\s*\(\s*(\w+|\"[^\"]+\")\s*\)", re.I)
_RANGE: Final = lazily(r"\bFOR\s+VALUES\s+FROM\s*\(([^(),]+)\)\s*TO\s*\(([^(),]+)\)\s*\Z", re.I)
_LIST: Final = lazily(r"\bFOR\s+VALUES\s+IN\s*(\([^()]+\))\s*\Z", re.I)
_OPEN: Final = frozenset({"MINVALUE", "MAXVALUE"})


def _fixes(statement: Statement, one: AttachPartition, graph: Graph, settings: Settings) -> tuple[Fix, ...]:
    name = fitting(f"{one.partition.name}_bounds")
    bounds = _bounds(statement, one, graph)
    if name is None or not bounds or len(statement.operations) != 1 or not is_editable(statement, one):
        return ()
    alter, constraint = f"ALTER TABLE {one.partition.sql}", quoted(name)
    now = f"{alter} ADD CONSTRAINT {constraint} CHECK ({bounds}) NOT VALID"
    steps = (
        Step(f"validate {name}", (f"{alter} VALIDATE CONSTRAINT {constraint}",)),
        Step(
            f"attach {one.partition.name}",
            (statement.sql.text, f"{alter} DROP CONSTRAINT {constraint}"),
            undo=(f"ALTER TABLE {one.table.sql} DETACH PARTITION {one.partition.sql}", now),
        ),
    )
    change = then_later(statement, (Edit(Span.of(statement), now),), steps, graph, settings)
    if change is not None and change.creates:
        undone = (
            FileEdit(back.file.path, Edit(Span.of(back), f"{alter} DROP CONSTRAINT {constraint}"))
            for back in undone_in(statement.migration, graph)
            if any(gone.partition.key == one.partition.key for gone in back.of(DetachPartition))
        )
        change = change.with_edits_of(statement, undone)
    title = "Add a check of its bounds, validate it, and attach it in a migration that follows"
    return (change.fix(title),) if change is not None else ()


def _bounds(statement: Statement, one: AttachPartition, graph: Graph) -> str:
    """Return the condition that the rows of a partition fulfil; empty where it cannot be told."""
    parent = table_named(one.table, statement, one.start, graph)
    key = _KEY.search(parent.created.statement.sql.text) if parent.created is not None else None
    text = statement.file.slice(one)
    values, listed = _RANGE.search(text), _LIST.search(text)
    if key is None or (listed is not None and re.search(r"\bNULL\b", listed[1], re.I)):
        return ""
    if listed is not None:
        return f"{key[1]} IS NOT NULL AND {key[1]} IN {listed[1]}"
    if values is None:
        return ""
    first, last = (one.strip() for one in values.groups())
    parts = [f"{key[1]} IS NOT NULL"]
    parts += [] if first.upper() in _OPEN else [f"{key[1]} >= {first}"]
    parts += [] if last.upper() in _OPEN else [f"{key[1]} < {last}"]
    return " AND ".join(parts)
