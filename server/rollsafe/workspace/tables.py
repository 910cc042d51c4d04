"""What earlier migrations say about a table: its columns, their types, what proves that one is filled."""

from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile
from typing import Final, TypeVar

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.constraint_names import given_name
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    CreateIndex,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropNotNull,
    DropTable,
    Insert,
    Operation,
    Reindex,
    RenameColumn,
    RenameTable,
    SetNotNull,
    TableOperation,
    ValidateConstraint,
)
from rollsafe.artefacts.migrations.pieces import Column, Constraint, ConstraintKind, TypeRef
from rollsafe.formats.sql_tokens import NAME, WORD, tokens
from rollsafe.text.records import field, replace, state
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.chains import Ranks
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.lineage import (
    counts_in,
    earlier_in_history,
    order_of,
    shares_history,
    told_history,
)
from rollsafe.workspace.timelines import History, Place, Story

O = TypeVar("O", bound=Operation)  # noqa: E741
_LOOKUP_INSERTS: Final = 2
"""So often are rows listed in migrations before a table counts as one that is filled by them."""


class Origin(NamedTuple):
    """An operation and the statement that asks for it."""

    statement: Statement
    operation: Operation


class Check(NamedTuple):
    """A constraint as far as it matters later; `proven` are the columns it keeps from being NULL."""

    constraint: Constraint
    is_valid: bool
    proven: frozenset[str]

    def needs(self, column: str) -> bool:
        """Say whether the constraint cannot be without `column`."""
        if self.constraint.kind is not ConstraintKind.CHECK or self.constraint.columns:
            return column in self.constraint.columns
        return column in named_columns(self.constraint.text)


@state
class Table:
    """A table at one moment of the history.

    `created` is where it was made, `is_told` that some migration tells. A column that is not in `types` is
    unknown; one whose type could not be read maps to None. `constraints` have the names PostgreSQL gives to
    those without one. `is_doubtful` means that a constraint was validated whose definition is not there.
    """

    created: Origin | None = None
    is_told: bool = False
    types: dict[str, TypeRef | None] = field(default_factory=dict[str, TypeRef | None])
    required: set[str] = field(default_factory=set[str])
    constraints: dict[str, Check] = field(default_factory=dict[str, Check])
    is_partitioned: bool = False
    is_doubtful: bool = False

    def is_filled(self, column: str) -> bool:
        """Say whether a valid CHECK keeps `column` from being NULL, or one that is not known may."""
        if self.is_doubtful:
            return True
        return any(one.is_valid and column in one.proven for one in self.constraints.values())

    def constraints_on(self, column: str) -> list[tuple[str, Constraint]]:
        """Return the constraints that go away with `column`, and their names."""
        return [(name, one.constraint) for name, one in self.constraints.items() if one.needs(column)]

    def copy(self) -> "Table":
        """Return a table that can be changed by itself."""
        return replace(
            self, types=self.types.copy(), required=self.required.copy(), constraints=self.constraints.copy()
        )


def table_before(operation: TableOperation, statement: Statement, graph: Graph) -> Table:
    """Return the table of `operation` as the migrations before it leave it."""
    key = ("table", id(operation))
    return graph.remember(key, lambda: table_named(operation.table, statement, operation.start, graph))


def table_named(name: TableName, statement: Statement, offset: int, graph: Graph) -> Table:
    """Return a table as the migrations before `offset` of `statement`'s file leave it."""
    tables = graph.state_before(_SHAPES, name.key, statement)
    own = [*takewhile(lambda one: one.start < offset, statement.of(TableOperation))]
    if own:
        tables = _SHAPES.copy(tables)
        for one in own:
            take(tables, one, Origin(statement, one))
    return tables[name.key]


def is_partitioned(operation: TableOperation, statement: Statement, graph: Graph) -> bool:
    """Say whether the table of `operation`, which is on the way up, is known to be made of partitions."""
    if not graph.keys(Statement, "partitioned:"):
        return False  # as in most projects, of whose tables nothing has to be told then
    return table_before(operation, statement, graph).is_partitioned


def index_before(name: TableName, statement: Statement, graph: Graph) -> tuple[Statement, CreateIndex] | None:
    """Return the last CREATE INDEX of an index before `statement`, with the statement it is in."""
    found = earlier_in_history(graph.find(Statement, f"index:{name.key}"), statement, statement.start, graph)
    made = [
        (earlier, one)
        for earlier in found
        for one in earlier.of(CreateIndex)
        if one.index is not None and one.index.key == name.key
    ]
    return made[-1] if made else None


