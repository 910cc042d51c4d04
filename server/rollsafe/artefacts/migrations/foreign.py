"""Statements of MySQL and SQLite as rules see them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.migrations.conventions import Direction
from rollsafe.artefacts.migrations.definitions import definition_keys
from rollsafe.artefacts.migrations.dialect import Dialect
from rollsafe.artefacts.migrations.foreign_reading import Reading, read
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import (
    CreateTable,
    Operation,
    RenameTable,
    SetSetting,
    Transaction,
    TransactionAction,
)
from rollsafe.artefacts.migrations.pieces import moved
from rollsafe.formats.sql_foreign import Cut, Kind, cut
from rollsafe.formats.sql_foreign_tree import is_bounded
from rollsafe.text import Located, Span

if TYPE_CHECKING:
    from rollsafe.artefacts.migrations.migration import Migration

O = TypeVar("O", bound=Operation)  # noqa: E741

READ: Final = frozenset({Dialect.MYSQL, Dialect.SQLITE})
"""The dialects of which some hazards are known."""
_COMMITTING: Final = frozenset({"ALTER", "CREATE", "DROP", "RENAME", "TRUNCATE"})
OFF: Final = frozenset({"off", "0", "false", "no"})
"""The values that switch a setting of the session off."""
MAX_TOKENS: Final = 20_000
"""So much of a file is read: about half a second."""


class ForeignStatement(Element):
    """One statement of a migration for MySQL or SQLite.

    `options` are those such as `ALGORITHM`, in upper case; `settings` the values of the session's that are in
    force before it, names and values in lower case.
    """

    family: ClassVar[str] = "migrations"

    def __init__(self, migration: "Migration", cut: Cut, section: Direction, before: "_Before") -> None:
        super().__init__(migration.file, cut.start, cut.end)
        self.migration = migration
        self.tokens = cut.tokens
        self.index = before.index
        self.settings = before.settings
        self.is_in_transaction = before.is_open
        """Whether the file has opened a transaction before it that is still open."""
        self._made = before.made
        self.is_down = section is Direction.DOWN
        self.is_practice = migration.is_practice
        meaning = before.meaning(cut, migration)
        self.options = meaning.options
        self.operations = tuple(moved(one, cut.start) for one in meaning.operations)

    def __repr__(self) -> str:
        return f"ForeignStatement({self.file.text[self.start : self.end][:60]!r})"

    @property
    def dialect(self) -> Dialect:
        """The database it is for."""
        return self.migration.dialect

    @property
    def commits(self) -> bool:
        """Whether MySQL commits what is open before it runs; of temporary tables it does not."""
        words = [one.word for one in self.tokens[:3]]
        return (
            self.dialect is Dialect.MYSQL
            and self.tokens[0].kind is Kind.WORD
            and words[0] in _COMMITTING
            and "TEMPORARY" not in words
        )

    @property
    def checks_keys(self) -> bool:
        """Whether foreign keys are checked while it runs, as far as the file tells."""
        name = "foreign_key_checks" if self.dialect is Dialect.MYSQL else "foreign_keys"
        return self.settings.get(name, "") not in OFF

    def is_new(self, table: TableName) -> bool:
        """Say whether the way up of the file has made a table before."""
        return self._made.get(table.key, self.index) < self.index

    def of(self, *kinds: type[O]) -> Iterator[O]:
        """Yield the operations of the given types."""
        return (one for one in self.operations if isinstance(one, kinds))

    def graph_keys(self) -> Iterable[str]:
        """Yield `foreign:` with the directory of the history; for the way up what it defines."""
        yield f"foreign:{self.migration.convention.home}"
        if not self.is_down:
            yield from definition_keys(self.operations)

    @property
    def is_restating(self) -> bool:
        """Whether it follows from stating a whole thing; what it says of that counts."""
        return False

    def mention(self, name: str, within: Located | None = None) -> Span:
        """Return where a name or word stands in it, or in a part of it; its first words if it does not."""
        part = within or self
        for token in self.tokens:
            if part.start <= token.start < part.end and token.word in (name, name.upper()):
                return Span(token.start, token.end)
        return Span(self.start, self.tokens[: min(3, len(self.tokens))][-1].end)


def foreign_statements(
    migration: "Migration", section_at: Callable[[int], Direction]
) -> tuple[ForeignStatement, ...]:
    """Return the statements of a migration for MySQL or SQLite, in order."""
    if migration.dialect not in READ:
        return ()
    before = _Before()
    found: list[ForeignStatement] = []
    for piece in cut(migration.file.text):
        statement = ForeignStatement(migration, piece, section_at(piece.start), before)
        before.take(statement)
        found.append(statement)
    return tuple(found)


class _Before:
    """What the statements so far make of those that follow; `made` is shared by all of them."""

    def __init__(self) -> None:
        self.index = 0
        self.made: dict[str, int] = {}
        self.settings: Mapping[str, str] = {}
        self._left = MAX_TOKENS
        self.is_open = False

    def meaning(self, cut: Cut, migration: "Migration") -> Reading:
        """Return what a statement means; nothing any more in a file that takes too long to read."""
        if not is_bounded(cut.tokens) or len(cut.tokens) > self._left:
            return Reading((), {})
        self._left -= len(cut.tokens)
        return read(migration.file.text[cut.start : cut.end], migration.dialect)

    def take(self, statement: ForeignStatement) -> None:
        """Go on after `statement`."""
        for one in statement.of(Transaction):
            self.is_open = one.action is TransactionAction.BEGIN
        self.is_open = self.is_open and not statement.commits
        for told in statement.of(SetSetting):
            # SQLite passes over this one inside of a transaction.
            if not (self.is_open and told.name == "foreign_keys"):
                self.settings = {**self.settings, told.name: told.value or ""}
        if not statement.is_down:
            for table in statement.of(CreateTable):
                self.made.setdefault(table.table.key, self.index)
            for renamed in statement.of(RenameTable):
                if renamed.table.key in self.made:
                    self.made.setdefault(renamed.table.sibling(renamed.new_name).key, self.index)
        self.index += 1
