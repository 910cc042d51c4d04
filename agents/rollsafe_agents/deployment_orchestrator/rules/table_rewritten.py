"""A table is written anew while nobody can use it.

## What it does
Reports `VACUUM FULL`, `CLUSTER`, `SET LOGGED`, `SET UNLOGGED`, `SET TABLESPACE` and `SET ACCESS METHOD` of a table that
was there before the migration.

## Why it matters
All of them write every row and every index of the table again under an ACCESS EXCLUSIVE lock: nobody reads or writes
it for as long as that takes. An unlogged table is empty after a crash, and on every replica.

## Bad
```sql title="db/migrations/V84__shrink.sql"
VACUUM FULL orders; -- <-
```

## Good
```sql title="db/migrations/V84__shrink.sql"
VACUUM orders;
```

## Fix
None: tools such as pg_repack do the same beside the table and swap it in the end.

## References
- [PostgreSQL: VACUUM](https://www.postgresql.org/docs/current/sql-vacuum.html)
- [pg_repack](https://reorg.github.io/pg_repack/)

## Equivalent rules
- `hazard:vacuum-full-cluster`
- `hazard:set-logged-unlogged`
- `hazard:move-tablespace`
- `squawk:prefer-repack`
- `pgls:banVacuumFull`
- `pgfence:vacuum-full`
- `pgfence:set-logged-unlogged`
- `pg-migration-lint:PGM018`
- `pg-migration-lint:PGM021`
- `pg-migration-lint:PGM506`
- `pgrubic:US017`
- `pgrubic:US018`
- `pgrubic:US023`
- `pgrubic:US024`
- `pgrubic:US025`
- `pgrubic:US026`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement, TableName
from rollsafe.artefacts.migrations.operations import AlterObject, AlterTable, Maintain, Operation, Other
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.migration_words import head
from rollsafe.workspace.migrations import changes
from rollsafe.workspace.settings import Settings

_ACTIONS: Final = {
    "set logged": ("hazard:set-logged-unlogged", "pgfence:set-logged-unlogged"),
    "set unlogged": ("hazard:set-logged-unlogged", "pgfence:set-logged-unlogged", "pg-migration-lint:PGM506"),
    "set table space": ("hazard:move-tablespace", "pgrubic:US017"),
    "set access method": (),
}
_MOVED: Final = {
    "index": ("hazard:move-tablespace", "pgrubic:US018", "pgrubic:US023"),
    "materialized view": ("hazard:move-tablespace", "pgrubic:US024"),
}
_FULL: Final = (
    *("hazard:vacuum-full-cluster", "squawk:prefer-repack", "pgls:banVacuumFull", "pgfence:vacuum-full"),
    *("pg-migration-lint:PGM018", "pg-migration-lint:PGM021", "pgrubic:US025", "pgrubic:US026"),
)


@rule(severity=Severity.WARNING, since="0.1.0")
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a command that writes a whole table again."""
    for one in changes(statement, settings, Maintain):
        if one.is_full:
            what = "VACUUM FULL" if one.action == "vacuum" else one.action.upper()
            yield _finding(statement, one, one.table, what, _FULL)
    for change in changes(statement, settings, AlterTable):
        if change.action in _ACTIONS:
            what = change.action.upper().replace("TABLE SPACE", "TABLESPACE")
            yield _finding(statement, change, change.table, what, _ACTIONS[change.action])
    for moved in changes(statement, settings, AlterObject):
        if moved.action == "set table space" and moved.object in _MOVED:
            yield _finding(statement, moved, moved.name, "SET TABLESPACE", _MOVED[moved.object])
    for other in changes(statement, settings, Other):
        if statement.words(other, "ALL", "IN", "TABLESPACE") is not None:
            yield _finding(statement, other, None, "SET TABLESPACE", _MOVED["index"])


def _finding(
    statement: Statement, one: Operation, table: TableName | None, what: str, equivalents: tuple[str, ...]
) -> Finding:
    name = f"`{table}`" if table is not None else "every table of the database"
    return Finding(
        head(statement, one, what.rpartition(" ")[2]),
        f"`{what}` writes {name} anew",
        detail=f"reads and writes of {name} wait behind an ACCESS EXCLUSIVE lock until all rows are written",
        equivalents=equivalents,
    )
