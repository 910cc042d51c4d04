"""What rules about other databases than PostgreSQL decide alike."""

from collections.abc import Iterator
from typing import Final, TypeVar

from rollsafe.artefacts.migrations import Dialect, ForeignStatement, Migration, Statement
from rollsafe.artefacts.migrations.operations import CreateTable, Operation, RenameTable, TableOperation
from rollsafe.text import Located, Span
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.settings import Settings

O = TypeVar("O", bound=Operation)  # noqa: E741


def dialect_of(statement: Statement | ForeignStatement, settings: Settings) -> Dialect:
    """Return the database a statement is for: the one its file tells, else the one of the settings."""
    if isinstance(statement, ForeignStatement):
        return statement.dialect
    return Dialect(settings.migrations.dialect)


def changes_elsewhere(
    statement: Statement | ForeignStatement, settings: Settings, dialect: Dialect, *kinds: type[O]
) -> Iterator[O]:
    """Yield what a statement on the way up does in another database to tables that were there before."""
    if statement.is_down or statement.is_practice or not statement.does(*kinds):
        return
    if dialect_of(statement, settings) is not dialect:
        return
    for one in statement.of(*kinds):
        if isinstance(statement, Statement):
            is_new = statement.is_new(one)
        else:
            is_new = isinstance(one, TableOperation) and statement.is_new(one.table)
        if not is_new:
            yield one


def place_of(statement: Statement | ForeignStatement, one: Located, name: str) -> Span:
    """Return where an operation stands, or the name it is about."""
    return statement.mention(name, one) if isinstance(statement, ForeignStatement) else Span.of(one)


def names_made(migration: Migration) -> dict[str, int]:
    """Return the keys of the tables this file gives their name, and the last statement that does."""
    found = migration.kept.get(_NAMES)
    if not isinstance(found, _Names):
        found = migration.kept[_NAMES] = _Names(_names(migration))
    return found.last


_NAMES: Final = "names made"


class _Names(NamedTuple):
    last: dict[str, int]


def _names(migration: Migration) -> dict[str, int]:
    found: dict[str, int] = {}
    statements: list[Statement | ForeignStatement] = [*migration.up_statements]
    statements += [one for one in migration.foreign_statements if not one.is_down]
    for statement in statements:
        for one in statement.of(CreateTable):
            found[one.table.key] = statement.index
        for renamed in statement.of(RenameTable):
            found[renamed.table.sibling(renamed.new_name).key] = statement.index
    return found
