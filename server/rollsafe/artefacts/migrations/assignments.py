"""The columns a statement names side by side, of which none may come twice."""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from rollsafe.formats.sql import SqlNode, parse_statement
from rollsafe.text.tuples import NamedTuple


class Named(NamedTuple):
    """A column in such a list, and where its name begins in the statement."""

    name: str
    start: int


_QUERY_OF: Final = {"ViewStmt": "query", "CreateTableAsStmt": "query"}


def named_columns(node: SqlNode) -> Iterator[list[Named]]:
    """Yield the lists of columns a statement sets, inserts, defines or selects into a table or view."""
    match node.kind:
        case "UpdateStmt":
            yield _targets(node.children("target_list"))
        case "InsertStmt":
            yield _targets(node.children("cols"))
            conflict = node.child("on_conflict_clause")
            yield _targets(conflict.children("target_list")) if conflict is not None else []
        case "MergeStmt":
            for clause in node.children("merge_when_clauses"):
                yield _targets(clause.children("target_list"))
        case "CreateStmt":
            columns = (one for one in node.children("table_elts") if one.kind == "ColumnDef")
            yield [Named(one.text("colname"), one.start) for one in columns if one.start >= 0]
        case "SelectStmt":
            yield _outputs(node) if node.child("into_clause") is not None else []
        case "ViewStmt" | "CreateTableAsStmt":
            query = node.child(_QUERY_OF[node.kind])
            renamed = node.kind == "ViewStmt" and bool(node.children("aliases"))
            if query is not None and query.kind == "SelectStmt" and not renamed:
                yield _outputs(query)
        case _:
            return


def repeated_columns(text: str) -> tuple[Named, ...]:
    """Return the columns that the statement `text` names more than once in one list."""
    return _repeated_columns(text) if "," in text else ()


@lru_cache(maxsize=2_048)
def _repeated_columns(text: str) -> tuple[Named, ...]:
    node = parse_statement(text).node
    lists = named_columns(node) if node is not None else ()
    return tuple(one for columns in lists for one in repeated(columns))


def repeated(columns: list[Named]) -> list[Named]:
    """Return those whose name occurs more than once, in order."""
    counts = Counter(one.name for one in columns)
    return sorted((one for one in columns if counts[one.name] > 1), key=lambda one: one.start)


def _targets(targets: list[SqlNode]) -> list[Named]:
    """Return the assigned columns; elements of an array and fields of a composite may come one by one."""
    plain = (one for one in targets if one.kind == "ResTarget" and not one.children("indirection"))
    return [Named(one.text("name"), one.start) for one in plain if one.text("name") and one.start >= 0]


def _outputs(query: SqlNode) -> list[Named]:
    found: list[Named] = []
    for target in query.children("target_list"):
        if target.kind == "ResTarget" and target.start >= 0:
            name = target.text("name") or _referenced(target.child("val"))
            if name:
                found.append(Named(name, target.start))
    return found


def _referenced(value: SqlNode | None) -> str:
    """Return the name a plain column reference gives its output; empty for `*` and expressions."""
    if value is None or value.kind != "ColumnRef":
        return ""
    fields = value.children("fields")
    return fields[-1].text("sval") if fields and fields[-1].kind == "String" else ""
