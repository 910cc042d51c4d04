"""What statements of MySQL and SQLite do to rows and to the session, out of sqlglot's tree."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations.foreign_columns import Part, table_of
from rollsafe.artefacts.migrations.foreign_tokens import Tokens, words_of
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import (
    Delete,
    Insert,
    Operation,
    SetSetting,
    Truncate,
    Update,
)
from rollsafe.formats.sql_foreign_tree import ForeignNode, parse
from rollsafe.text.patterns import lazily

ROWS: Final = frozenset({"INSERT", "REPLACE", "UPDATE", "DELETE", "TRUNCATE", "SET", "PRAGMA"})
"""The first words of the statements that are read here."""
_SCOPE: Final = lazily(r"@@(?:(?:session|local|global|persist)\.)?|session\s+|global\s+", re.I)


def rows(tokens: Tokens, whole: Part) -> Iterator[Operation]:
    """Yield what a statement about rows or settings does."""
    words = words_of(tokens)
    if words[0] in ("INSERT", "REPLACE") and "SELECT" not in words:
        return  # rows that are listed: long, and nothing asks for them
    tree = parse(whole.text, whole.dialect)
    if tree is not None:
        yield from _read(tree, whole)


def _read(tree: ForeignNode, whole: Part) -> Iterator[Operation]:
    start, end = whole.start, whole.end
    target = tree.child("this")
    match tree.kind:
        case "Insert" if target is not None:
            yield _inserted(tree, target, whole)
        case "Update" if target is not None:
            columns = tuple(one.name for one in tree.children("expressions"))
            yield Update(start, end, table_of(target), tree.child("where") is not None, columns)
        case "Delete" if target is not None:
            yield Delete(start, end, table_of(target), tree.child("where") is not None)
        case "TruncateTable":
            for one in tree.children("expressions"):
                yield Truncate(start, end, table_of(one), cascade=False)
        case "Set":
            items = (one.child("this") for one in tree.children("expressions"))
            yield from (_setting(one, whole) for one in items if one is not None and one.kind == "EQ")
        case "Pragma" if target is not None and target.kind == "EQ":
            yield _setting(target, whole)
        case _:
            return


def _inserted(tree: ForeignNode, target: ForeignNode, whole: Part) -> Insert:
    query = tree.child("expression")
    columns = [one.name for one in target.children("expressions")] if target.kind == "Schema" else []
    source, values = _selected(query)
    copied = tuple(zip(columns, values, strict=False)) if len(columns) == len(values) else ()
    return Insert(whole.start, whole.end, table_of(target), True, source, copied)


def _selected(query: ForeignNode | None) -> tuple[TableName | None, list[str]]:
    """Return the one table rows come from, and for each value the column it is; empty for a computed one."""
    if query is None or query.kind != "Select" or query.children("joins"):
        return None, []
    origin = query.child("from_")
    table = origin.child("this") if origin is not None else None
    values = [one.name if one.kind == "Column" else "" for one in query.children("expressions")]
    return (table_of(table) if table is not None and table.kind == "Table" else None), values


def _setting(node: ForeignNode, whole: Part) -> SetSetting:
    left, right = node.child("this"), node.child("expression")
    name = left.sql(whole.dialect) if left is not None else ""
    value = right.sql(whole.dialect) if right is not None else ""
    plain = _SCOPE.sub("", name.strip("`\"'")).strip("`\"'").lower()
    return SetSetting(whole.start, whole.end, plain, value.strip("`\"'").lower(), is_local=False)
