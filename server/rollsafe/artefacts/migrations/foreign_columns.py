"""Columns, constraints and indexes of MySQL and SQLite out of sqlglot's tree."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations.dialect import Dialect
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import AddConstraint, CreateIndex
from rollsafe.artefacts.migrations.pieces import (
    Column,
    Constraint,
    ConstraintKind,
    Default,
    Generated,
    TypeRef,
    Volatility,
)
from rollsafe.formats.sql_foreign_tree import ForeignNode
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.text.records import replace
from rollsafe.text.tuples import NamedTuple

_KINDS: Final = {
    "CheckColumnConstraint": ConstraintKind.CHECK,
    "ForeignKey": ConstraintKind.FOREIGN,
    "Reference": ConstraintKind.FOREIGN,
    "UniqueColumnConstraint": ConstraintKind.UNIQUE,
    "PrimaryKey": ConstraintKind.PRIMARY,
    "PrimaryKeyColumnConstraint": ConstraintKind.PRIMARY,
}
_CONSTANT: Final = frozenset({"Literal", "Null", "Boolean", "HexString", "BitString", "Column", "Identifier"})
_AROUND: Final = frozenset({"Paren", "Neg", "Cast"})
_AT_ONCE: Final = lazily(r"\W*(?:CURRENT_|LOCAL|NOW\b|UTC_)", re.I)
_NUMBER: Final = lazily(r"\d{1,9}")
_DELETES: Final = lazily(r"ON DELETE (.*)", re.I)


class Part(NamedTuple):
    """A part of a statement that is read by itself, such as a command; offsets are those of the statement."""

    dialect: Dialect
    start: int
    end: int
    text: str


def table_of(node: ForeignNode) -> TableName:
    """Return the table a node names."""
    holder = node.child("this") if node.kind == "Schema" else node
    schema = holder.child("db") if holder is not None else None
    return TableName(schema.name if schema is not None else None, node.name)


def column_of(node: ForeignNode, part: Part) -> Column:
    """Return the column a `ColumnDef` defines; SQLite takes a bare name for one."""
    said = [kind for one in node.children("constraints") if (kind := one.child("kind")) is not None]
    kinds = {one.kind for one in said}
    type_ = type_of(node.child("kind"), part)
    is_key = "PrimaryKeyColumnConstraint" in kinds
    is_row_id = part.dialect is Dialect.SQLITE and is_key and type_ is not None and type_.name == "integer"
    required = any(one.kind == "NotNullColumnConstraint" and not one.flag("allow_null") for one in said)
    return Column(
        start=part.start,
        end=part.end,
        name=node.name,
        name_at=node.place or Span(part.start, part.end),
        type=type_,
        not_null=required or is_key,
        default=next(filter(None, (_default(one, part) for one in said)), None),
        generated=next(filter(None, map(_generated, said)), None),
        is_identity=is_row_id or "AutoIncrementColumnConstraint" in kinds,
        constraints=tuple(_of_column(node.name, said, part)),
        text=part.text,
    )


def _of_column(name: str, said: list[ForeignNode], part: Part) -> Iterator[Constraint]:
    for one in said:
        if one.kind in _KINDS:
            yield replace(_constraint(one, part, None), columns=(name,))


def type_of(node: ForeignNode | None, part: Part) -> TypeRef | None:
    """Return a type by the name its database gives it: `int unsigned`, `varchar` with its length."""
    if node is None or node.kind != "DataType":
        return None
    text = node.sql(part.dialect)
    name, _, rest = text.lower().partition("(")
    numbers = tuple(int(one) for one in _NUMBER.findall(rest)) if not rest.startswith("'") else ()
    after = rest.rpartition(")")[2]
    return TypeRef(part.start, part.end, f"{name}{after}", None, numbers, is_array=False, text=text.lower())


def _default(node: ForeignNode, part: Part) -> Default | None:
    value = node.child("this") if node.kind == "DefaultColumnConstraint" else None
    return default_of(value, part) if value is not None else None


def default_of(value: ForeignNode, part: Part) -> Default:
    """Return a default; SQLite adds a column only with one that is `CONSTANT`."""
    text = value.sql(part.dialect)
    inner: ForeignNode | None = value
    while inner is not None and inner.kind in _AROUND:
        inner = inner.child("this")
    volatility = Volatility.UNKNOWN
    if inner is not None and inner.kind in _CONSTANT:
        volatility = Volatility.CONSTANT
    elif _AT_ONCE.match(text):
        volatility = Volatility.STABLE
    return Default(part.start, part.end, text, volatility, inner is not None and inner.kind == "Null")


def _generated(node: ForeignNode) -> Generated | None:
    if node.kind != "ComputedColumnConstraint":
        return None
    return Generated.STORED if node.flag("persisted") else Generated.VIRTUAL


def constraints_of(node: ForeignNode, part: Part) -> Iterator[Constraint]:
    """Yield the constraints of a table that a node states, with a name or without."""
    if node.kind == "Constraint":
        name = node.child("this")
        for one in node.children("expressions"):
            if one.kind in _KINDS:
                yield _constraint(one, part, name.name if name is not None else None)
    elif node.kind in _KINDS:
        yield _constraint(node, part, None)


def _constraint(node: ForeignNode, part: Part, name: str | None) -> Constraint:
    reference = node.child("reference") if node.kind == "ForeignKey" else node
    points = reference.child("this") if reference is not None and reference.kind == "Reference" else None
    options = reference.texts("options") if reference is not None else ()
    deletes = next((found[1].lower() for found in map(_DELETES.match, options) if found), "")
    keys = node.child("this") if node.kind == "UniqueColumnConstraint" else node
    return Constraint(
        start=part.start,
        end=part.end,
        kind=_KINDS[node.kind],
        name=name,
        columns=tuple(one.name for one in keys.children("expressions")) if keys is not None else (),
        references=table_of(points) if points is not None else None,
        not_valid=False,
        using_index=None,
        deletes=deletes,
        text=part.text,
        referenced=tuple(one.name for one in points.children("expressions")) if points is not None else (),
    )


def index_of(node: ForeignNode, table: TableName, part: Part) -> CreateIndex:
    """Return the index an `IndexColumnConstraint` states: `KEY name (…)`."""
    keys = tuple(one.name for one in node.children("expressions"))
    return new_index(part, table, node.child("this"), keys, node.text("kind").lower())


def new_index(
    part: Part,
    table: TableName,
    name: ForeignNode | None,
    keys: tuple[str, ...],
    method: str,
    *,
    is_unique: bool = False,
) -> CreateIndex:
    """Return an index of `keys`, of which one that is an expression has no name."""
    return CreateIndex(
        start=part.start,
        end=part.end,
        table=table,
        name=name.name if name is not None else None,
        columns=keys,
        method=method or "btree",
        is_unique=is_unique,
        concurrently=False,
        if_not_exists=False,
        has_where=False,
        only=False,
        is_plain=False,
    )


def added(node: ForeignNode, table: TableName, part: Part) -> Iterator[AddConstraint | CreateIndex]:
    """Yield what one clause of ADD, or of the body of a table, adds besides columns."""
    if node.kind == "IndexColumnConstraint":
        yield index_of(node, table, part)
    else:
        for one in constraints_of(node, part):
            yield AddConstraint(part.start, part.end, table, one)
