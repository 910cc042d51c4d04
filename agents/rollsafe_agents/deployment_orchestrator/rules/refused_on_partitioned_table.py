"""A statement that PostgreSQL refuses on partitioned tables is run on one.

## What it does
Reports `CREATE INDEX CONCURRENTLY` on a table that an earlier migration creates as partitioned, `DROP INDEX
CONCURRENTLY` of an index of one, and, before PostgreSQL 18, a foreign key of one that is `NOT VALID`.

## Why it matters
PostgreSQL stops with an error, and the deployment with it: the migrations before have run, this one has not. It is
what most advice on safe migrations says to write, and it works on every other table.

## Bad
```sql title="db/migrations/V1__events.sql"
CREATE TABLE events (id bigint, at timestamptz) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
```
```sql title="db/migrations/V2__events_at.sql"
CREATE INDEX CONCURRENTLY events_at_idx ON events (at); -- <-
```

## Good
```sql title="db/migrations/V1__events.sql"
CREATE TABLE events (id bigint, at timestamptz) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
```
```sql title="db/migrations/V2__events_at.sql"
CREATE INDEX events_at_idx ON ONLY events (at);
```
```sql title="db/migrations/V3__create_events_at_idx_events_2025.sql"
CREATE INDEX CONCURRENTLY events_at_idx_events_2025 ON events_2025 (at);
```
```sql title="db/migrations/V4__attach_events_at_idx.sql"
ALTER INDEX events_at_idx ATTACH PARTITION events_at_idx_events_2025;
```

## Fix
Creates the index `ON ONLY` the parent, concurrently on every partition that migrations tell of, each in a migration that
follows, and attaches them. Unsafe: until then the index of the parent is not used. A `DROP INDEX` loses `CONCURRENTLY`.

## References
- [PostgreSQL: partitioned tables and indexes](https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY)

## Equivalent rules
- `hazard:concurrently-on-partitioned-parent`
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations import Migration, Statement
from rollsafe.artefacts.migrations.names import TableName, quoted
from rollsafe.artefacts.migrations.operations import (
    AddConstraint,
    AttachPartition,
    CreateIndex,
    CreateTable,
    DetachPartition,
    DropIndex,
    DropTable,
)
from rollsafe.artefacts.migrations.pieces import ConstraintKind
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import fitting, is_editable, rewritten, then_later
from rollsafe.rules.migration_steps import Step
from rollsafe.rules.migration_words import clause
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.lineage import shares_history
from rollsafe.workspace.migrations import going_up, server
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import is_on_partitioned_table, is_partitioned

_NOT_VALID_SINCE: Final = 18


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a statement a partitioned table does not take."""
    for index in going_up(statement, settings, CreateIndex):
        if index.concurrently and is_partitioned(index, statement, graph):
            yield Finding(
                clause(statement, index, "CONCURRENTLY"),
                f"`CREATE INDEX CONCURRENTLY` is refused on the partitioned table `{index.table}`",
                partial(_by_partition, statement, index, graph, settings),
                detail="PostgreSQL stops with 'cannot create index on partitioned table concurrently'",
            )
    for dropped in going_up(statement, settings, DropIndex):
        if dropped.concurrently and is_on_partitioned_table(dropped.index, statement, graph):
            yield Finding(
                clause(statement, dropped, "CONCURRENTLY"),
                f"`DROP INDEX CONCURRENTLY` is refused for `{dropped.index}`, an index of a partitioned table",
                partial(_in_one_go, statement, dropped),
                detail="PostgreSQL stops with 'cannot drop partitioned index concurrently'",
            )
    if server(settings) >= _NOT_VALID_SINCE:
        return
    for added in going_up(statement, settings, AddConstraint):
        late = added.constraint.kind is ConstraintKind.FOREIGN and added.constraint.not_valid
        if late and is_partitioned(added, statement, graph):
            yield Finding(
                clause(statement, added, "NOT", "VALID"),
                f"a foreign key that is `NOT VALID` is refused on the partitioned table `{added.table}`",
                detail="PostgreSQL takes one from version 18 on",
            )


def _in_one_go(statement: Statement, dropped: DropIndex) -> tuple[Fix, ...]:
    word = statement.words(dropped, "CONCURRENTLY") or statement.words(statement, "CONCURRENTLY")
    if word is None or not is_editable(statement, dropped):
        return ()
    edit = Edit(Span(word.start, word.end + 1), "")
    return (Fix("Drop it without `CONCURRENTLY`", Safety.UNSAFE, edits=(edit,)),)


def _by_partition(
    statement: Statement, index: CreateIndex, graph: Graph, settings: Settings
) -> tuple[Fix, ...]:
    """Return the fix that creates an index on the parent alone, and then on each partition."""
    concurrently, on = statement.words(index, "CONCURRENTLY"), statement.words(index, "ON")
    alone = len(statement.operations) == 1 and is_editable(statement, index)
    if index.name is None or concurrently is None or on is None or not alone:
        return ()
    edits = (Edit(Span(concurrently.start, concurrently.end + 1), ""), Edit(Span.at(on.end), " ONLY"))
    partitions = _partitions(index, statement, graph)
    names = [fitting(f"{index.name}_{one.name}") for one in partitions]
    if None in names:
        return ()
    built = [
        Step(
            f"create {name}",
            (_on(statement, index, name or "", one),),
            apart=True,
            undo=(f"-- irreversible: index `{name}` goes with `{index.name}`\nSELECT 1",),
        )
        for name, one in zip(names, partitions, strict=True)
    ]
    parent = index.table.sibling(index.name).sql
    attach = tuple(f"ALTER INDEX {parent} ATTACH PARTITION {quoted(name or '')}" for name in names)
    attaching = [Step(f"attach {index.name}", attach)] if attach else []
    change = then_later(statement, edits, (*built, *attaching), graph, settings)
    return (change.fix("Create it on the parent only, and concurrently on each partition"),) if change else ()


def _on(statement: Statement, index: CreateIndex, name: str, partition: TableName) -> str:
    """Return the statement that creates the index on a partition."""
    text = rewritten(statement, ())
    text = re.sub(rf"(?<![\w.])\"?{re.escape(index.name or '')}\"?(?!\w)", quoted(name), text, count=1)
    place = statement.words(index, "ON")
    tail = statement.file.text[place.end : statement.end] if place is not None else ""
    table = re.compile(r"\s+(?:\"[^\"]+\"|\w+)(?:\s*\.\s*(?:\"[^\"]+\"|\w+))?")
    return text[: len(text) - len(tail)] + table.sub(f" {partition.sql}", tail, count=1)


def _partitions(index: CreateIndex, statement: Statement, graph: Graph) -> list[TableName]:
    """Return the partitions that earlier migrations tell of, without parents and those that leave again."""
    found: dict[str, TableName] = {}
    gone: set[str] = set()
    mine = (one for one in graph.every(Migration, "up:") if shares_history(one, statement.migration))
    for other in (each for one in mine for each in one.up_statements):
        gone |= {one.partition.key for one in other.of(DetachPartition)}
        gone |= {one.table.key for one in other.of(DropTable)}
        if _place(other) > _place(statement):
            continue
        for made in other.of(CreateTable):
            parent = made.partition_of
            if parent is not None and parent.key == index.table.key and not made.is_partitioned:
                found[made.table.key] = made.table
        for one in other.of(AttachPartition):
            if one.table.key == index.table.key:
                found[one.partition.key] = one.partition
    return [found[key] for key in sorted(found.keys() - gone)]


def _place(statement: Statement) -> tuple[tuple[int, ...], str, int]:
    return (statement.migration.convention.order, statement.file.path, statement.start)
