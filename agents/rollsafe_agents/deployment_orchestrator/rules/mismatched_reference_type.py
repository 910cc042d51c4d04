"""A foreign key and the key it points at are of different types.

## What it does
Reports a foreign key of one column whose type differs from that of the referenced column, as migrations tell it: one
that ends earlier, and one that PostgreSQL refuses. A wider one is said at level `pedantic`.

## Why it matters
An `integer` that points at a `bigint` ends at 2,147,483,647: from that row of the referenced table on nobody can point
at it, every INSERT fails, and widening the column by then rewrites the table. Types of different kinds stop the
migration at once.

## Bad
```sql title="db/migrations/V165__lines.sql"
CREATE TABLE shops (id bigint PRIMARY KEY);
CREATE TABLE lines (id bigint PRIMARY KEY, shop_id integer REFERENCES shops (id)); -- <-
CREATE INDEX lines_shop_idx ON lines (shop_id);
```

## Good
```sql title="db/migrations/V165__lines.sql"
CREATE TABLE shops (id bigint PRIMARY KEY);
CREATE TABLE lines (id bigint PRIMARY KEY, shop_id bigint REFERENCES shops (id));
CREATE INDEX lines_shop_idx ON lines (shop_id);
```

## Fix
Gives the new column the type of the one it points at, where that is written in the same statement. Unsafe: code that
reads it as a smaller number has to follow.

## References
- [PostgreSQL: foreign keys](https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK)

## Equivalent rules
- `hazard:mismatched-reference-type`
- `online_migrations:mismatched_foreign_key_type`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import AddColumn, AddConstraint, CreateTable, TableOperation
from rollsafe.artefacts.migrations.pieces import Constraint, ConstraintKind, TypeRef
from rollsafe.rules import Confidence, Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.migration_edits import is_editable
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import going_up
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.tables import Table, table_before, table_named

_STORED_AS: Final = {"serial": "integer", "bigserial": "bigint", "smallserial": "smallint"}
_WIDTHS: Final = {"smallint": 2, "integer": 4, "bigint": 8}
_FAMILIES: Final = {
    **dict.fromkeys(_WIDTHS, "number"),
    **dict.fromkeys(("text", "varchar", "char"), "text"),
    **{name: name for name in ("uuid", "boolean", "bytea")},
}


class _Key(NamedTuple):
    """A foreign key, its column's type, and whether that type is written in this statement."""

    constraint: Constraint
    type: TypeRef
    is_written: bool


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(statement: Statement, settings: Settings, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a foreign key of another type than what it points at."""
    if ConstraintKind.FOREIGN not in statement.traits and not statement.does(CreateTable):
        return
    for one in going_up(statement, settings, CreateTable, AddColumn, AddConstraint):
        for key in _keys(one, statement, graph):
            target = _referenced(one, key.constraint, statement, graph)
            if target is not None:
                yield from _judged(statement, one, key, target)


def _judged(statement: Statement, one: TableOperation, key: _Key, target: TypeRef) -> Iterator[Finding]:
    mine, theirs = _plain(key.type), _plain(target)
    points = key.constraint.references
    if key.type.is_array or target.is_array or mine == theirs or points is None:
        return
    words = f"column `{one.table}.{key.constraint.columns[0]}` is `{mine}`"
    if mine in _WIDTHS and theirs in _WIDTHS:
        narrow = _WIDTHS[mine] < _WIDTHS[theirs]
        yield Finding(
            key.type if key.is_written else key.constraint,
            f"{words}, and points at `{points}`, whose key is `{theirs}`",
            _fixes(statement, one, key, theirs) if narrow else (),
            detail=f"rows of `{points}` beyond the range of `{mine}` cannot be pointed at"
            if narrow
            else "values that cannot be there are compared at every check of the key",
            severity=None if narrow else Severity.INFO,
            level=None if narrow else Level.PEDANTIC,
        )
    elif _FAMILIES.get(mine, "") != _FAMILIES.get(theirs, "") and {mine, theirs} <= _FAMILIES.keys():
        yield Finding(
            key.type if key.is_written else key.constraint,
            f"{words}, and points at `{points}`, whose key is `{theirs}`",
            detail="PostgreSQL does not compare the two: the statement fails and the deployment stops",
            severity=Severity.ERROR,
            confidence=Confidence.MEDIUM,
        )


def _plain(kind: TypeRef) -> str:
    if kind.schema is not None:
        return str(kind)
    return _STORED_AS.get(kind.name, kind.name)


def _keys(one: TableOperation, statement: Statement, graph: Graph) -> Iterator[_Key]:
    match one:
        case CreateTable():
            types = {column.name: column.type for column in one.columns}
            every = [it for column in one.columns for it in column.constraints]
            yield from _typed((*every, *one.constraints), types, is_written=True)
        case AddColumn():
            yield from _typed(one.column.constraints, {one.column.name: one.column.type}, is_written=True)
        case AddConstraint():
            types = table_before(one, statement, graph).types
            yield from _typed((one.constraint,), types, is_written=False)
        case _:
            return


def _typed(
    constraints: tuple[Constraint, ...], types: dict[str, TypeRef | None], *, is_written: bool
) -> Iterator[_Key]:
    for one in constraints:
        kind = types.get(one.columns[0]) if len(one.columns) == 1 else None
        if one.kind is ConstraintKind.FOREIGN and kind is not None:
            yield _Key(one, kind, is_written)


def _referenced(one: TableOperation, key: Constraint, statement: Statement, graph: Graph) -> TypeRef | None:
    """Return the type of the column a foreign key points at, None where no migration tells."""
    points = key.references
    if points is None or points.key == one.table.key:
        return None
    table = table_named(points, statement, one.start, graph)
    columns = key.referenced or _primary(table)
    return table.types.get(columns[0]) if len(columns) == 1 else None


def _primary(table: Table) -> tuple[str, ...]:
    found = (check.constraint for check in table.constraints.values())
    return next((one.columns for one in found if one.kind is ConstraintKind.PRIMARY), ())


def _fixes(statement: Statement, one: TableOperation, key: _Key, theirs: str) -> tuple[Fix, ...]:
    if not key.is_written or not is_editable(statement, one) or key.type.name not in _WIDTHS:
        return ()
    edit = Edit(Span(key.type.start, key.type.end), theirs)
    return (Fix(f"Make it `{theirs}`", Safety.UNSAFE, edits=(edit,)),)
