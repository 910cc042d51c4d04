"""A migration file as rules see it: the whole file, and each of its statements."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, TypeVar

from rollsafe.artefacts.base import Element, Link
from rollsafe.artefacts.migrations.conventions import (
    Convention,
    Direction,
    DownStyle,
    Transactions,
)
from rollsafe.artefacts.migrations.dialect import Dialect
from rollsafe.artefacts.migrations.extract import unfolded
from rollsafe.artefacts.migrations.foreign import ForeignStatement, foreign_statements
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    AttachPartition,
    CreateIndex,
    CreateObject,
    CreateTable,
    DropIndex,
    DropObject,
    Operation,
    Reindex,
    RenameIndex,
    RenameTable,
    SetSetting,
    TableOperation,
    Transaction,
)
from rollsafe.artefacts.migrations.statement import Statement, Surroundings
from rollsafe.artefacts.migrations.transactions import transaction_groups
from rollsafe.artefacts.migrations.versions import CHAINED, LISTED, NAMED
from rollsafe.artefacts.purposes import is_practice
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.sql import SqlComment, SqlTree
from rollsafe.text import Located
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily

O = TypeVar("O", bound=Operation)  # noqa: E741

_SECTION = lazily(
    r"--[ \t]*(?:\+(?:goose|migrate)[ \t]+|migrate:)(up|down)\b|--[ \t-]*(up|down)[ \t]+migration\b", re.I
)
_ROLLBACK = lazily(r"--[ \t]*rollback\b", re.I)
_IRREVERSIBLE = lazily(r"irreversible\b[ \t]*[:\u2013\u2014-]*[ \t]*", re.I)


class Migration(Element):
    """A migration file as a whole."""

    family: ClassVar[str] = "migrations"

    def __init__(self, file: SourceFile, convention: Convention, tree: SqlTree, dialect: Dialect) -> None:
        super().__init__(file, 0, len(file.text))
        self.convention = convention
        self.dialect = dialect
        self.comments: Sequence[SqlComment] = tree.comments
        self._groups: dict[tuple[Direction, bool], list[int | None]] = {}
        self._members: dict[tuple[Direction, bool], dict[int, tuple[Statement, ...]]] = {}
        self._settings: dict[Direction, list[tuple[Statement, SetSetting]]] = {}
        self._surroundings: dict[Direction, list[Surroundings]] = {}
        self._tree = tree
        self.is_practice = is_practice(convention.home)
        """Whether it is one of tests or examples, by the directories it lies in."""

    @property
    def is_chained(self) -> bool:
        """Whether the names of files tell nothing of its place in the history; `link` does, if anything."""
        return self.convention.name in CHAINED or self.convention.alias is not None

    @property
    def link(self) -> Link | None:
        """Its place in a history that does not go by the names of files; None where nothing tells it."""
        one = self.convention
        if not self.is_chained or (one.name in LISTED and one.alias is None):
            return None
        is_by_name = one.name in NAMED
        return Link(f"{one.name}:{one.home}", (one.known_as,), one.follows, one.stands_for, is_by_name)

    @property
    def standing(self) -> object:
        """Its version, and the directory of its history."""
        return self.convention

    def __repr__(self) -> str:
        return f"Migration({self.file.path!r})"

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """All statements in the order of the file."""
        counts = {Direction.UP: 0, Direction.DOWN: 0}
        found: list[Statement] = []
        for sql in self._tree.statements if self.dialect is Dialect.POSTGRES else ():
            section = self._section_at(sql.start)
            found.append(Statement(self, counts[section], section, sql))
            counts[section] += 1
        return tuple(found)

    @cached_property
    def foreign_statements(self) -> tuple[ForeignStatement, ...]:
        """The statements of a migration for MySQL or SQLite, in the order of the file."""
        return foreign_statements(self, self._section_at)

    @cached_property
    def section_marks(self) -> tuple[tuple[SqlComment, Direction], ...]:
        """The annotations that begin a section (`-- +goose Down`), in order; empty without sections."""
        if self.convention.down_style is not DownStyle.SECTION:
            return ()
        found = ((comment, _SECTION.match(comment.text)) for comment in self.comments)
        return tuple((one, Direction((m[1] or m[2]).lower())) for one, m in found if m is not None)

    def _section_at(self, offset: int) -> Direction:
        section = Direction.DOWN if self.is_down else Direction.UP
        for comment, direction in self.section_marks:
            if comment.start > offset:
                break
            section = direction
        return section

    def section(self, section: Direction) -> tuple[Statement, ...]:
        """Return the statements of one way, in order."""
        return self.down_statements if section is Direction.DOWN else self.up_statements

    @cached_property
    def up_statements(self) -> tuple[Statement, ...]:
        """The statements of the way up."""
        return tuple([one for one in self.statements if not one.is_down])

    @cached_property
    def down_statements(self) -> tuple[Statement, ...]:
        """The statements of the way back: the down section, or all of a down file."""
        return tuple([one for one in self.statements if one.is_down])

    @property
    def is_down(self) -> bool:
        """Whether the whole file is a way back."""
        return self.convention.direction is Direction.DOWN

    @property
    def has_down(self) -> bool:
        """Whether the file itself says how to come back: a section, or rollback comments, not empty."""
        if self.convention.down_style is DownStyle.COMMENT:
            return any(_ROLLBACK.match(comment.text) for comment in self.comments)
        return bool(self.down_statements)

    @property
    def irreversible_note(self) -> str | None:
        """The reason in an explicit `-- irreversible: reason`, possibly empty; None without one."""
        for comment in self.comments:
            match = _IRREVERSIBLE.match(comment.body)
            if match is not None:
                return comment.body[match.end() :].strip()
        return None

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Everything the way up does, DO blocks unfolded."""
        return tuple(one for statement in self.up_statements for one in statement.all_operations())

    @property
    def deeds(self) -> frozenset[type[Operation]]:
        """The types of what the way up does."""
        return frozenset(self._doing)

    @cached_property
    def _doing(self) -> dict[type[Operation], list[Statement]]:
        found: dict[type[Operation], list[Statement]] = {}
        for statement in self.up_statements:
            for kind in statement.operation_types:
                found.setdefault(kind, []).append(statement)
        return found

    def does(self, *kinds: type[Operation]) -> bool:
        """Say whether the way up does anything of exactly these types."""
        return not self._doing.keys().isdisjoint(kinds)

    def of(self, *kinds: type[O]) -> Iterator[O]:
        """Yield what the way up does of exactly these types, one type after the other."""
        for kind in kinds:
            for statement in self._doing.get(kind, ()):
                yield from (one for one in statement.all_operations() if type(one) is kind)

    @cached_property
    def created_tables(self) -> dict[str, int]:
        """The tables the way up makes: key of the name -> offset from which on the table is new."""
        return self._created(self.up_statements) if self.does(CreateTable, RenameTable) else {}

    @cached_property
    def created_views(self) -> dict[str, int]:
        """The materialized views the way up makes: key of the name -> offset from which on each is new."""
        found: dict[str, int] = {}
        for one in self.of(CreateObject):
            if one.object == "materialized view":
                found.setdefault(one.name.key, one.start)
        return found

    @cached_property
    def attached_partitions(self) -> tuple[AttachPartition, ...]:
        """The partitions the way up attaches, in order."""
        return tuple(self.of(AttachPartition))

    @cached_property
    def added_columns(self) -> dict[tuple[str, str], list[AddColumn]]:
        """The columns the way up adds: key of the table and name -> where, in order."""
        found: dict[tuple[str, str], list[AddColumn]] = {}
        for one in self.of(AddColumn):
            found.setdefault((one.table.key, one.column.name), []).append(one)
        return found

    @cached_property
    def _created_down(self) -> dict[str, int]:
        return self._created(self.down_statements)

    @staticmethod
    def _created(statements: Iterable[Statement]) -> dict[str, int]:
        found: dict[str, int] = {}
        for statement in statements:
            if not statement.does(CreateTable, RenameTable):
                continue
            # Operations with their places in the file are made where somebody asks for them.
            for one in unfolded(statement.meaning.operations):
                if isinstance(one, CreateTable):
                    found.setdefault(one.table.key, statement.start + one.start)
                elif isinstance(one, RenameTable) and one.table.key in found:
                    # A copy that takes the place of the original is as new as it was under its old name.
                    found.setdefault(one.table.sibling(one.new_name).key, statement.start + one.start)
        return found

    @cached_property
    def _indexed_tables(self) -> dict[str, TableName]:
        making = (statement for statement in self.statements if statement.does(CreateIndex))
        indexes = (one for statement in making for one in statement.of(CreateIndex))
        return {one.index.key: one.table for one in indexes if one.index is not None}

    def is_on_new_table(self, operation: Operation, section: Direction = Direction.UP) -> bool:
        """Say whether `operation` is about a table, or what is part of one, made earlier on the same way."""
        if self.convention.is_founding and section is Direction.UP:
            return not isinstance(operation, CreateTable)
        table: TableName | None = None
        if isinstance(operation, TableOperation):
            table = operation.table
        elif isinstance(operation, DropIndex | RenameIndex):
            table = self._indexed_tables.get(operation.index.key)
        elif isinstance(operation, CreateObject | DropObject):
            table = operation.on
        elif isinstance(operation, Reindex):
            indexed = self._indexed_tables.get(operation.target.key)
            table = operation.target if operation.scope == "table" else indexed
        created = self._created_down if section is Direction.DOWN else self.created_tables
        return table is not None and created.get(table.key, operation.start) < operation.start

    def is_new(self, operation: Operation, section: Direction = Direction.UP) -> bool:
        """Say whether `operation` is about a table or materialized view made earlier on the same way.

        A new table to which an existing partition was attached holds rows others use, so it does not count.
        """
        if not isinstance(operation, TableOperation):
            return self.is_on_new_table(operation, section)
        if self.is_on_new_table(operation, section):
            return not self._has_old_partition(operation)
        made = self.created_views.get(operation.table.key, operation.start)
        return section is Direction.UP and made < operation.start

    def _has_old_partition(self, operation: TableOperation) -> bool:
        made = self.created_tables
        return any(
            one.table.key == operation.table.key
            and one.start < operation.start
            and one.partition.key not in made
            for one in self.attached_partitions
        )

    def groups(self, section: Direction, assumed: bool = True) -> list[int | None]:
        """Return the transaction number of each statement of a section, None for one on its own.

        `assumed` decides where the runner is not known.
        """
        key = (section, assumed)
        found = self._groups.get(key)
        if found is None:
            transactions = self.convention.transactions
            if assumed and transactions is not Transactions.ASSUMED:
                found = self.groups(section, assumed=False)
            else:
                rows = [_deciding(one, transactions) for one in self.section(section)]
                found = transaction_groups(rows, transactions, assumed)
            self._groups[key] = found
        return found

    def surroundings(self, section: Direction) -> list[Surroundings]:
        """Return for each statement of a section what the rest of the file makes of it."""
        found = self._surroundings.get(section)
        if found is None:
            statements, runner = self.section(section), self.convention.name
            unwrapped, wrapped = self.groups(section, assumed=False), self.groups(section, assumed=True)
            shared = [(a is not None, b is not None) for a, b in zip(unwrapped, wrapped, strict=True)]
            found = self._surroundings[section] = [
                Surroundings(newness, runner, shares)
                for newness, shares in zip(self._newness(statements, section), shared, strict=True)
            ]
        return found

    def _newness(self, statements: tuple[Statement, ...], section: Direction) -> list[tuple[bool, ...]]:
        created = self._created_down if section is Direction.DOWN else self.created_tables
        never = self.end
        plain = not self.convention.is_founding
        if self.does(CreateObject, AttachPartition):
            plain = plain and not (self.created_views or self.attached_partitions)
        found: list[tuple[bool, ...]] = []
        for one in statements:
            meaning = one.meaning
            if not plain or meaning.tables is None:
                found.append(tuple([self.is_new(each, section) for each in one.all_operations()]))
            elif created.keys().isdisjoint(meaning.named):
                found.append(meaning.none_new)
            else:
                start = one.start
                found.append(tuple([created.get(key, never) < start + at for key, at in meaning.tables]))
        return found

    def is_batched(self, statement: Located) -> bool:
        """Say whether a statement is collected, with others, for a table that is made anew."""
        return False

    def restates(self, statement: Statement) -> bool:
        """Say whether a statement follows from stating a whole thing, a column for example."""
        return False

    def said_type(self, statement: Statement) -> str:
        """Return the type the file says a column had before a statement; empty where it says none."""
        return ""

    def together(self, statement: Statement, assumed: bool = True) -> tuple[Statement, ...]:
        """Return the statements of a statement's transaction in order, itself included.

        `assumed` decides where the runner is not known.
        """
        key = (statement.section, assumed)
        numbers = self.groups(*key)
        if key not in self._members:
            found: dict[int, list[Statement]] = {}
            for one, number in zip(self.section(statement.section), numbers, strict=True):
                if number is not None:
                    found.setdefault(number, []).append(one)
            self._members[key] = {number: tuple(members) for number, members in found.items()}
        mine = numbers[statement.index]
        return self._members[key][mine] if mine is not None else (statement,)

    def settings(self, section: Direction, name: str) -> list[tuple[Statement, SetSetting]]:
        """Return the SETs and RESETs of `name` in a section, in order."""
        if section not in self._settings:
            some = (one for one in self.section(section) if one.does(SetSetting))
            found = ((one, each) for one in some for each in one.operations)
            self._settings[section] = [(one, each) for one, each in found if isinstance(each, SetSetting)]
        return [(one, each) for one, each in self._settings[section] if each.name in (name, "all")]

    def runs_in_transaction(self, statement: Statement, assumed: bool = True) -> bool:
        """Say whether `statement` runs in a transaction with others (BEGIN, runner, one message).

        `assumed` decides where the runner is not known.
        """
        return self.groups(statement.section, assumed)[statement.index] is not None

    def before(self, statement: Statement) -> Statement | None:
        """Return the statement right before one on the same way."""
        return self.section(statement.section)[statement.index - 1] if statement.index else None

    def graph_keys(self) -> Iterable[str]:
        """Yield `path:`, `dir:`, `up:`, `down:` and `downs:` with home, `creates:` with the table."""
        convention = self.convention
        version = convention.version or convention.label
        yield f"path:{self.file.path}"
        yield f"dir:{convention.home}"
        if not self.is_down:
            yield f"up:{convention.home}/{version}"
        if self.is_down or self.has_down:
            yield f"down:{convention.home}/{version}"
            yield f"downs:{convention.home}"
        for table in self.created_tables:
            yield f"creates:{table}"


def _deciding(statement: Statement, transactions: Transactions) -> tuple[Operation, ...]:
    """Return what a statement does, without places, if transactions begin, end or fail with it."""
    fails = transactions is Transactions.BY_STATEMENT and statement.meaning.is_alone
    return statement.meaning.operations if fails or statement.does(Transaction) else ()
