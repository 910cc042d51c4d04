"""What earlier migrations say about a table of MySQL or SQLite, and tables that are made anew."""

from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.artefacts.migrations import ForeignStatement, Migration
from rollsafe.artefacts.migrations.dialect import Dialect
from rollsafe.artefacts.migrations.foreign import READ
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import (
    CreateIndex,
    CreateTable,
    DropIndex,
    DropTable,
    Insert,
    RenameTable,
    TableOperation,
)
from rollsafe.artefacts.migrations.pieces import Column
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.chains import Ranks
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.lineage import counts_in, order_of, told_history
from rollsafe.workspace.tables import Table, take
from rollsafe.workspace.timelines import History, Place, Story


class _Shapes(Story[ForeignStatement, dict[str, Table]]):
    """The history of a table of one database, and of those it was renamed from and to: each by its key.

    A directory may hold a file for each database side by side, as Pop's do.
    """

    kind = ForeignStatement
    prefix = "shapes:"

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def place(self, element: ForeignStatement, ranks: Ranks) -> Place:
        return (*order_of(element.migration, ranks), element.start)

    def history(self, element: ForeignStatement, ranks: Ranks) -> History:
        return told_history(element.migration, ranks)

    def belongs(self, element: ForeignStatement, history: History, ranks: Ranks) -> bool:
        return element.dialect is self._dialect and counts_in(element.migration, history, ranks)

    def subjects(self, element: ForeignStatement) -> Iterator[str]:
        for one in element.of(RenameTable):
            yield from (one.table.key, one.table.sibling(one.new_name).key)

    def start(self, subjects: Iterable[str]) -> dict[str, Table]:
        return {key: Table() for key in subjects}

    def step(self, state: dict[str, Table], element: ForeignStatement) -> None:
        for one in element.of(TableOperation):
            take(state, one)

    def copy(self, state: dict[str, Table]) -> dict[str, Table]:
        return {key: table.copy() for key, table in state.items()}


_SHAPES: Final = {one: _Shapes(one) for one in READ}


def foreign_table(name: TableName, statement: ForeignStatement, graph: Graph) -> Table:
    """Return a table as the migrations before `statement` leave it; it is not to be changed."""
    return graph.state_before(_SHAPES[statement.dialect], name.key, statement)[name.key]


def index_of_column(
    table: TableName, column: str, statement: ForeignStatement, graph: Graph
) -> CreateIndex | None:
    """Return an index of a column that earlier migrations made and none has dropped, else None."""
    found: dict[str, CreateIndex] = {}
    for earlier in _before(f"indexes:{table.key}", statement, graph):
        for one in earlier.of(CreateIndex):
            if one.table.key == table.key and column in one.columns and one.name:
                found[one.name] = one
    for name in list(found):
        for earlier in _before(f"unindexes:{name}", statement, graph):
            if any(one.index.name == name for one in earlier.of(DropIndex)):
                found.pop(name, None)
    return next(iter(found.values()), None)


def _before(key: str, statement: ForeignStatement, graph: Graph) -> Iterator[ForeignStatement]:
    shapes = _SHAPES[statement.dialect]
    history, limit = shapes.history(statement, graph.rank), shapes.place(statement, graph.rank)
    for one in graph.find(ForeignStatement, key):
        if shapes.belongs(one, history, graph.rank) and shapes.place(one, graph.rank) < limit:
            yield one


class Recreation(NamedTuple):
    """A table that a file makes anew under its old name, with the rows it had.

    `made` is the new one, `table` the name it has afterwards. `first` is the first statement that touches the
    old one or the new one. `copied` has each new column with the old one it is filled from, an empty name for
    a value that is computed; it is empty where the file does not list them.
    """

    table: TableName
    made: CreateTable
    first: ForeignStatement
    copied: dict[str, str]


class Required(NamedTuple):
    """A column that is required from here on; `is_new` unless it is known to have been there."""

    column: Column
    is_new: bool


def newly_required(one: Recreation, graph: Graph) -> Iterator[Required]:
    """Yield the columns without a default that making a table anew makes required."""
    old = foreign_table(one.table, one.first, graph)
    for column in one.made.columns:
        source = one.copied.get(column.name)
        before = source or column.name
        if not column.not_null or column.has_value:
            continue
        if before in old.types:
            if before not in old.required:
                yield Required(column, is_new=False)
        elif (old.is_told and source is None) or source == "":
            yield Required(column, is_new=True)


def lost_columns(one: Recreation, graph: Graph) -> Iterator[tuple[str, str]]:
    """Yield the columns that are gone once a table is made anew, each with its new name if it has one."""
    kept = {column.name for column in one.made.columns}
    for name in foreign_table(one.table, one.first, graph).types:
        if name not in kept:
            yield name, next((new for new, source in one.copied.items() if source == name), "")


def recreation(made: CreateTable, statement: ForeignStatement) -> Recreation | None:
    """Return what the file makes anew by `made`, else None."""
    found = statement.migration.kept.get(_KEPT)
    if not isinstance(found, _Recreations):
        found = statement.migration.kept[_KEPT] = _Recreations(_recreations(statement.migration))
    one = found.by_index.get(statement.index)
    return one if one is not None and one.made is made else None


_KEPT: Final = "recreations"


class _Recreations(NamedTuple):
    by_index: dict[int, Recreation]


def _recreations(migration: Migration) -> dict[int, Recreation]:
    """Return the tables that are made anew, by the index of the CREATE TABLE."""
    made: dict[str, tuple[ForeignStatement, CreateTable]] = {}
    renamed: dict[str, tuple[ForeignStatement, TableName]] = {}
    copies: list[Insert] = []
    found: dict[int, Recreation] = {}
    for statement in migration.foreign_statements:
        for one in statement.of(TableOperation) if not statement.is_down else ():
            match one:
                case CreateTable():
                    made[one.table.key] = statement, one
                case RenameTable():
                    new = one.table.sibling(one.new_name)
                    _put_in_place(one.table, new, made, copies, found)
                    renamed[new.key] = statement, one.table
                case Insert() if one.source is not None and one.table.key in made:
                    copies.append(one)
                case DropTable() if one.table.key in renamed:
                    first, old = renamed[one.table.key]
                    _left_behind(first, old, one.table, made, copies, found)
                case _:
                    continue
    return found


def _put_in_place(
    new: TableName,
    old: TableName,
    made: dict[str, tuple[ForeignStatement, CreateTable]],
    copies: list[Insert],
    found: dict[int, Recreation],
) -> None:
    """Take note of `CREATE new; INSERT INTO new … FROM old; DROP old; RENAME new TO old`."""
    copy = _copy(new, old, copies)
    if copy is not None:
        statement, one = made[new.key]
        found[statement.index] = Recreation(old, one, statement, dict(copy.copied))


def _left_behind(
    first: ForeignStatement,
    old: TableName,
    aside: TableName,
    made: dict[str, tuple[ForeignStatement, CreateTable]],
    copies: list[Insert],
    found: dict[int, Recreation],
) -> None:
    """Take note of `RENAME old TO aside; CREATE old; INSERT INTO old … FROM aside; DROP aside`."""
    copy = _copy(old, aside, copies)
    if copy is not None:
        statement, one = made[old.key]
        found[statement.index] = Recreation(old, one, first, dict(copy.copied))


def _copy(into: TableName, source: TableName, copies: list[Insert]) -> Insert | None:
    return next(
        (
            one
            for one in copies
            if one.table.key == into.key and one.source is not None and one.source.key == source.key
        ),
        None,
    )
