"""A definition is passed over because something of that name is there already.

## What it does
Reports `CREATE TABLE IF NOT EXISTS` and `CREATE INDEX IF NOT EXISTS` for a table or index that an earlier migration has
made and none has dropped since, if the two differ. Where they are the same it is said at level `auditor`.

## Why it matters
PostgreSQL looks at the name only. The statement does nothing and the migration counts as done, but the columns that
the new release reads are not there; its queries fail in production, on databases that were set up anew they do not.

## Bad
```sql title="db/migrations/V161__codes.sql"
CREATE TABLE IF NOT EXISTS codes (id bigint PRIMARY KEY);
```
```sql title="db/migrations/V162__codes.sql"
CREATE TABLE IF NOT EXISTS codes (id bigint PRIMARY KEY, label text); -- <-
```

## Good
```sql title="db/migrations/V161__codes.sql"
CREATE TABLE IF NOT EXISTS codes (id bigint PRIMARY KEY);
```
```sql title="db/migrations/V162__codes.sql"
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';
ALTER TABLE codes ADD COLUMN label text;
```

## Fix
None: whether the earlier definition or this one is meant is for a person to say.

## References
- [PostgreSQL: CREATE TABLE](https://www.postgresql.org/docs/current/sql-createtable.html)

## Equivalent rules
- `hazard:prefer-robust`
- `pg-migration-lint:PGM403`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import CreateIndex, CreateTable
from rollsafe.rules import Finding, Level, Related, Severity, Span, rule
from rollsafe.rules.migration_words import head
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.indexes import plain_indexes
from rollsafe.workspace.migrations import going_up
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import Origin, Table, table_before


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a definition that is not carried out."""
    if statement.runner == "flyway" and statement.file.name.startswith("B"):
        return  # a baseline stands for all migrations before it
    for table in going_up(statement, settings, CreateTable):
        before = table_before(table, statement, graph) if table.if_not_exists else None
        if before is not None and before.created is not None:
            words = f"table `{table.table}`"
            yield _finding(head(statement, table, "TABLE"), words, before.created, _is_same(table, before))
    for index in going_up(statement, settings, CreateIndex):
        if not index.if_not_exists or not index.is_plain:
            continue
        for other in plain_indexes(index.table, statement, index.start, graph):
            if other.made is not None and other.name == index.name:
                same = (other.columns, other.is_unique) == (index.columns, index.is_unique)
                yield _finding(
                    head(statement, index, "INDEX"), f"index `{index.name}`", Origin(*other.made), same
                )


def _is_same(table: CreateTable, before: Table) -> bool:
    """Say whether the columns are the ones that are there, as far as both are told."""
    wanted = {one.name: str(one.type) for one in table.columns}
    return bool(wanted) and wanted == {name: str(kind) for name, kind in before.types.items()}


def _finding(place: Span, words: str, made: Origin, same: bool) -> Finding:
    definition = "the same definition" if same else "another definition"
    return Finding(
        place,
        f"{words} is there already, with {definition}",
        related=(Related(made.statement.file, Span.of(made.operation), f"{words} is created here"),),
        detail="the name is taken, so the statement does nothing and the migration counts as done",
        level=Level.AUDITOR if same else None,
    )
