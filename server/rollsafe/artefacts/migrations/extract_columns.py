"""Column definitions, constraints and types out of the parse tree."""

from typing import Final

from rollsafe.artefacts.migrations.expressions import default_of
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.pieces import (
    Column,
    Constraint,
    ConstraintKind,
    Default,
    Generated,
    TypeRef,
)
from rollsafe.artefacts.migrations.subject import Subject, table_of
from rollsafe.formats.sql import SqlNode
from rollsafe.text import Span

_TYPE_NAMES: Final = {
    "bit": "bit",
    "bool": "boolean",
    "bpchar": "char",
    "decimal": "numeric",
    "float4": "real",
    "float8": "double precision",
    "int": "integer",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "serial2": "smallserial",
    "serial4": "serial",
    "serial8": "bigserial",
    "varbit": "bit varying",
}
_CONSTRAINTS: Final = {
    "CONSTR_CHECK": ConstraintKind.CHECK,
    "CONSTR_FOREIGN": ConstraintKind.FOREIGN,
    "CONSTR_UNIQUE": ConstraintKind.UNIQUE,
    "CONSTR_PRIMARY": ConstraintKind.PRIMARY,
    "CONSTR_EXCLUSION": ConstraintKind.EXCLUDE,
    "CONSTR_NOTNULL": ConstraintKind.NOT_NULL,
}
_ACTIONS: Final = {"c": "cascade", "n": "set null", "d": "set default", "r": "restrict"}


def column_of(subject: Subject, node: SqlNode) -> Column:
    """Return the column a `ColumnDef` defines."""
    start = max(node.start, 0)
    end = subject.element_end(start)
    parts = node.children("constraints")
    name = node.text("colname")
    kinds = {part.choice("contype") for part in parts}
    return Column(
        start=start,
        end=end,
        name=name,
        name_at=Span(start, subject.name_end(start)),
        type=type_of(subject, node.child("type_name")),
        not_null=bool(kinds & {"CONSTR_NOTNULL", "CONSTR_PRIMARY", "CONSTR_IDENTITY"}),
        default=_default(subject, parts, end) if "CONSTR_DEFAULT" in kinds else None,
        generated=_generated(parts) if "CONSTR_GENERATED" in kinds else None,
        is_identity="CONSTR_IDENTITY" in kinds,
        constraints=_constraints(subject, name, parts, end) if parts else (),
        text=subject.text[start:end],
    )


def type_of(subject: Subject, node: SqlNode | None) -> TypeRef | None:
    """Return the type a `TypeName` names."""
    start = node.start if node is not None else -1
    if node is None or start < 0:
        return None
    schema, name = TableName.of(node.names("names"))
    built_in = schema in (None, "pg_catalog")
    end = subject.type_end(start)
    text = subject.text[start:end]
    return TypeRef(
        start=start,
        end=end,
        name=_TYPE_NAMES.get(name, name) if built_in else name,
        schema=None if built_in else schema,
        modifiers=_modifiers(node, name, text) if node.has_any("typmods") else (),
        is_array=node.has_any("array_bounds"),
        text=text,
    )


def _modifiers(node: SqlNode, name: str, text: str) -> tuple[int, ...]:
    if name == "interval" and "(" not in text:
        return ()  # the parser encodes `interval day to second` as a number
    values = (value.child("ival") for value in node.children("typmods") if value.kind == "A_Const")
    return tuple(value.number("ival") for value in values if value is not None)


def constraint_of(
    subject: Subject, node: SqlNode, end: int | None = None, own: tuple[str, ...] = ()
) -> Constraint | None:
    """Return the constraint of a table, or of its `own` column; None for parts that only qualify one."""
    kind = _CONSTRAINTS.get(node.choice("contype"))
    if kind is None or node.start < 0:
        return None
    stop = subject.element_end(node.start) if end is None else end
    key = "fk_attrs" if kind is ConstraintKind.FOREIGN else "keys"
    target = node.child("pktable")
    return Constraint(
        start=node.start,
        end=stop,
        kind=kind,
        name=node.text("conname") or None,
        columns=node.names(key) or own,
        references=table_of(target) if target is not None else None,
        not_valid=node.flag("skip_validation"),
        using_index=node.text("indexname") or None,
        deletes=_ACTIONS.get(node.text("fk_del_action"), ""),
        text=subject.text[node.start : stop],
        referenced=node.names("pk_attrs"),
    )


def _constraints(subject: Subject, column: str, parts: list[SqlNode], end: int) -> tuple[Constraint, ...]:
    found: list[Constraint] = []
    for at, part in enumerate(parts):
        if part.choice("contype") in _CONSTRAINTS:
            constraint = constraint_of(subject, part, _part_end(subject, parts, at, end), (column,))
            if constraint is not None:
                found.append(constraint)
    return tuple(found)


def _part_end(subject: Subject, parts: list[SqlNode], at: int, end: int) -> int:
    """Return where the column constraint number `at` ends: before the next one that is no qualifier."""
    for later in parts[at + 1 :]:
        if not later.choice("contype").startswith("CONSTR_ATTR_"):
            return subject.trimmed(parts[at].start, later.start)
    return end


def _default(subject: Subject, parts: list[SqlNode], end: int) -> Default | None:
    for at, part in enumerate(parts):
        expression = part.child("raw_expr") if part.choice("contype") == "CONSTR_DEFAULT" else None
        if expression is not None:
            start, stop = part.start, _part_end(subject, parts, at, end)
            return default_of(expression, start, stop, _after_word(subject.text[start:stop]))
    return None


def _after_word(text: str) -> str:
    """Return `text` without its first word, `DEFAULT`."""
    return text[len("DEFAULT") :].strip() if text[:7].upper() == "DEFAULT" else text


def _generated(parts: list[SqlNode]) -> Generated | None:
    for part in parts:
        if part.choice("contype") == "CONSTR_GENERATED":
            return Generated.VIRTUAL if part.text("generated_kind") == "v" else Generated.STORED
    return None