def is_on_partitioned_table(index: TableName, statement: Statement, graph: Graph) -> bool:
    """Say whether an index is known to be one of a partitioned table."""
    made = index_before(index, statement, graph)
    return made is not None and table_named(made[1].table, statement, statement.start, graph).is_partitioned


def is_rebuilt_by_partition(one: Operation, statement: Statement, graph: Graph) -> bool:
    """Say whether a REINDEX goes through partitions, which it does in a transaction each."""
    if not isinstance(one, Reindex) or one.scope not in ("table", "index"):
        return False
    if one.scope == "index":
        return is_on_partitioned_table(one.target, statement, graph)
    return table_named(one.target, statement, statement.start, graph).is_partitioned


def is_lookup(table: TableName, statement: Statement, graph: Graph) -> bool:
    """Say whether the migrations fill a table row by row, so that it holds few rows."""
    inserts = [
        one
        for other in graph.find(Statement, f"fills:{table.key}")
        if shares_history(other.migration, statement.migration)
        for one in other.of(Insert)
        if one.table.key == table.key
    ]
    return len(inserts) >= _LOOKUP_INSERTS


class _Shapes(Story[Statement, dict[str, Table]]):
    """The history of a table, and of those it was renamed from and to: each by its key."""

    kind = Statement
    prefix = "shapes:"

    def place(self, element: Statement, ranks: Ranks) -> Place:
        return (*order_of(element.migration, ranks), element.start)

    def history(self, element: Statement, ranks: Ranks) -> History:
        return told_history(element.migration, ranks)

    def belongs(self, element: Statement, history: History, ranks: Ranks) -> bool:
        return counts_in(element.migration, history, ranks)

    def subjects(self, element: Statement) -> Iterator[str]:
        for one in element.of(RenameTable):
            yield from (one.table.key, one.table.sibling(one.new_name).key)

    def start(self, subjects: Iterable[str]) -> dict[str, Table]:
        return {key: Table() for key in subjects}

    def step(self, state: dict[str, Table], element: Statement) -> None:
        for one in element.of(TableOperation):
            take(state, one, Origin(element, one))

    def copy(self, state: dict[str, Table]) -> dict[str, Table]:
        return {key: table.copy() for key, table in state.items()}


_SHAPES: Final = _Shapes()


def take(tables: dict[str, Table], one: TableOperation, origin: Origin | None = None) -> None:
    """Do to tables what `one` does; those that are not among them stay out of it."""
    key = one.table.key
    if key not in tables:
        return
    if isinstance(one, RenameTable):
        new = one.table.sibling(one.new_name).key
        if new != key:
            tables[new], tables[key] = tables[key], Table()
    else:
        tables[key] = _after(tables[key], one, origin)


def _after(state: Table, one: TableOperation, origin: Origin | None) -> Table:
    """Return the table after `one`."""
    if isinstance(one, DropTable):
        return Table()
    if isinstance(one, CreateTable):
        if one.if_not_exists and state.is_told:
            return state
        return _created(one, origin)
    step = _STEPS.get(type(one))
    if step is not None and not _is_hearsay(state, one, origin):
        step(state, one)
    return state


def _is_hearsay(state: Table, one: TableOperation, origin: Origin | None) -> bool:
    """Say whether an operation restates a column nobody has told of: what it was before stays unknown."""
    stated = isinstance(one, AlterColumnType | SetNotNull | DropNotNull) and one.column not in state.types
    return stated and origin is not None and origin.statement.is_restating


def _created(one: CreateTable, origin: Origin | None) -> Table:
    state = Table(created=origin, is_told=True, is_partitioned=one.is_partitioned)
    for column in one.columns:
        _define(state, one.table, column)
    for constraint in one.constraints:
        _constrain(state, one.table, constraint)
    return state


def _define(state: Table, table: TableName, column: Column) -> None:
    state.types[column.name] = column.type
    if column.not_null:
        state.required.add(column.name)
    for constraint in column.constraints:
        _constrain(state, table, constraint)


def _constrain(state: Table, table: TableName, constraint: Constraint) -> None:
    if constraint.kind is ConstraintKind.PRIMARY:
        state.required |= set(constraint.columns)
    if constraint.name or constraint.kind is not ConstraintKind.NOT_NULL:
        name = given_name(table.name, constraint, state.constraints.__contains__)
        state.constraints[name] = Check(constraint, not constraint.not_valid, proven_columns(constraint))


def named_columns(expression: str) -> frozenset[str]:
    """Return every word of an expression that may be the name of a column."""
    return frozenset(
        one.word[1:-1].replace('""', '"') if one.kind == NAME else one.word.lower()
        for one in tokens(expression)
        if one.kind in (NAME, WORD)
    )


