"""Deleting a row reads the whole table that references it.

## What it does
Reports a foreign key whose columns no index begins with: none of the file, and none an earlier or later migration
creates.

## Why it matters
For every row that is deleted from the referenced table, and every key that changes, PostgreSQL looks for rows that
point at it. Without an index it reads the whole table each time, under locks; deleting an old customer takes minutes.

## Bad
```sql title="db/migrations/V120__lines.sql"
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
CREATE TABLE IF NOT EXISTS lines (
    id bigint PRIMARY KEY,
    order_id bigint NOT NULL REFERENCES orders (id) -- <-
);
```

## Good
```sql title="db/migrations/V120__lines.sql"
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
CREATE TABLE IF NOT EXISTS lines (
    id bigint PRIMARY KEY,
    order_id bigint NOT NULL REFERENCES orders (id)
);
CREATE INDEX IF NOT EXISTS lines_order_id_idx ON lines (order_id);
```

## Fix
For a table that is new in the file: creates the index after it. Unsafe: an index makes writes a little slower.

## References
- [PostgreSQL: foreign keys](https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK)

## Equivalent rules
- `hazard:fk-missing-index`
- `pgfence:fk-missing-index`
- `pg-migration-lint:PGM501`
"""

from collections.abc import Callable, Iterator
from functools import partial

from rollsafe.artefacts.migrations import Statement, TableName
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.artefacts.migrations.operations import AddColumn, AddConstraint, CreateTable
from rollsafe.artefacts.migrations.pieces import Constraint, ConstraintKind
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import after, fitting, is_editable
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import going_up
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import is_indexed


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a foreign key whose rows cannot be found quickly."""
    for made in going_up(statement, settings, CreateTable):
        if made.is_partial:
            continue
        inline = [one for column in made.columns for one in column.constraints]
        for constraint in (*inline, *made.constraints):
            fix = partial(_fix, statement, made, constraint) if is_editable(statement, made) else ()
            yield from _judge(statement, made.table, constraint, graph, fix)
    for added in going_up(statement, settings, AddColumn):
        for constraint in added.column.constraints:
            yield from _judge(statement, added.table, constraint, graph, ())
    for one in going_up(statement, settings, AddConstraint):
        yield from _judge(statement, one.table, one.constraint, graph, ())


def _judge(
    statement: Statement,
    table: TableName,
    constraint: Constraint,
    graph: Graph,
    fixes: tuple[Fix, ...] | Callable[[], tuple[Fix, ...]],
) -> Iterator[Finding]:
    foreign = constraint.kind is ConstraintKind.FOREIGN and bool(constraint.columns)
    if not foreign or is_indexed(table, constraint.columns, statement, graph):
        return
    columns = ", ".join(constraint.columns)
    yield Finding(
        statement.words(constraint, "REFERENCES") or Span.of(constraint),
        f"no index begins with `{columns}` of `{table}`, which references `{constraint.references}`",
        fixes,
        detail=f"deleting a row of `{constraint.references}` reads all of `{table}`",
    )


def _fix(statement: Statement, made: CreateTable, constraint: Constraint) -> tuple[Fix, ...]:
    name = fitting("_".join((made.table.name, *constraint.columns, "idx")))
    if name is None:
        return ()
    columns = ", ".join(quoted(column) for column in constraint.columns)
    again = "IF NOT EXISTS " if made.if_not_exists else ""
    sql = f"CREATE INDEX {again}{quoted(name)} ON {made.table.sql} ({columns})"
    return (Fix("Create the index", Safety.UNSAFE, edits=(after(statement, sql),)),)
