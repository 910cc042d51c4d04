"""Statements of MySQL and SQLite as rules see them."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.migrations.conventions import Direction
from rollsafe.artefacts.migrations.dialect import Dialect
from rollsafe.artefacts.migrations.extract import operations_of
from rollsafe.artefacts.migrations.foreign_words import said
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import CreateTable, Operation, RenameTable
from rollsafe.formats.sql_foreign import Cut, cut
from rollsafe.formats.sql_split import SqlComment
from rollsafe.text import Span

if TYPE_CHECKING:
    from rollsafe.artefacts.migrations.migration import Migration

O = TypeVar("O", bound=Operation)  # noqa: E741

READ: Final = frozenset({Dialect.MYSQL, Dialect.SQLITE})
"""The dialects of which some hazards are known."""


class ForeignStatement(Element):
    """One statement of a migration for MySQL or SQLite.

    `operations` have no places in the file. `options` are those such as `ALGORITHM` in upper case, and
    `PRAGMA` with its name and value; `pragmas` are those in force before it.
    """

    family: ClassVar[str] = "migrations"

    def __init__(self, migration: "Migration", cut: Cut, section: Direction, before: "_Before") -> None:
        super().__init__(migration.file, cut.start, cut.end)
        self.migration = migration
        self.tokens = cut.tokens
        self.index = before.index
        self.pragmas = before.pragmas
        self._made = before.made
        self.is_down = section is Direction.DOWN
        self.is_practice = migration.is_practice
        meaning = said(cut.tokens)
        self.options = meaning.options
        self.operations: tuple[Operation, ...] = tuple(
            one for text in meaning.texts for one in operations_of(text)
        )

    def __repr__(self) -> str:
        return f"ForeignStatement({self.file.text[self.start : self.end][:60]!r})"

    @property
    def dialect(self) -> Dialect:
        """The database it is for."""
        return self.migration.dialect

    def is_new(self, table: TableName) -> bool:
        """Say whether the way up of the file has made a table before."""
        return self._made.get(table.key, self.index) < self.index

    def of(self, *kinds: type[O]) -> Iterator[O]:
        """Yield the operations of the given types."""
        return (one for one in self.operations if isinstance(one, kinds))

    def graph_keys(self) -> Iterable[str]:
        """Yield `foreign:` with the directory of the history."""
        yield f"foreign:{self.migration.convention.home}"

    def mention(self, name: str) -> Span:
        """Return where a name or word stands in it; its first words if it does not."""
        for token in self.tokens:
            if token.word in (name, name.upper()):
                return Span(token.start, token.end)
        return Span(self.start, self.tokens[: min(3, len(self.tokens))][-1].end)


def comments_of(text: str) -> list[SqlComment]:
    """Return the comments of a text in the SQL of MySQL or SQLite."""
    return cut(text).comments


def foreign_statements(
    migration: "Migration", section_at: Callable[[int], Direction]
) -> tuple[ForeignStatement, ...]:
    """Return the statements of a migration for MySQL or SQLite, in order."""
    if migration.dialect not in READ:
        return ()
    before = _Before()
    found: list[ForeignStatement] = []
    for piece in cut(migration.file.text).statements:
        statement = ForeignStatement(migration, piece, section_at(piece.start), before)
        before.take(statement)
        found.append(statement)
    return tuple(found)


class _Before:
    """What the statements so far make of those that follow; `made` is shared by all of them."""

    def __init__(self) -> None:
        self.index = 0
        self.made: dict[str, int] = {}
        self.pragmas: frozenset[str] = frozenset()

    def take(self, statement: ForeignStatement) -> None:
        """Go on after `statement`."""
        told = statement.options.get("PRAGMA")
        if told is not None:
            name = told.partition(" ")[0]
            kept = {one for one in self.pragmas if one.partition(" ")[0] != name}
            self.pragmas = frozenset({*kept, told.upper()})
        if not statement.is_down:
            for table in statement.of(CreateTable):
                self.made.setdefault(table.table.key, self.index)
            for one in statement.of(RenameTable):
                if one.table.key in self.made:
                    self.made.setdefault(one.table.sibling(one.new_name).key, self.index)
        self.index += 1
