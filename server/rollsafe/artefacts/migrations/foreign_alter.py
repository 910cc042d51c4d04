"""The commands of an ALTER TABLE of MySQL and SQLite into what they do."""

from collections.abc import Callable, Iterator
from typing import Final

from rollsafe.artefacts.migrations.foreign_columns import Part, added, column_of, default_of
from rollsafe.artefacts.migrations.foreign_locks import PRIMARY
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    AlterTable,
    DropColumn,
    DropConstraint,
    DropDefault,
    DropIndex,
    DropNotNull,
    Operation,
    RenameColumn,
    RenameIndex,
    RenameTable,
    SetDefault,
    SetNotNull,
)
from rollsafe.artefacts.migrations.pieces import Column, Constraint, ConstraintKind
from rollsafe.formats.sql_foreign import Kind, Token
from rollsafe.formats.sql_foreign_tree import ForeignNode
from rollsafe.text.records import replace

Tokens = tuple[Token, ...]
_Reader = Callable[[ForeignNode, TableName, Part], Iterator[Operation]]
_HEAD: Final = 4


def command(alter: ForeignNode, table: TableName, part: Part) -> Iterator[Operation]:
    """Yield what an `Alter` with one command does; nothing if that has no type of its own."""
    for action in alter.children("actions"):
        reader = _READERS.get(action.kind)
        if reader is not None:
            yield from reader(action, table, part)


def by_words(tokens: Tokens, table: TableName, part: Part) -> Operation:
    """Return what a command does of which the tree tells nothing: a check without a name, or its first words.

    The library has no node for `ADD CHECK (…)`, `CONVERT TO` and what is done to partitions.
    """
    words = [one.word for one in tokens[:_HEAD] if one.kind is Kind.WORD]
    if words[:2] == ["ADD", "CHECK"]:
        check = Constraint(
            *(part.start, part.end, ConstraintKind.CHECK, None, (), None),
            *(False, None, "", part.text),
        )
        return AddConstraint(part.start, part.end, table, check)
    return AlterTable(part.start, part.end, table, " ".join(words).lower())


def _add_column(node: ForeignNode, table: TableName, part: Part) -> Iterator[Operation]:
    yield AddColumn(part.start, part.end, table, column_of(node, part), node.flag("exists"))


def _add(node: ForeignNode, table: TableName, part: Part) -> Iterator[Operation]:
    for one in node.children("expressions"):
        yield from added(one, table, part)


def _drop(node: ForeignNode, table: TableName, part: Part) -> Iterator[Operation]:
    exists = node.flag("exists")
    for one in node.children("tables"):
        match node.text("kind"):
            case "COLUMN":
                yield DropColumn(part.start, part.end, table, one.name, exists, cascade=False)
            case "INDEX" | "KEY":
                index = table.sibling(one.name)
                yield DropIndex(part.start, part.end, index, False, exists, cascade=False)
            case _:
                yield DropConstraint(part.start, part.end, table, one.name, exists, cascade=False)


def _drop_key(node: ForeignNode, table: TableName, part: Part) -> Iterator[Operation]:
    yield DropConstraint(part.start, part.end, table, PRIMARY, if_exists=False, cascade=False)


def _rename_column(node: ForeignNode, table: TableName, part: Part) -> Iterator[Operation]:
    old, new = node.child("this"), node.child("to")
    if old is not None and new is not None:
        yield RenameColumn(part.start, part.end, table, old.name, new.name)


def _rename_index(node: ForeignNode, table: TableName, part: Part) -> Iterator[Operation]:
    old, new = node.child("this"), node.child("to")
    if old is not None and new is not None:
        yield RenameIndex(part.start, part.end, table.sibling(old.name), new.name)


def _rename(node: ForeignNode, table: TableName, part: Part) -> Iterator[Operation]:
    yield RenameTable(part.start, part.end, table, node.name)


def _alter_column(node: ForeignNode, table: TableName, part: Part) -> Iterator[Operation]:
    default = node.child("default")
    if default is not None:
        yield SetDefault(part.start, part.end, table, node.name, default_of(default, part))
    elif node.flag("drop"):
        yield DropDefault(part.start, part.end, table, node.name)


def _modify(node: ForeignNode, table: TableName, part: Part) -> Iterator[Operation]:
    """Yield what stating a whole column again changes: its type, whether it may be NULL, its name."""
    defined, old = node.child("this"), node.child("rename_from")
    if defined is None:
        return
    column = column_of(defined, part)
    name = old.name if old is not None else column.name
    yield from restated(replace(column, name=name), table, part)
    if name != column.name:
        yield RenameColumn(part.start, part.end, table, name, column.name)


def restated(column: Column, table: TableName, part: Part) -> Iterator[Operation]:
    """Yield the operations that together state a column again."""
    if column.type is not None:
        yield AlterColumnType(part.start, part.end, table, column.name, column.type, None)
    kind = SetNotNull if column.not_null else DropNotNull
    yield kind(part.start, part.end, table, column.name)


_READERS: Final[dict[str, _Reader]] = {
    "AddConstraint": _add,
    "AlterColumn": _alter_column,
    "AlterRename": _rename,
    "ColumnDef": _add_column,
    "Drop": _drop,
    "DropPrimaryKey": _drop_key,
    "ModifyColumn": _modify,
    "RenameColumn": _rename_column,
    "RenameIndex": _rename_index,
}
