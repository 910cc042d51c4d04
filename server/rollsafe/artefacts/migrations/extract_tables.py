"""CREATE TABLE and ALTER TABLE into operations."""

from collections.abc import Callable, Iterator
from typing import Final

from rollsafe.artefacts.migrations.expressions import default_of
from rollsafe.artefacts.migrations.extract_columns import column_of, constraint_of, type_of
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    AlterObject,
    AlterTable,
    AttachPartition,
    CreateTable,
    DetachPartition,
    DropColumn,
    DropConstraint,
    DropDefault,
    DropNotNull,
    Operation,
    SetDefault,
    SetNotNull,
    ValidateConstraint,
)
from rollsafe.artefacts.migrations.subject import Subject, table_of
from rollsafe.formats.sql import SqlNode
from rollsafe.text import Span
from rollsafe.text.patterns import lazily

_HUMP = lazily(r"(?<=[a-z])(?=[A-Z])")


def create_table(subject: Subject) -> Iterator[Operation]:
    """Read a `CreateStmt`."""
    node = subject.node
    elements = node.children("table_elts")
    constraints = [constraint_of(subject, one) for one in elements if one.kind == "Constraint"]
    persistence = _persistence(node.child("relation"))
    yield CreateTable(
        *subject.whole,
        table=subject.table,
        columns=tuple(column_of(subject, one) for one in elements if one.kind == "ColumnDef"),
        constraints=tuple(one for one in constraints if one is not None),
        if_not_exists=node.flag("if_not_exists"),
        is_temporary=persistence == "t",
        is_unlogged=persistence == "u",
        is_partitioned=node.child("partspec") is not None,
        like=_like(elements),
        partition_of=_partition_of(node),
        is_partial=not subject.is_whole,
    )


def create_table_as(subject: Subject) -> Iterator[Operation]:
    """Read a `CreateTableAsStmt` about a table, or a SELECT INTO."""
    node = subject.node
    into = node.child("into") if node.kind == "CreateTableAsStmt" else node.child("into_clause")
    relation = into.child("rel") if into is not None else None
    persistence = _persistence(relation)
    yield CreateTable(
        *subject.whole,
        table=table_of(relation),
        if_not_exists=node.kind == "CreateTableAsStmt" and node.flag("if_not_exists"),
        is_temporary=persistence == "t",
        is_unlogged=persistence == "u",
        from_query=True,
    )


def _persistence(relation: SqlNode | None) -> str:
    return relation.text("relpersistence") if relation is not None else "p"


def _like(elements: list[SqlNode]) -> TableName | None:
    for one in elements:
        if one.kind == "TableLikeClause":
            return table_of(one.child("relation"))
    return None


def _partition_of(node: SqlNode) -> TableName | None:
    parents = node.children("inh_relations") if node.child("partbound") is not None else []
    return table_of(parents[0]) if parents else None


def alter_table(subject: Subject) -> Iterator[Operation]:
    """Read an `AlterTableStmt`: one operation per command."""
    commands = subject.node.children("cmds")
    of_table = subject.node.choice("objtype") in ("OBJECT_TABLE", "OBJECT_FOREIGN_TABLE")
    for command, span in zip(commands, subject.commands(len(commands)), strict=True):
        if of_table:
            handler = _COMMANDS.get(command.choice("subtype"), _plain)
            yield handler(subject, command, span) or _plain(subject, command, span)
        else:
            object_type = subject.node.choice("objtype").removeprefix("OBJECT_")
            words = object_type.lower().replace("matview", "materialized view").replace("_", " ")
            yield AlterObject(*span, words, subject.table, _action(command))


_Handler = Callable[[Subject, SqlNode, Span], Operation | None]


def _action(command: SqlNode) -> str:
    """Return `enable row security` for `AT_EnableRowSecurity`."""
    name = command.choice("subtype").removeprefix("AT_").replace("UnLogged", "Unlogged")
    words = _HUMP.sub(" ", name).lower()
    return words.replace("trig", "trigger").replace("rel options", "storage parameters")


