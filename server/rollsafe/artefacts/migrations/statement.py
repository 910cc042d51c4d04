"""One statement of a migration file as rules see it."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

from rollsafe.artefacts.base import Element, Link
from rollsafe.artefacts.migrations.conventions import Direction
from rollsafe.artefacts.migrations.extract import meaning_of, operations_of, unfolded
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import (
    COMPUTED,
    AlterColumnType,
    DoBlock,
    DropIndex,
    Operation,
    Reindex,
    RenameIndex,
    SetSetting,
    TableOperation,
)
from rollsafe.artefacts.migrations.pieces import TypeRef
from rollsafe.formats.sql import SqlStatement
from rollsafe.formats.sql_tokens import find_words, tokens
from rollsafe.text import Located, Span
from rollsafe.text.cached import cached_property
from rollsafe.text.tuples import NamedTuple

if TYPE_CHECKING:
    from rollsafe.artefacts.migrations.migration import Migration

O = TypeVar("O", bound=Operation)  # noqa: E741

_LOOKED_BACK: Final = 100
"""How many settings before a statement may be local to other transactions."""


class Surroundings(NamedTuple):
    """What the rest of a migration makes of a statement; see the properties of the same names."""

    newness: tuple[bool, ...]
    runner: str
    shares_transaction: tuple[bool, bool]


class Statement(Element):
    """One statement of a migration."""

    family: ClassVar[str] = "migrations"
    outline: ClassVar[tuple[str, ...]] = (
        *("kind", "is_down", "is_practice", "runner"),
        *("operation_types", "traits"),
    )
    profile: ClassVar[tuple[str, ...]] = ("meaning", "surroundings", "is_down", "is_practice")
    keys_are_local: ClassVar[bool] = False  # whether it counts depends on the section it stands in

    def __init__(self, migration: "Migration", index: int, section: Direction, sql: SqlStatement) -> None:
        super().__init__(migration.file, sql.start, sql.end)
        self.migration = migration
        self.index = index
        self.section = section
        self.sql = sql
        self.kind = sql.parsed.kind
        """The leading words in upper case, such as `ALTER TABLE`."""
        self.is_down = section is Direction.DOWN
        """Whether it belongs to the way back."""
        self.is_practice = migration.is_practice
        """Whether its migration is one of tests or examples, by the directories it lies in."""
        self.text = text = sql.parsed.text
        """The statement as written."""
        self.is_whole = sql.parsed.is_whole
        self.meaning = meaning = meaning_of(text)
        """What follows from its text alone."""
        self.operation_types = meaning.types
        """The types of what it does, of that inside of a DO block included."""
        self.traits = meaning.traits
        """What tells it from others of these types: a `Trait`, or the kind of a constraint."""
        self.runner = migration.convention.name
        """The name of the convention its migration follows."""

    @property
    def link(self) -> Link | None:
        """Its migration's place in a chain."""
        return self.migration.link

    def __repr__(self) -> str:
        return f"Statement({self.text[:60]!r})"

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """What the statement does; nothing for one that does not parse."""
        return self.meaning.operations_at(self.start)

    def all_operations(self) -> tuple[Operation, ...]:
        """Return the operations, those inside of a DO block after it."""
        return unfolded(self.operations) if DoBlock in self.operation_types else self.operations

    def of(self, *kinds: type[O]) -> Iterator[O]:
        """Yield the operations of the given types, those inside of a DO block included."""
        return (one for one in self.all_operations() if isinstance(one, kinds))

    def does(self, *kinds: type[Operation]) -> bool:
        """Say whether it does anything of exactly these types, those inside of a DO block included."""
        return not self.operation_types.isdisjoint(kinds)

    def graph_keys(self) -> Iterable[str]:
        """Return, for the way up, the keys of what it defines (see `definition_keys`)."""
        return () if self.is_down else self.meaning.keys

    @property
    def table(self) -> TableName | None:
        """The first table it is about."""
        return next((one.table for one in self.of(TableOperation)), None)

    @property
    def surroundings(self) -> Surroundings:
        """What the rest of the file makes of it."""
        return self.migration.surroundings(self.section)[self.index]

    @property
    def is_restating(self) -> bool:
        """Whether it follows from stating a whole thing, and is sent only if that part was different."""
        return self.migration.restates(self)

    @property
    def said_type(self) -> TypeRef | None:
        """The type that its file says a column had before it; None where it says none."""
        said = self.migration.said_type(self)
        changes = operations_of(f"ALTER TABLE t ALTER COLUMN c TYPE {said}") if said else ()
        return next((one.type for one in changes if isinstance(one, AlterColumnType)), None)

    @property
    def is_derived(self) -> bool:
        """Whether it is the way back of words of a program that say both ways at once."""
        file = self.file
        if not self.is_down or file.host is file:
            return False
        return any(file.place(one) == file.place(self) for one in self.migration.up_statements)

    @property
    def is_computed(self) -> bool:
        """Whether it stands for a step of a program which only running it would tell."""
        return self.text == COMPUTED and self.file.host is not self.file

    @property
    def newness(self) -> tuple[bool, ...]:
        """For each of `all_operations`, whether it is about something new (see `Migration.is_new`)."""
        return self.surroundings.newness

    @cached_property
    def _new(self) -> dict[int, bool]:
        return {id(one): new for one, new in zip(self.all_operations(), self.newness, strict=True)}

    def is_new(self, operation: Operation) -> bool:
        """Say whether an operation of it is about something made earlier in the file, all of it new."""
        return self._new[id(operation)]

    def is_on_new_table(self, operation: Operation) -> bool:
        """Say whether `operation` is about a table, or an index of one, made earlier in this file."""
        return self.migration.is_on_new_table(operation, self.section)

    @property
    def on_new_table(self) -> bool:
        """Whether everything the statement does to tables and indexes is about new ones."""
        found = list(self.of(TableOperation, DropIndex, Reindex, RenameIndex))
        return bool(found) and all(map(self.is_on_new_table, found))

    @property
    def transaction(self) -> int | None:
        """The number of its transaction, None for one of its own; an unknown runner is assumed to wrap."""
        return self.migration.groups(self.section)[self.index]

    @property
    def shares_transaction(self) -> tuple[bool, bool]:
        """Whether it runs in a transaction with others, where an unknown runner does not wrap, or does."""
        return self.surroundings.shares_transaction

    @property
    def in_transaction(self) -> bool:
        """Whether it runs in a transaction with others; an unknown runner is assumed to wrap."""
        return self.transaction is not None

    @property
    def same_transaction(self) -> list["Statement"]:
        """The statements of its transaction in order, itself included."""
        return list(self.migration.together(self))

    def setting(self, name: str) -> SetSetting | None:
        """Return the SET of `name` that is in force when the statement runs, else None."""
        found = self.migration.settings(self.section, name)
        before = bisect_left(found, self.index, key=lambda pair: pair[0].index)
        for earlier, one in reversed(found[max(0, before - _LOOKED_BACK) : before]):
            if self._reaches(earlier, one):
                return one if one.value is not None else None
        return None

    def _reaches(self, earlier: "Statement", setting: SetSetting) -> bool:
        return not setting.is_local or (self.in_transaction and earlier.transaction == self.transaction)

    def words(self, place: Located, *words: str) -> Span | None:
        """Return where `words` (upper case) stand in a row within `place`, comments between them skipped."""
        text = self.file.text_for(place)
        if words[-1] not in text[place.start : place.end].upper():
            return None  # as it is for most that are asked for
        return find_words(tokens(text, place.start, place.end), *words)
