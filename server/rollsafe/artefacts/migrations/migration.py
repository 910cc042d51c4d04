"""A migration file as rules see it: the whole file, and each of its statements."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import ClassVar, Final, TypeVar

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.migrations.conventions import (
    Convention,
    Direction,
    DownStyle,
    convention_of,
)
from rollsafe.artefacts.migrations.definitions import definition_keys
from rollsafe.artefacts.migrations.dialect import Dialect, folder_dialect, foreign_dialect
from rollsafe.artefacts.migrations.extract import operations_at
from rollsafe.artefacts.migrations.names import TableName
from rollsafe.artefacts.migrations.operations import (
    AttachPartition,
    CreateIndex,
    CreateObject,
    CreateTable,
    DoBlock,
    DropIndex,
    Operation,
    Reindex,
    RenameIndex,
    RenameTable,
    SetSetting,
    TableOperation,
)
from rollsafe.artefacts.migrations.transactions import transaction_groups
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.problems import Problem
from rollsafe.formats.sql import SqlComment, SqlStatement, SqlTree, read_sql
from rollsafe.formats.sql_tokens import find_words, tokens
from rollsafe.text import Located, Span

O = TypeVar("O", bound=Operation)  # noqa: E741

_SECTION = re.compile(
    r"--[ \t]*(?:\+(?:goose|migrate)[ \t]+|migrate:)(up|down)\b|--[ \t]*(up|down)[ \t]+migration\b", re.I
)
_ROLLBACK = re.compile(r"--[ \t]*rollback\b", re.I)
_IRREVERSIBLE = re.compile(r"irreversible\b[ \t]*[:\u2013\u2014-]*[ \t]*", re.I)
_LOOKED_BACK: Final = 100
"""How many settings before a statement may be local to other transactions."""
_MAKES_TABLES: Final = frozenset(
    {"CREATE TABLE", "CREATE FOREIGN TABLE", "ALTER TABLE", "SELECT", "WITH", "DO"}
)


class Statement(Element):
    """One statement of a migration."""

    family: ClassVar[str] = "migrations"
    keys_are_local: ClassVar[bool] = False  # whether it counts depends on the section it stands in

    def __init__(self, migration: "Migration", index: int, section: Direction, sql: SqlStatement) -> None:
        super().__init__(migration.file, sql.start, sql.end)
        self.migration = migration
        self.index = index
        self.section = section
        self.sql = sql

    def __repr__(self) -> str:
        return f"Statement({self.sql.text[:60]!r})"

    @property
    def kind(self) -> str:
        """The leading words in upper case, such as `ALTER TABLE`."""
        return self.sql.kind

    @property
    def is_down(self) -> bool:
        """Whether it belongs to the way back."""
        return self.section is Direction.DOWN

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """What the statement does; nothing for one that does not parse."""
        return operations_at(self.sql.text, self.start)

    def all_operations(self) -> Iterator[Operation]:
        """Yield the operations, those inside of a DO block after it."""
        for operation in self.operations:
            yield operation
            if isinstance(operation, DoBlock):
                yield from operation.operations

    def of(self, *kinds: type[O]) -> Iterator[O]:
        """Yield the operations of the given types, those inside of a DO block included."""
        return (one for one in self.all_operations() if isinstance(one, kinds))

    @cached_property
    def _kinds(self) -> frozenset[type[Operation]]:
        return frozenset(map(type, self.all_operations()))

    def does(self, *kinds: type[Operation]) -> bool:
        """Say whether it does anything of exactly these types, those inside of a DO block included."""
        return not self._kinds.isdisjoint(kinds)

    def graph_keys(self) -> Iterable[str]:
        """Yield, for the way up, the keys of what it defines (see `definition_keys`)."""
        return () if self.is_down else definition_keys(self.all_operations())

    @property
    def table(self) -> TableName | None:
        """The first table it is about."""
        return next((one.table for one in self.of(TableOperation)), None)

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
    def in_transaction(self) -> bool:
        """Whether it runs in a transaction with others; an unknown runner is assumed to wrap."""
        return self.transaction is not None

    @property
    def same_transaction(self) -> list["Statement"]:
        """The statements of its transaction in order, itself included."""
        number = self.transaction
        return self.migration.members(self.section)[number] if number is not None else [self]

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
        return find_words(tokens(self.file.text, place.start, place.end), *words)


class Migration(Element):
    """A migration file as a whole."""

    family: ClassVar[str] = "migrations"

    def __init__(self, file: SourceFile, convention: Convention, tree: SqlTree, dialect: Dialect) -> None:
        super().__init__(file, 0, len(file.text))
        self.convention = convention
        self.dialect = dialect
        self.comments: Sequence[SqlComment] = tree.comments
        self._groups: dict[tuple[Direction, bool], list[int | None]] = {}
        self._members: dict[Direction, dict[int, list[Statement]]] = {}
        self._settings: dict[tuple[Direction, str], list[tuple[Statement, SetSetting]]] = {}
        self._tree = tree

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
        return tuple(one for one in self.statements if not one.is_down)

    @cached_property
    def down_statements(self) -> tuple[Statement, ...]:
        """The statements of the way back: the down section, or all of a down file."""
        return tuple(one for one in self.statements if one.is_down)

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

    @cached_property
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

    @cached_property
    def created_tables(self) -> dict[str, int]:
        """The tables the way up makes: key of the name -> offset from which on the table is new."""
        return self._created(self.up_statements)

    @cached_property
    def created_views(self) -> dict[str, int]:
        """The materialized views the way up makes: key of the name -> offset from which on each is new."""
        found: dict[str, int] = {}
        for one in self.operations:
            if isinstance(one, CreateObject) and one.object == "materialized view":
                found.setdefault(one.name.key, one.start)
        return found

    @cached_property
    def attached_partitions(self) -> tuple[AttachPartition, ...]:
        """The partitions the way up attaches, in order."""
        return tuple(one for one in self.operations if isinstance(one, AttachPartition))

    @cached_property
    def _created_down(self) -> dict[str, int]:
        return self._created(self.down_statements)

    @staticmethod
    def _created(statements: Iterable[Statement]) -> dict[str, int]:
        found: dict[str, int] = {}
        for statement in statements:
            if statement.kind not in _MAKES_TABLES:
                continue
            for one in statement.all_operations():
                if isinstance(one, CreateTable):
                    found.setdefault(one.table.key, one.start)
                elif isinstance(one, RenameTable) and one.table.key in found:
                    # A copy that takes the place of the original is as new as it was under its old name.
                    found.setdefault(one.table.sibling(one.new_name).key, one.start)
        return found

    @cached_property
    def _indexed_tables(self) -> dict[str, TableName]:
        indexes = (one for statement in self.statements for one in statement.of(CreateIndex))
        return {one.index.key: one.table for one in indexes if one.index is not None}

    def is_on_new_table(self, operation: Operation, section: Direction = Direction.UP) -> bool:
        """Say whether `operation` is about a table, or an index of one, made earlier on the same way."""
        table: TableName | None = None
        if isinstance(operation, TableOperation):
            table = operation.table
        elif isinstance(operation, DropIndex | RenameIndex):
            table = self._indexed_tables.get(operation.index.key)
        elif isinstance(operation, Reindex):
            indexed = self._indexed_tables.get(operation.target.key)
            table = operation.target if operation.scope == "table" else indexed
        created = self._created_down if section is Direction.DOWN else self.created_tables
        return table is not None and created.get(table.key, operation.start) < operation.start

    def groups(self, section: Direction, assumed: bool = True) -> list[int | None]:
        """Return the transaction number of each statement of a section, None for one on its own.

        `assumed` decides where the runner is not known.
        """
        key = (section, assumed)
        if key not in self._groups:
            rows = [one.operations for one in self.section(section)]
            self._groups[key] = transaction_groups(rows, self.convention.transactions, assumed)
        return self._groups[key]

    def members(self, section: Direction) -> dict[int, list[Statement]]:
        """Return the statements of each transaction of a section; an unknown runner is assumed to wrap."""
        if section not in self._members:
            found = self._members[section] = {}
            for one, number in zip(self.section(section), self.groups(section), strict=True):
                if number is not None:
                    found.setdefault(number, []).append(one)
        return self._members[section]

    def settings(self, section: Direction, name: str) -> list[tuple[Statement, SetSetting]]:
        """Return the SETs and RESETs of `name` in a section, in order."""
        key = (section, name)
        if key not in self._settings:
            found = ((one, each) for one in self.section(section) for each in one.operations)
            sets = ((one, each) for one, each in found if isinstance(each, SetSetting))
            self._settings[key] = [(one, each) for one, each in sets if each.name in (name, "all")]
        return self._settings[key]

    def runs_in_transaction(self, statement: Statement, assumed: bool = True) -> bool:
        """Say whether `statement` runs in a transaction with others (BEGIN, runner, one message).

        `assumed` decides where the runner is not known.
        """
        return self.groups(statement.section, assumed)[statement.index] is not None

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


class MigrationFile(Artefact):
    """The typed view of a migration file: the migration first, then its statements."""

    kind: ClassVar[str] = "migration"

    def __init__(self, migration: Migration, problems: Sequence[Problem]) -> None:
        super().__init__(migration.file, [migration, *migration.statements], problems)
        self.migration = migration


def recognise(file: SourceFile) -> MigrationFile | None:
    """Return the view of `file` if some tool would run it as a migration, else None.

    A migration in another database's SQL has no statements, and a fatal problem says so.
    """
    convention = convention_of(file.path, file.text)
    if convention is None:
        return None
    named = folder_dialect(file.path)
    if named is not None and named is not Dialect.POSTGRES:
        return _foreign(file, convention, SqlTree([], [], []), named)
    tree = read_sql(file.text)
    rejected = (one.text for one in tree.statements if one.node is None)
    written = foreign_dialect(rejected) if tree.problems and named is None else None
    if written is not None:
        return _foreign(file, convention, tree, written)
    return MigrationFile(Migration(file, convention, tree, Dialect.POSTGRES), tree.problems)


def _foreign(file: SourceFile, convention: Convention, tree: SqlTree, dialect: Dialect) -> MigrationFile:
    problem = Problem(0, 0, f"written in the SQL of {dialect.database}, which is not read", fatal=True)
    return MigrationFile(Migration(file, convention, tree, dialect), [problem])
