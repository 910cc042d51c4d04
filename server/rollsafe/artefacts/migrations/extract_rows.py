"""Statements about rows, sessions and transactions into operations."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations.extract_tables import create_table_as
from rollsafe.artefacts.migrations.operations import (
    Delete,
    Insert,
    LockTable,
    Maintain,
    Operation,
    RefreshView,
    SetSetting,
    Transaction,
    TransactionAction,
    Truncate,
    Update,
)
from rollsafe.artefacts.migrations.subject import Subject, options_of, table_of
from rollsafe.formats.sql import SqlNode

_ACTIONS: Final = {
    "TRANS_STMT_BEGIN": TransactionAction.BEGIN,
    "TRANS_STMT_START": TransactionAction.BEGIN,
    "TRANS_STMT_COMMIT": TransactionAction.COMMIT,
    "TRANS_STMT_ROLLBACK": TransactionAction.ROLLBACK,
}
_LOCKS: Final = (
    "",
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)


def insert(subject: Subject) -> Iterator[Operation]:
    """Read an `InsertStmt` and what its WITH changes."""
    yield from _with_changes(subject)
    yield _insert(subject, subject.node)


def update(subject: Subject) -> Iterator[Operation]:
    """Read an `UpdateStmt` and what its WITH changes."""
    yield from _with_changes(subject)
    yield _update(subject, subject.node)


def delete(subject: Subject) -> Iterator[Operation]:
    """Read a `DeleteStmt` and what its WITH changes."""
    yield from _with_changes(subject)
    yield _delete(subject, subject.node)


def merge(subject: Subject) -> Iterator[Operation]:
    """Read a `MergeStmt`: an UPDATE bounded by its join."""
    yield Update(*subject.whole, subject.table, has_where=True, columns=())


def select(subject: Subject) -> Iterator[Operation]:
    """Read a `SelectStmt` as far as it changes something."""
    yield from _with_changes(subject)
    if subject.node.child("into_clause") is not None:
        yield from create_table_as(subject)
    targets = subject.node.children("target_list")
    call = targets[0].child("val") if len(targets) == 1 and targets[0].kind == "ResTarget" else None
    if call is not None and call.kind == "FuncCall" and call.names("funcname")[-1:] == ("set_config",):
        yield from _set_config(subject, call)


def _set_config(subject: Subject, call: SqlNode) -> Iterator[Operation]:
    values = [_constant(argument) for argument in call.children("args")]
    if len(values) == 3 and values[0]:
        yield SetSetting(*subject.whole, values[0], values[1], values[2] == "true")


def _insert(subject: Subject, node: SqlNode) -> Operation:
    query = node.child("select_stmt")
    lists_values = query is None or (query.kind == "SelectStmt" and bool(query.children("values_lists")))
    return Insert(*subject.whole, table_of(node.child("relation")), from_query=not lists_values)


def _update(subject: Subject, node: SqlNode) -> Operation:
    columns = tuple(one.text("name") for one in node.children("target_list"))
    bounded = node.child("where_clause") is not None
    return Update(*subject.whole, table_of(node.child("relation")), bounded, columns)


def _delete(subject: Subject, node: SqlNode) -> Operation:
    bounded = node.child("where_clause") is not None
    return Delete(*subject.whole, table_of(node.child("relation")), bounded)


def _with_changes(subject: Subject) -> Iterator[Operation]:
    """Yield what the common table expressions of a statement insert, update or delete."""
    clause = subject.node.child("with_clause")
    for expression in clause.children("ctes") if clause is not None else []:
        query = expression.child("ctequery")
        if query is None:
            continue
        if query.kind == "InsertStmt":
            yield _insert(subject, query)
        elif query.kind == "UpdateStmt":
            yield _update(subject, query)
        elif query.kind == "DeleteStmt":
            yield _delete(subject, query)


def truncate(subject: Subject) -> Iterator[Operation]:
    """Read a `TruncateStmt`: one operation per table."""
    relations = subject.node.children("relations")
    cascade = subject.node.choice("behavior") == "DROP_CASCADE"
    for relation, span in zip(relations, subject.listed(len(relations)), strict=True):
        yield Truncate(*span, table_of(relation), cascade)


def lock(subject: Subject) -> Iterator[Operation]:
    """Read a `LockStmt`."""
    mode = subject.node.number("mode")
    name = _LOCKS[mode] if 0 < mode < len(_LOCKS) else "ACCESS EXCLUSIVE"
    for relation in subject.node.children("relations"):
        yield LockTable(*subject.whole, table_of(relation), name)


def vacuum(subject: Subject) -> Iterator[Operation]:
    """Read a `VacuumStmt`: VACUUM or ANALYZE."""
    action = "vacuum" if subject.node.flag("is_vacuumcmd") else "analyze"
    options = options_of(subject.node.children("options"))
    relations = [one.child("relation") for one in subject.node.children("rels")]
    for relation in relations or [None]:
        table = table_of(relation) if relation is not None else None
        yield Maintain(*subject.whole, action, table, "full" in options)


def cluster(subject: Subject) -> Iterator[Operation]:
    """Read a `ClusterStmt`."""
    relation = subject.node.child("relation")
    table = table_of(relation) if relation is not None else None
    yield Maintain(*subject.whole, "cluster", table, is_full=True)


def refresh(subject: Subject) -> Iterator[Operation]:
    """Read a `RefreshMatViewStmt`."""
    yield RefreshView(*subject.whole, subject.table, subject.node.flag("concurrent"))


def transaction(subject: Subject) -> Iterator[Operation]:
    """Read a `TransactionStmt`."""
    action = _ACTIONS.get(subject.node.choice("kind"), TransactionAction.OTHER)
    yield Transaction(*subject.whole, action)


def setting(subject: Subject) -> Iterator[Operation]:
    """Read a `VariableSetStmt`."""
    node = subject.node
    values = [_constant(argument) for argument in node.children("args")]
    value = ", ".join(one for one in values if one is not None)
    is_value = node.choice("kind") == "VAR_SET_VALUE"
    name = node.text("name") or "all"
    yield SetSetting(*subject.whole, name, value if is_value else None, node.flag("is_local"))


def _constant(node: SqlNode) -> str | None:
    """Return the text of a constant, a cast one included; None for anything else."""
    if node.kind == "TypeCast":
        argument = node.child("arg")
        return _constant(argument) if argument is not None and argument.kind == "A_Const" else None
    if node.kind != "A_Const":
        return None
    string = node.child("sval")
    if string is not None:
        return string.text("sval")
    number = node.child("fval")
    if number is not None:
        return number.text("fval")
    boolean = node.child("boolval")
    if boolean is not None:
        return "true" if boolean.flag("boolval") else "false"
    integer = node.child("ival")
    return str(integer.number("ival")) if integer is not None else None
