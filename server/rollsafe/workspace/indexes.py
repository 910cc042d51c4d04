"""Which indexes a table has at one moment of the history, whose they are, and which make another needless."""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import (
    CreateIndex,
    CreateObject,
    DropIndex,
    DropObject,
    Operation,
    RenameTable,
    TableOperation,
)
from rollsafe.artefacts.migrations.pieces import ConstraintKind
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.lineage import earlier_in_history, order_of, shares_history
from rollsafe.workspace.tables import index_before, table_before, table_named

_Place = tuple[tuple[int, ...], str, int]


class Index(NamedTuple):
    """A plain index of a table; `made` is None for one that belongs to a constraint."""

    name: str
    columns: tuple[str, ...]
    is_unique: bool
    made: tuple[Statement, CreateIndex] | None

    def covers(self, columns: tuple[str, ...]) -> bool:
        """Say whether it finds rows by `columns` as well as an index of exactly those."""
        return bool(columns) and self.columns[: len(columns)] == columns


def plain_indexes(name: TableName, statement: Statement, offset: int, graph: Graph) -> Iterator[Index]:
    """Yield the plain indexes of a table as the migrations before `offset` of a file leave them."""
    table = table_named(name, statement, offset, graph)
    for called, check in table.constraints.items():
        one = check.constraint
        if one.kind in (ConstraintKind.PRIMARY, ConstraintKind.UNIQUE) and one.using_index is None:
            yield Index(called, one.columns, is_unique=True, made=None)
    since = None if table.created is None else _place(table.created.statement, table.created.operation, graph)
    for earlier in earlier_in_history(graph.find(Statement, f"indexes:{name.key}"), statement, offset, graph):
        for index in earlier.of(CreateIndex):
            if not index.is_plain or index.index is None or index.table.key != name.key:
                continue
            place = _place(earlier, index, graph)
            is_earlier = place < (*_place(statement, index, graph)[:2], offset)
            if is_earlier and (since is None or place > since) and not is_dropped(index, earlier, graph):
                yield Index(index.index.name, index.columns, index.is_unique, (earlier, index))


def table_of(operation: Operation, statement: Statement, graph: Graph) -> TableName | None:
    """Return the table whose rows and definition an operation is about: what it locks first.

    Of a dropped index it is known only if the history tells of the index. Renaming one locks the index alone.
    """
    match operation:
        case TableOperation():
            return operation.table
        case DropIndex():
            made = index_before(operation.index, statement, graph)
            return _called_now(made[1].table, made, statement, graph) if made is not None else None
        case CreateObject() | DropObject():
            return operation.on
        case _:
            return None


def _called_now(
    table: TableName, since: tuple[Statement, Operation], statement: Statement, graph: Graph
) -> TableName:
    """Return the name that a table called `table` at `since` has before `statement`."""
    named = graph.find(Statement, f"shapes:{table.key}")
    for earlier in earlier_in_history(named, statement, statement.start, graph):
        for one in earlier.of(RenameTable):
            if one.table.key == table.key and _place(earlier, one, graph) > _place(*since, graph):
                return _called_now(table.sibling(one.new_name), (earlier, one), statement, graph)
    return table


def is_there(index: CreateIndex, statement: Statement, graph: Graph) -> bool:
    """Say whether earlier migrations leave an index of that name, so that `IF NOT EXISTS` builds none."""
    if not index.if_not_exists or index.index is None:
        return False
    key = index.index.key
    # Without a schema, DROP INDEX finds the index in whichever the session looks.
    gone = {*graph.find(Statement, f"unindexes:{key}"), *graph.find(Statement, f"unindexes:{index.name}")}
    named = {*graph.find(Statement, f"index:{key}"), *gone}
    ordered = tuple(sorted(named - {statement}, key=lambda one: one.start))
    for last in [*earlier_in_history(ordered, statement, statement.start, graph)][-1:]:
        made = next(
            (one for one in last.of(CreateIndex) if one.index is not None and one.index.key == key), None
        )
        table = table_before(index, statement, graph).created
        return made is not None and (table is None or _place(*table, graph) < _place(last, made, graph))
    return False


def is_dropped(index: CreateIndex, statement: Statement, graph: Graph) -> bool:
    """Say whether an index is dropped at any time after `statement` made it."""
    if index.index is None:
        return False
    key, place = index.index.key, _place(statement, index, graph)
    return any(
        one.index.key == key and _place(other, one, graph) > place
        for other in graph.find(Statement, f"unindexes:{key}")
        if shares_history(other.migration, statement.migration)
        for one in other.of(DropIndex)
    )


def _place(statement: Statement, one: Operation, graph: Graph) -> _Place:
    return (*order_of(statement.migration, graph.rank), one.start)
