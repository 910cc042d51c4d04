"""A column is dropped while a release that knows it is running.

## What it does
Reports `DROP COLUMN` for a column that was there before the migration, and names a primary key, a unique constraint or
a foreign key that goes away with it. With a comment that says why, it is told as information only. TypeORM changes the
type of a column by dropping it and adding it again: that is reported where earlier migrations tell another type.
Places of the application's code that still name the column are shown beside it: models, queries, what reads a row.

## Why it matters
The values are gone, and no way back brings them. Until the rollout is done the previous release is running: its
queries name the column, those of most object mappers always do, and fail from the moment the migration commits.
After a rollback they fail again. A unique constraint over several columns goes away as a whole, without a word.

## Bad
```sql title="db/migrations/V12__drop_legacy_state.sql"
ALTER TABLE orders DROP COLUMN legacy_state; -- <-
```

## Good
```sql title="db/migrations/V12__drop_legacy_state.sql"
-- Drop legacy_state in the release after the one that stops reading it.
COMMENT ON COLUMN orders.legacy_state IS 'unused since 1.9';
```

## Fix
None: the release that stops using the column has to be out everywhere first, and rolled back nowhere. Then a
comment above the statement that says so keeps the record.

## References
- [Parallel change](https://martinfowler.com/bliki/ParallelChange.html)

## Equivalent rules
- `hazard:drop-column`
- `hazard:drop-column-drops-constraint`
- `squawk:ban-drop-column`
- `pgls:banDropColumn`
- `pgfence:drop-column`
- `pg-migration-lint:PGM009`
- `pg-migration-lint:PGM010`
- `pg-migration-lint:PGM011`
- `pg-migration-lint:PGM012`
- `pgrubic:US001`
- `strong_migrations:remove_column`
- `online_migrations:remove_column`
- `django-migration-linter:DROP_COLUMN`
- `drizzle-migration-lint:drop-column`
- `pandadoc-migration-lint:BACKWARD_INCOMPATIBLE`
- `atlas:DS103`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.definitions import KEYS
from rollsafe.artefacts.migrations.operations import AlterColumnType, DropColumn
from rollsafe.artefacts.migrations.pieces import ConstraintKind
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.migration_words import milder
from rollsafe.rules.named_in_code import counted, related, uses_of
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import adds_column, changes
from rollsafe.workspace.restating import is_made_anew
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import table_before

_COLUMN: Final = (
    *("hazard:drop-column", "squawk:ban-drop-column", "pgls:banDropColumn", "pgfence:drop-column"),
    *("pg-migration-lint:PGM009", "pgrubic:US001", "strong_migrations:remove_column", "atlas:DS103"),
    *("online_migrations:remove_column", "django-migration-linter:DROP_COLUMN"),
    *("drizzle-migration-lint:drop-column", "pandadoc-migration-lint:BACKWARD_INCOMPATIBLE"),
)
_CONSTRAINTS: Final = {
    ConstraintKind.UNIQUE: "pg-migration-lint:PGM010",
    ConstraintKind.PRIMARY: "pg-migration-lint:PGM011",
    ConstraintKind.FOREIGN: "pg-migration-lint:PGM012",
}


@rule(severity=Severity.WARNING, since="0.1.0")
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a column that goes away with its values."""
    for change in changes(statement, settings, AlterColumnType):
        if is_made_anew(change, statement, graph):
            yield Finding(
                change,
                f"column `{change.table}.{change.column}` is dropped with its values and added again as `{change.type}`",
                detail="TypeORM does not convert the values of a column whose type is changed",
                equivalents=_COLUMN,
            )
    for column in changes(statement, settings, DropColumn):
        added = adds_column(statement.migration, column.table, column.column, column.start)
        if added is not None and not added.if_not_exists:
            continue
        gone = _keys_on(column, statement, graph)
        also = "".join(f" and {kind.value} `{name}`" for kind, name in gone)
        uses = uses_of(statement, column.table, graph, column.column)
        others = ("hazard:drop-column-drops-constraint", *(_CONSTRAINTS[kind] for kind, _ in gone))
        yield Finding(
            column,
            f"column `{column.table}.{column.column}` is dropped with its values{also}",
            detail=f"queries of the running release that name `{column.column}` fail as soon as this commits, and "
            f"only a backup brings the values back{counted(uses)}",
            related=related(uses, f"{column.table}.{column.column}"),
            severity=milder(statement, column),
            equivalents=(*_COLUMN, *others) if gone else _COLUMN,
        )


def _keys_on(dropped: DropColumn, statement: Statement, graph: Graph) -> list[tuple[ConstraintKind, str]]:
    """Return the kinds and names of the keys that go away with a column."""
    if not graph.find(Statement, f"keyed:{dropped.column}"):
        return []  # no key of any table ever held a column of that name
    found = table_before(dropped, statement, graph).constraints_on(dropped.column)
    return [(one.kind, name) for name, one in found if one.kind in KEYS]
