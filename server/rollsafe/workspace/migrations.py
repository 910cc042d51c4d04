"""What rules about migrations decide alike: which statements count, on which server, in whose transaction."""

from bisect import bisect_left
from collections.abc import Iterator
from typing import TypeVar

from rollsafe.artefacts.migrations import Migration, Statement
from rollsafe.artefacts.migrations.conventions import Direction, Transactions
from rollsafe.artefacts.migrations.locks import lock_fact
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    CreateTable,
    Delete,
    DoBlock,
    Grant,
    Insert,
    Operation,
    Other,
    RenameTable,
    SetSetting,
    TableOperation,
    Transaction,
    TransactionAction,
    Truncate,
)
from rollsafe.text import Span
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.settings import Settings

O = TypeVar("O", bound=Operation)  # noqa: E741


def server(settings: Settings) -> int:
    """Return the major version of the PostgreSQL the migrations run on."""
    return int(settings.migrations.postgres_version.partition(".")[0])


def is_judged(one: Migration | Statement, settings: Settings) -> bool:
    """Say whether a migration is PostgreSQL's and meant for more than tests and examples.

    A file's name describes what it does, so only directories tell what it is for.
    """
    return settings.migrations.dialect == "postgres" and not one.is_practice


def going_up(statement: Statement, settings: Settings, *kinds: type[O]) -> Iterator[O]:
    """Yield what a statement on the way up does, as far as it is of the given types."""
    if _goes_up(statement, settings, kinds):
        yield from statement.of(*kinds)


def changes(statement: Statement, settings: Settings, *kinds: type[O]) -> Iterator[O]:
    """Yield what a statement on the way up does to things that were there before this file.

    What the file itself has made nobody else uses yet: no lock on it makes anybody wait.
    """
    if _goes_up(statement, settings, kinds):
        for operation, new in zip(statement.all_operations(), statement.newness, strict=True):
            if not new and isinstance(operation, kinds):
                yield operation


def _goes_up(statement: Statement, settings: Settings, kinds: tuple[type[Operation], ...]) -> bool:
    # Asked by nearly all rules of nearly all statements.
    if statement.operation_types.isdisjoint(kinds) or statement.is_down:
        return False
    return is_judged(statement, settings)


def is_new(statement: Statement, operation: Operation) -> bool:
    """Say whether `operation` is about a table or materialized view made earlier in the file.

    A new table to which an existing partition was attached holds rows others use, so it does not count.
    """
    return statement.is_new(operation)


def previous_statement(statement: Statement) -> Statement | None:
    """Return the statement right before this one on the same way."""
    found = statement.migration.before(statement)
    if found is not None:
        # Whoever looks at it rests on its text, and on nothing being between them.
        statement.file.text_for(Span(found.start, statement.start))
    return found


def earlier_statements(statement: Statement) -> tuple[Statement, ...]:
    """Return the statements before this one on the same way."""
    return statement.migration.section(statement.section)[: statement.index]


def later_statements(statement: Statement) -> tuple[Statement, ...]:
    """Return the statements after this one on the same way."""
    return statement.migration.section(statement.section)[statement.index + 1 :]


def is_emptied(table: TableName, statement: Statement) -> bool:
    """Say whether the file has deleted all rows of `table` before `statement`, and added none since."""
    if not statement.is_down and not statement.migration.does(Truncate, Delete):
        return False
    empty: set[str] = set()
    for earlier in earlier_statements(statement):
        for one in earlier.of(Truncate, Delete, Insert, RenameTable):
            was_empty = one.table.key in empty
            empty.discard(one.table.key)
            if isinstance(one, RenameTable) and was_empty:
                empty.add(one.table.sibling(one.new_name).key)
            elif isinstance(one, Truncate) or (isinstance(one, Delete) and not one.has_where):
                empty.add(one.table.key)
    return table.key in empty


def is_wrapped(statement: Statement, settings: Settings, graph: Graph, *, unknown: bool) -> bool:
    """Say whether a statement shares a transaction with others, or with its runner's bookkeeping.

    `unknown` decides where neither the file nor the settings tell which runner it is.
    """
    if statement.runner == "diesel" and graph.has_file(f"{statement.file.directory}/metadata.toml"):
        return len(statement.migration.section(statement.section)) > 1
    assumed = settings.migrations.assume_in_transaction
    return statement.shares_transaction[unknown if assumed is None else assumed]


def script_config(path: str) -> str:
    """Return the path of the file that says how Flyway is to run a migration."""
    return f"{path}.conf"


def group_numbers(statement: Statement, settings: Settings, *, unknown: bool) -> list[int | None]:
    """Return the number of the transaction of each statement on the same way, None for one on its own."""
    assumed = settings.migrations.assume_in_transaction
    return statement.migration.groups(statement.section, unknown if assumed is None else assumed)


def together(statement: Statement, settings: Settings) -> tuple[Statement, ...]:
    """Return the statements of a statement's transaction in order, itself included.

    A runner nobody knows is taken to wrap a file, as most do.
    """
    assumed = settings.migrations.assume_in_transaction
    return statement.migration.together(statement, assumed is not False)


