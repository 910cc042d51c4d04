"""A migration in a programming language, as rules see every other migration."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from rollsafe.artefacts.migrations.code.nameless import Nameless, NamelessDrop
from rollsafe.artefacts.migrations.code.script import Script
from rollsafe.artefacts.migrations.conventions import Convention, Direction, Transactions
from rollsafe.artefacts.migrations.dialect import Dialect
from rollsafe.artefacts.migrations.file import MigrationFile
from rollsafe.artefacts.migrations.foreign import READ
from rollsafe.artefacts.migrations.migration import Migration
from rollsafe.artefacts.migrations.operations import COMPUTED
from rollsafe.artefacts.migrations.statement import Statement
from rollsafe.artefacts.migrations.transactions import transaction_groups
from rollsafe.artefacts.source import SourceFile
from rollsafe.artefacts.translated import Rewrite, TranslatedFile
from rollsafe.formats.problems import Problem
from rollsafe.formats.sql import SqlTree, read_sql
from rollsafe.formats.sql_foreign import comments_of
from rollsafe.text import Edit, Located
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_IRREVERSIBLE = lazily(
    r"^[ \t]*(?:#|//|<!--)[ \t]*irreversible\b[ \t]*[:\u2013\u2014-]*(.*?)(?:-->)?$", re.I | re.M
)
"""A remark on a line of its own, in any of the languages."""


class Translation(NamedTuple):
    """What a framework makes of a file.

    `has_way_back` tells whether the framework can undo it, also where that takes no statement;
    `refuses` that the program itself says that it cannot be undone, `is_by_itself` that its tool undoes it
    without being told how, where most people never ask for that. `nameless` are constraints it drops as
    `None`.
    """

    convention: Convention
    script: Script
    has_way_back: bool
    refuses: bool = False
    problems: Sequence[Problem] = ()
    dialect: Dialect = Dialect.POSTGRES
    is_by_itself: bool = False
    nameless: tuple[Nameless, ...] = ()


def _rewrite(made: Translation) -> Rewrite:
    """Return how edits of what a program sends become edits of the program."""
    steps, tool = made.script.steps, made.convention.name

    def rewrite(file: TranslatedFile, edits: tuple[Edit, ...]) -> tuple[Edit, ...] | None:
        from rollsafe.artefacts.migrations.code.rewriting import rewritten  # few files are fixed

        return rewritten(file, steps, tool, edits)

    return rewrite


class CodeMigration(Migration):
    """A migration whose statements a framework makes from a program."""

    def __init__(self, host: SourceFile, made: Translation) -> None:
        text = made.script.text
        file = TranslatedFile(host, text, made.script.segments, _rewrite(made))
        is_ours = made.dialect is Dialect.POSTGRES
        tree = read_sql(text) if is_ours else SqlTree([], comments_of(text), [])
        # What the framework would not send as it is written here is not the user's mistake.
        super().__init__(file, made.convention, SqlTree(tree.statements, tree.comments, []), made.dialect)
        self._steps = made.script.steps
        self._starts = [step.start for step in self._steps]
        self._has_way_back = made.has_way_back
        self._host = host
        self._refuses = made.refuses
        self._is_by_itself = made.is_by_itself

    @property
    def has_down(self) -> bool:
        """Whether the framework knows how to come back."""
        return self._has_way_back

    @property
    def irreversible_note(self) -> str | None:
        """An empty reason where the program says that it cannot be undone; else what a comment says."""
        if self._refuses:
            return ""
        said = _IRREVERSIBLE.search(self._host.text)
        return said[1].strip() if said is not None else super().irreversible_note

    def graph_keys(self) -> Iterable[str]:
        """Return its keys; that its tool undoes it by itself says nothing about the other migrations."""
        keys = super().graph_keys()
        return (one for one in keys if not one.startswith("downs:")) if self._is_by_itself else keys

    def groups(self, section: Direction, assumed: bool = True) -> list[int | None]:
        """Return the transaction number of each statement of a section, None for one on its own."""
        key = (section, assumed)
        if key not in self._groups:
            statements = self.section(section)
            wraps = self.convention.transactions is Transactions.WRAPPED
            rows = [one.operations for one in statements]
            plain = transaction_groups(rows, self.convention.transactions, assumed)
            apart = [self._steps[self._step_at(one.start)].is_apart for one in statements]
            self._groups[key] = _split(plain, apart) if wraps else _without(plain, apart)
        return self._groups[key]

    def restates(self, statement: Statement) -> bool:
        """Say whether a statement is sent only if what it says was different before."""
        return self._steps[self._step_at(statement.start)].is_restating

    def said_type(self, statement: Statement) -> str:
        """Return the type the program says a column had before a statement; empty where it says none."""
        return self._steps[self._step_at(statement.start)].old_type

    def computes(self, statement: Located) -> bool:
        """Say whether the program computes a statement, or parts of it."""
        return self._steps[self._step_at(statement.start)].is_partial

    def is_batched(self, statement: Located) -> bool:
        """Say whether the program collects a statement, with others, for a table that is made anew."""
        is_alembic = self.convention.name == "alembic"
        return is_alembic and self._steps[self._step_at(statement.start)].cut is not None

    def hides(self, statement: Located) -> bool:
        """Say whether a statement stands for a step of the program which only running it would tell."""
        return self.file.text[statement.start : statement.end] == COMPUTED

    def _step_at(self, offset: int) -> int:
        return max(0, bisect_right(self._starts, offset) - 1)


def _split(groups: list[int | None], apart: list[bool]) -> list[int | None]:
    """Return `groups` with each statement that is apart on its own, and another transaction after it."""
    found: list[int | None] = []
    number = max((one for one in groups if one is not None), default=0)
    current: int | None = None
    for group, alone in zip(groups, apart, strict=True):
        if alone:
            number += 1
            current = number
        found.append(None if alone else group if current is None else current)
    return found


def _without(groups: list[int | None], apart: list[bool]) -> list[int | None]:
    """Return `groups` with each statement that is apart on its own, and the others as they are."""
    return [None if alone else group for group, alone in zip(groups, apart, strict=True)]


def view_of(host: SourceFile, made: Translation) -> MigrationFile:
    """Return the typed view of a file a framework would run."""
    migration, problems = CodeMigration(host, made), [*made.problems]
    if made.dialect is not Dialect.POSTGRES and made.dialect not in READ:
        problems.append(Problem(0, 0, f"sent to {made.dialect.database}, which is not read", fatal=True))
    drops = [NamelessDrop(host, migration, one) for one in made.nameless]
    return CodeMigrationFile(host, migration, drops, problems)


class CodeMigrationFile(MigrationFile):
    """The typed view of a migration in a programming language; its file is the program."""

    def __init__(
        self,
        host: SourceFile,
        migration: CodeMigration,
        drops: Sequence[NamelessDrop],
        problems: Sequence[Problem],
    ) -> None:
        super().__init__(migration, problems)
        self.file = host
        self.elements = [*self.elements, *drops]