def _plain(subject: Subject, command: SqlNode, span: Span) -> Operation:
    return AlterTable(*span, subject.table, _action(command))


def _add_column(subject: Subject, command: SqlNode, span: Span) -> Operation | None:
    definition = command.child("def")
    if definition is None or definition.kind != "ColumnDef":
        return None
    column = column_of(subject, definition)
    return AddColumn(*span, subject.table, column, command.flag("missing_ok"))


def _drop_column(subject: Subject, command: SqlNode, span: Span) -> Operation:
    name, exists = command.text("name"), command.flag("missing_ok")
    return DropColumn(*span, subject.table, name, exists, _cascades(command))


def _drop_constraint(subject: Subject, command: SqlNode, span: Span) -> Operation:
    name, exists = command.text("name"), command.flag("missing_ok")
    return DropConstraint(*span, subject.table, name, exists, _cascades(command))


def _cascades(node: SqlNode) -> bool:
    return node.choice("behavior") == "DROP_CASCADE"


def _set_type(subject: Subject, command: SqlNode, span: Span) -> Operation | None:
    definition = command.child("def")
    new = type_of(subject, definition.child("type_name")) if definition is not None else None
    if definition is None or new is None:
        return None
    using = None
    if definition.child("raw_default") is not None:
        word = subject.clauses.words(Span(new.end, span.end), "USING")
        using = (
            Span(subject.clauses.tokens[subject.clauses.index(word.end)].start, span.end) if word else None
        )
    return AlterColumnType(*span, subject.table, command.text("name"), new, using)


def _default(subject: Subject, command: SqlNode, span: Span) -> Operation:
    expression = command.child("def")
    if expression is None:
        return DropDefault(*span, subject.table, command.text("name"))
    word = subject.clauses.words(span, "DEFAULT")
    start = word.start if word else span.start
    text = subject.text[word.end if word else start : span.end].strip()
    default = default_of(expression, start, span.end, text)
    return SetDefault(*span, subject.table, command.text("name"), default)


def _set_not_null(subject: Subject, command: SqlNode, span: Span) -> Operation:
    return SetNotNull(*span, subject.table, command.text("name"))


def _drop_not_null(subject: Subject, command: SqlNode, span: Span) -> Operation:
    return DropNotNull(*span, subject.table, command.text("name"))


def _add_constraint(subject: Subject, command: SqlNode, span: Span) -> Operation | None:
    definition = command.child("def")
    constraint = constraint_of(subject, definition, span.end) if definition is not None else None
    return AddConstraint(*span, subject.table, constraint) if constraint is not None else None


def _validate(subject: Subject, command: SqlNode, span: Span) -> Operation:
    return ValidateConstraint(*span, subject.table, command.text("name"))


def _attach(subject: Subject, command: SqlNode, span: Span) -> Operation:
    return AttachPartition(*span, subject.table, _partition(command))


def _detach(subject: Subject, command: SqlNode, span: Span) -> Operation:
    definition = command.child("def")
    concurrently = definition is not None and definition.flag("concurrent")
    return DetachPartition(*span, subject.table, _partition(command), concurrently)


def _partition(command: SqlNode) -> TableName:
    definition = command.child("def")
    return table_of(definition.child("name") if definition is not None else None)


_COMMANDS: Final[dict[str, _Handler]] = {
    "AT_AddColumn": _add_column,
    "AT_DropColumn": _drop_column,
    "AT_AlterColumnType": _set_type,
    "AT_ColumnDefault": _default,
    "AT_SetNotNull": _set_not_null,
    "AT_DropNotNull": _drop_not_null,
    "AT_AddConstraint": _add_constraint,
    "AT_DropConstraint": _drop_constraint,
    "AT_ValidateConstraint": _validate,
    "AT_AttachPartition": _attach,
    "AT_DetachPartition": _detach,
}