def proven_columns(constraint: Constraint) -> frozenset[str]:
    """Return the columns that a CHECK keeps from being NULL: those in `… IS NOT NULL`, if there is no OR."""
    row = list(tokens(constraint.text)) if constraint.kind is ConstraintKind.CHECK else []
    words = [token.word for token in row]
    if "OR" in words or "CASE" in words:
        return frozenset()
    found: set[str] = set()
    for at in range(1, len(row) - 2):
        if words[at : at + 3] == ["IS", "NOT", "NULL"]:
            name = row[at - 1]
            found.add(name.word[1:-1].replace('""', '"') if name.kind == NAME else name.word.lower())
    return frozenset(found)


_Step = Callable[[Table, Operation], None]
_STEPS: Final[dict[type[Operation], _Step]] = {}


def _when(kind: type[O]) -> Callable[[Callable[[Table, O], None]], Callable[[Table, O], None]]:
    """Register what operations of `kind` do to a table."""

    def register(step: Callable[[Table, O], None]) -> Callable[[Table, O], None]:
        def checked(state: Table, operation: Operation) -> None:
            if isinstance(operation, kind):
                step(state, operation)

        _STEPS[kind] = checked
        return step

    return register


@_when(AddColumn)
def _add_column(state: Table, one: AddColumn) -> None:
    if not (one.if_not_exists and one.column.name in state.types):
        _define(state, one.table, one.column)


@_when(DropColumn)
def _drop_column(state: Table, one: DropColumn) -> None:
    for name, _constraint in state.constraints_on(one.column):
        del state.constraints[name]
    state.types.pop(one.column, None)
    state.required.discard(one.column)


@_when(RenameColumn)
def _rename_column(state: Table, one: RenameColumn) -> None:
    if one.column in state.types:
        state.types[one.new_name] = state.types.pop(one.column)
    if one.column in state.required:
        state.required ^= {one.column, one.new_name}
    for name, check in state.constraints.items():
        columns = tuple(one.new_name if it == one.column else it for it in check.constraint.columns)
        state.constraints[name] = check._replace(constraint=replace(check.constraint, columns=columns))


@_when(AlterColumnType)
def _change_type(state: Table, one: AlterColumnType) -> None:
    state.types[one.column] = one.type


@_when(SetNotNull)
def _set_not_null(state: Table, one: SetNotNull) -> None:
    state.required.add(one.column)


@_when(DropNotNull)
def _drop_not_null(state: Table, one: DropNotNull) -> None:
    state.required.discard(one.column)


@_when(AddConstraint)
def _add_constraint(state: Table, one: AddConstraint) -> None:
    _constrain(state, one.table, one.constraint)


@_when(ValidateConstraint)
def _validate(state: Table, one: ValidateConstraint) -> None:
    if one.name in state.constraints:
        state.constraints[one.name] = state.constraints[one.name]._replace(is_valid=True)
    elif state.created is None:
        state.is_doubtful = True


@_when(DropConstraint)
def _drop_constraint(state: Table, one: DropConstraint) -> None:
    state.constraints.pop(one.name, None)


def is_indexed(table: TableName, columns: tuple[str, ...], statement: Statement, graph: Graph) -> bool:
    """Say whether an index, or a constraint with one, of any migration begins with `columns`."""
    found = (
        *graph.find(Statement, f"indexes:{table.key}"),
        *graph.find(Statement, f"shapes:{table.key}"),
    )
    wanted = set(columns)
    return any(
        set(keys[: len(columns)]) == wanted
        for other in found
        if shares_history(other.migration, statement.migration)
        for keys in _indexed_columns(other, table)
    )


def _indexed_columns(statement: Statement, table: TableName) -> Iterator[tuple[str, ...]]:
    for index in statement.of(CreateIndex):
        if index.table.key == table.key and not index.has_where:
            yield index.columns
    for made in statement.of(CreateTable, AddColumn, AddConstraint):
        if made.table.key == table.key:
            for constraint in _constraints_of(made):
                if constraint.kind in (ConstraintKind.PRIMARY, ConstraintKind.UNIQUE):
                    yield constraint.columns


def _constraints_of(one: TableOperation) -> tuple[Constraint, ...]:
    match one:
        case CreateTable():
            return (*(c for column in one.columns for c in column.constraints), *one.constraints)
        case AddColumn():
            return one.column.constraints
        case AddConstraint():
            return (one.constraint,)
        case _:
            return ()