def before_in_transaction(statement: Statement, settings: Settings) -> tuple[Statement, ...]:
    """Return the statements whose locks are still held when `statement` runs."""
    members = together(statement, settings)
    return members[: bisect_left(members, statement.index, key=lambda one: one.index)]


def is_runner_known(statement: Statement, settings: Settings) -> bool:
    """Say whether it is certain, and not only likely, in which transaction a statement runs."""
    if settings.migrations.assume_in_transaction is not None or controls_transactions(statement):
        return True
    return statement.migration.convention.transactions is not Transactions.ASSUMED


def controls_transactions(statement: Statement) -> bool:
    """Say whether the file begins transactions itself on the way `statement` is on."""
    if not statement.is_down and not statement.migration.does(Transaction):
        return False
    return any(
        one.action is TransactionAction.BEGIN
        for other in statement.migration.section(statement.section)
        if other.does(Transaction)
        for one in other.of(Transaction)
    )


def adds_column(migration: Migration, table: TableName, column: str, before: int) -> AddColumn | None:
    """Return where the way up adds `column` to `table` ahead of the offset `before`, if it does."""
    found = migration.added_columns.get((table.key, column), ())
    return next((one for one in found if one.start < before), None)


def way_back(migration: Migration, graph: Graph) -> Migration | None:
    """Return the migration that undoes this one: a file of its own, or itself with its down section.

    Others may have its version: Django counts in each branch.
    """
    convention = migration.convention
    found = graph.find(Migration, f"down:{convention.home}/{convention.version or convention.label}")
    if not found and convention.name == "pop":
        # What is not written for one database is what is written for all of them.
        found = graph.find(Migration, f"down:{convention.home}/{convention.version.partition('.')[0]}")
    if migration in found or convention.down_path == migration.file.path:
        return migration if migration in found else None
    return next(iter(found), None)


def others_with_downs(migration: Migration, graph: Graph) -> bool:
    """Say whether other migrations of the same directory know how to come back."""
    found = graph.find(Migration, f"downs:{migration.convention.home}")
    return any(one is not migration for one in found)


def undone_in(migration: Migration, graph: Graph) -> tuple[Statement, ...]:
    """Return the statements that undo `migration`."""
    back = way_back(migration, graph)
    return back.section(Direction.DOWN) if back is not None else ()


def first_unguarded(
    migration: Migration, settings: Settings, name: str
) -> tuple[Statement, Operation] | None:
    """Return the first change that makes others wait while the timeout `name` is not set, or set to none.

    Timeouts are the runner's or the file's business as a whole, so one place is enough.
    """
    if migration.is_down or name in settings.migrations.timeouts or not is_judged(migration, settings):
        return None
    for statement in migration.up_statements:
        for operation in statement.all_operations():
            if not makes_wait(statement, operation, settings):
                continue
            guard = statement.setting(name)
            return None if guard is not None and guard.milliseconds != 0 else (statement, operation)
    return None


def first_unbounded(migration: Migration, settings: Settings, name: str) -> Statement | None:
    """Return the first change of the schema, or of rows, if the timeout `name` is not set, or set to none.

    It may wait itself although nobody waits for it. What is done to a new table counts as well: a file that
    sets the timeout goes on to be right when a line is added. CREATE TABLE alone does not count, and neither
    does what is put in.
    """
    if migration.is_down or name in settings.migrations.timeouts or not is_judged(migration, settings):
        return None
    for statement in migration.up_statements:
        if any(map(_takes_its_time, statement.all_operations())):
            guard = statement.setting(name)
            return None if guard is not None and guard.milliseconds != 0 else statement
    return None


def _takes_its_time(one: Operation) -> bool:
    if isinstance(one, CreateTable):
        return one.from_query
    return not isinstance(one, Insert | Grant | Other | DoBlock | SetSetting | Transaction)


def makes_wait(statement: Statement, operation: Operation, settings: Settings) -> bool:
    """Say whether writers of a table that was there before the file wait for `operation`."""
    named = locked_tables(statement, operation, settings)
    return bool(named) or _locks_writes(statement, operation, settings)


def locked_tables(statement: Statement, operation: Operation, settings: Settings) -> list[TableName]:
    """Return the tables, there before the file, whose writers wait for `operation`, its own first."""
    fact = lock_fact(operation, server(settings))
    if fact is None:
        return []
    made = statement.migration.created_tables
    others = [table for table, mode in fact.other_tables if mode.blocks_writes and table.key not in made]
    is_own = isinstance(operation, TableOperation) and _locks_writes(statement, operation, settings)
    return [operation.table, *others] if is_own and isinstance(operation, TableOperation) else others


def _locks_writes(statement: Statement, operation: Operation, settings: Settings) -> bool:
    fact = lock_fact(operation, server(settings))
    return fact is not None and fact.blocks_writes and not is_new(statement, operation)
