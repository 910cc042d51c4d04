"""Statements of MySQL and SQLite as rules see them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.migrations.conventions import Direction
from rollsafe.artefacts.migrations.dialect import Dialect
from rollsafe.artefacts.migrations.foreign_reading import NOTHING, Reading, read
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
from rollsafe.formats.sql_foreign import MAX_KEPT, Cut, Kind, Token, cut, tokens_of
from rollsafe.text import Located, Span
from rollsafe.text.cached import cached_property

if TYPE_CHECKING:
    from rollsafe.artefacts.migrations.migration import Migration

O = TypeVar("O", bound=Operation)  # noqa: E741

READ: Final = frozenset({Dialect.MYSQL, Dialect.SQLITE})
"""The dialects of which some hazards are known."""
_TELLING: Final = (Transaction, SetSetting, CreateTable, RenameTable)
"""What a statement may do that those after it rest on."""
_UNREAD: Final = frozenset({"INSERT", "REPLACE", "SET", "PRAGMA"})
"""The first words of statements that may do nothing anybody asks for: rows that are listed, settings."""
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
    outline: ClassVar[tuple[str, ...]] = (
        *("dialect", "is_down", "is_practice", "operation_types", "option_pairs", "is_in_transaction"),
    )

    def __init__(self, migration: "Migration", cut: Cut, section: Direction, before: "_Before") -> None:
        super().__init__(migration.file, cut.start, cut.end)
        self.migration = migration
        self.dialect = migration.dialect
        """The database it is for."""
        self.index = before.index
        self.settings = before.settings
        self.is_in_transaction = before.is_open
        """Whether the file has opened a transaction before it that is still open."""
        self._made = before.made
        self.is_down = section is Direction.DOWN
        self.is_practice = migration.is_practice
        self.meaning = meaning = before.meaning(cut, migration)
        """What follows from its text alone."""
        self.operation_types = meaning.types
        """The types of what it does."""
        self.option_pairs = meaning.options

    def __repr__(self) -> str:
        return f"ForeignStatement({self.file.text[self.start : self.end][:60]!r})"

    @property
    def is_understood(self) -> bool:
        """Whether what it does is known, as far as anything is asked of statements of its kind."""
        return bool(self.meaning.operations) or self.tokens[0].word in _UNREAD

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """Its tokens, with offsets of the file; of a long statement only the first."""
        by, text = self.start, self.file.text[self.start : self.end]
        return tuple(one._replace(start=one.start + by, end=one.end + by) for one in tokens_of(text))

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """What it does."""
        return tuple(moved(one, self.start) for one in self.meaning.operations)

    @property
    def options(self) -> dict[str, str]:
        """Its options, by name."""
        return dict(self.option_pairs)

    def does(self, *kinds: type[Operation]) -> bool:
        """Say whether it does anything of these types."""
        return _does(self.operation_types, kinds)

    @property
    def commits(self) -> bool:
        """Whether MySQL commits what is open before it runs; of temporary tables it does not."""
        if self.dialect is not Dialect.MYSQL:
            return False
        first, *rest = self.tokens[:3]
        is_one = first.kind is Kind.WORD and first.word in _COMMITTING
        return is_one and all(one.word != "TEMPORARY" for one in rest)

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
        return (one for one in self.operations if isinstance(one, kinds)) if self.does(*kinds) else iter(())

    def graph_keys(self) -> Iterable[str]:
        """Yield `foreign:` with the directory of the history; for the way up what it defines."""
        yield f"foreign:{self.migration.convention.home}"
        if not self.is_down:
            yield from self.meaning.keys

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


@lru_cache(maxsize=4_096)
def _does(types: frozenset[type[Operation]], kinds: tuple[type[Operation], ...]) -> bool:
    return any(issubclass(one, kinds) for one in types)


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
        text = migration.file.text[cut.start : cut.end]
        size = len(tokens_of(text))
        if size >= MAX_KEPT or size > self._left:
            return NOTHING
        self._left -= size
        return read(text, migration.dialect)

    def take(self, statement: ForeignStatement) -> None:
        """Go on after `statement`."""
        for one in statement.meaning.operations if statement.does(*_TELLING) else ():
            match one:
                case Transaction():
                    self.is_open = one.action is TransactionAction.BEGIN
                # SQLite passes over this one inside of a transaction.
                case SetSetting() if not (self.is_open and one.name == "foreign_keys"):
                    self.settings = {**self.settings, one.name: one.value or ""}
                case CreateTable() if not statement.is_down:
                    self.made.setdefault(one.table.key, self.index)
                case RenameTable() if not statement.is_down and one.table.key in self.made:
                    self.made.setdefault(one.table.sibling(one.new_name).key, self.index)
                case _:
                    continue
        if self.is_open:
            self.is_open = not statement.commits
        self.index += 1
