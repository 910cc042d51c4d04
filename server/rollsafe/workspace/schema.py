"""The schema as the migrations leave it: which tables there are, their columns, who refers to whom."""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    AddConstraint,
    CreateIndex,
    CreateTable,
    DropColumn,
    DropTable,
    RenameColumn,
    RenameTable,
    TableOperation,
)
from rollsafe.artefacts.migrations.pieces import Constraint
from rollsafe.text import Located
from rollsafe.text.records import open_record
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.lineage import order_of, shares_history
from rollsafe.workspace.tables import Table, table_named


@open_record
class Known:
    """A table after the last migration that is about it.

    `last` is the statement that made it what it is. `is_gone`: that one took it away; `now_called` is its
    new name where it was renamed.
    """

    name: TableName
    state: Table
    last: Statement
    is_gone: bool = False
    now_called: str = ""

    @property
    def home(self) -> str:
        """The directory of its migrations."""
        return self.last.migration.convention.home


@open_record
class Mention:
    """Something in a statement, such as the place a column is added, and what it is called."""

    statement: Statement
    where: Located
    name: str = ""


def tables_called(name: str, graph: Graph) -> list[Known]:
    """Return the tables of a name, in any case and schema, one for each history of migrations."""
    found: list[Known] = []
    wanted = name.lower()
    for key in graph.keys(Statement, "shapes:"):
        if key.removeprefix("shapes:").rpartition(".")[2].lower() == wanted:
            found += _known(key, graph)
    return found


def _known(key: str, graph: Graph) -> Iterator[Known]:
    histories: list[list[Statement]] = []
    for statement in graph.find(Statement, key):
        history = next(
            (one for one in histories if shares_history(one[0].migration, statement.migration)), None
        )
        if history is None:
            histories.append([statement])
        else:
            history.append(statement)
    for history in histories:
        last = max(history, key=lambda one: _order(one, graph))
        named = [one for one in last.of(TableOperation) if f"shapes:{one.table.key}" == key]
        renamed = [
            one for one in last.of(RenameTable) if f"shapes:{one.table.sibling(one.new_name).key}" == key
        ]
        table = (
            renamed[0].table.sibling(renamed[0].new_name) if renamed else named[-1].table if named else None
        )
        if table is None:
            continue
        gone = [one for one in named if isinstance(one, DropTable | RenameTable)] if not renamed else []
        offset = gone[0].start if gone else last.end
        new = gone[0].new_name if gone and isinstance(gone[0], RenameTable) else ""
        yield Known(table, table_named(table, last, offset, graph), last, bool(gone), new)


def _order(statement: Statement, graph: Graph) -> tuple[tuple[int, ...], str, int]:
    return (*order_of(statement.migration, graph.rank), statement.start)


def created_by(table: Known) -> Mention | None:
    """Return where a table is created; None where no migration says so."""
    origin = table.state.created
    return Mention(origin.statement, origin.operation, table.name.name) if origin is not None else None


def column_of(table: Known, column: str) -> str | None:
    """Return a column as it is written, found in any case; None where it is not known to be there."""
    return next((one for one in table.state.types if one.lower() == column.lower()), None)


def column_written(table: Known, column: str, graph: Graph) -> Mention | None:
    """Return the last place that gives a table the column of that name."""
    found: Mention | None = None
    for statement in _shaping(table, graph):
        for one in statement.of(TableOperation):
            where = _giving(one, column) if one.table.key == table.name.key else None
            found = Mention(statement, where, column) if where is not None else found
    return found


def _giving(one: TableOperation, column: str) -> Located | None:
    """Return the place in an operation that gives its table a column."""
    match one:
        case RenameColumn():
            return one if one.new_name == column else None
        case AddColumn():
            return one if one.column.name == column else None
        case CreateTable():
            return next((each for each in one.columns if each.name == column), None)
        case _:
            return None


def column_lost(table: Known, column: str, graph: Graph) -> tuple[Mention, str] | None:
    """Return the last statement that took a column away, and its new name where it was renamed."""
    found: tuple[Mention, str] | None = None
    for statement in _shaping(table, graph):
        for one in statement.of(TableOperation):
            if isinstance(one, DropColumn | RenameColumn) and one.table.key == table.name.key:
                new = one.new_name if isinstance(one, RenameColumn) else ""
                if one.column.lower() == column.lower():
                    found = Mention(statement, one, column), new
    return found


def references_to(table: Known, graph: Graph) -> list[Mention]:
    """Return the foreign keys of other tables that point at a table, by the table that has each."""
    found: dict[tuple[str, tuple[str, ...]], Mention] = {}
    for statement in graph.every(Statement, "shapes:"):
        if not shares_history(statement.migration, table.last.migration):
            continue
        for one in statement.of(TableOperation):
            for constraint in _constraints(one):
                target = constraint.references
                if target is not None and target.key == table.name.key != one.table.key:
                    name = ".".join((one.table.name, ", ".join(constraint.columns))).rstrip(".")
                    found.setdefault(
                        (one.table.key, constraint.columns), Mention(statement, constraint, name)
                    )
    return [one for one in found.values() if _is_there(one, graph)]


def _is_there(mention: Mention, graph: Graph) -> bool:
    """Say whether the table of a foreign key has not been dropped since."""
    name = mention.name.partition(".")[0]
    return any(not one.is_gone for one in tables_called(name, graph))


def indexes_on(table: Known, column: str, graph: Graph) -> list[Mention]:
    """Return the indexes whose first column is this one; dropped ones may be among them."""
    found: list[Mention] = []
    for statement in graph.find(Statement, f"indexes:{table.name.key}"):
        if shares_history(statement.migration, table.last.migration):
            for one in statement.of(CreateIndex):
                if one.table.key == table.name.key and one.columns[:1] == (column,):
                    found.append(Mention(statement, one, one.index.name if one.index is not None else ""))
    return found


def _shaping(table: Known, graph: Graph) -> list[Statement]:
    found = graph.find(Statement, f"shapes:{table.name.key}")
    mine = [one for one in found if shares_history(one.migration, table.last.migration)]
    return sorted(mine, key=lambda one: _order(one, graph))


def _constraints(one: TableOperation) -> tuple[Constraint, ...]:
    match one:
        case CreateTable():
            return (*(c for column in one.columns for c in column.constraints), *one.constraints)
        case AddColumn():
            return one.column.constraints
        case AddConstraint():
            return (one.constraint,)
        case _:
            return ()
