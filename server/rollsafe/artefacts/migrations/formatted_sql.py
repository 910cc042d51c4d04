"""Liquibase's formatted SQL: change sets, each of them a transaction of its own unless it says otherwise."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from rollsafe.artefacts.migrations.conventions import Convention, Direction
from rollsafe.artefacts.migrations.dialect import Dialect
from rollsafe.artefacts.migrations.liquibase_filters import is_for_postgres, is_for_practice
from rollsafe.artefacts.migrations.migration import Migration
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.sql import SqlTree
from rollsafe.text.patterns import lazily
from rollsafe.text.records import record

_MARK = lazily(r"^[ \t]*--[ \t]*changeset[ \t]+(?P<rest>[^\r\n]*)", re.M | re.I)
_OPTION = lazily(
    r"(?<![\w:])(?P<name>runInTransaction|splitStatements|dbms|context(?:Filter)?):"
    r"(?P<value>\"[^\"]*\"|'[^']*'|\S+)",
    re.I,
)
_ROLLBACK = lazily(r"^[ \t]*(?:--[ \t]*|/\*[ \t]*(?:liquibase[ \t]+)?)rollback\b", re.M | re.I)
_WORDS = lazily(r"[^\r\n]")


@record
class ChangeSet:
    """A change set from `start` on; `is_sent_whole` tells that all of it is one message to the database.

    `is_ours` tells that PostgreSQL runs it, and not for development or tests alone.
    """

    start: int
    end: int
    is_apart: bool
    is_sent_whole: bool
    is_ours: bool
    has_rollback: bool


def change_sets(text: str) -> tuple[ChangeSet, ...]:
    """Return the change sets of a file, in order."""
    marks = [*_MARK.finditer(text)]
    ends = [*(one.start() for one in marks[1:]), len(text)][: len(marks)]
    return tuple(_change_set(mark, end, text) for mark, end in zip(marks, ends, strict=True))


def _change_set(mark: re.Match[str], end: int, text: str) -> ChangeSet:
    said = {m["name"].lower(): m["value"].strip("\"'").lower() for m in _OPTION.finditer(mark["rest"])}
    contexts = said.get("contextfilter") or said.get("context", "")
    return ChangeSet(
        mark.start(),
        end,
        is_apart=said.get("runintransaction") == "false",
        is_sent_whole=said.get("splitstatements") == "false",
        is_ours=is_for_postgres(said.get("dbms", "")) and not is_for_practice(contexts),
        has_rollback=_ROLLBACK.search(text, mark.end(), end) is not None,
    )


def without_others(text: str) -> str:
    """Return a text of the same length that has blanks in the place of what is run elsewhere."""
    for one in change_sets(text):
        if not one.is_ours:
            text = text[: one.start] + _WORDS.sub(" ", text[one.start : one.end]) + text[one.end :]
    return text


class FormattedMigration(Migration):
    """A file of change sets."""

    def __init__(self, file: SourceFile, convention: Convention, tree: SqlTree, dialect: Dialect) -> None:
        super().__init__(file, convention, tree, dialect)
        self._sets = change_sets(file.text)
        self._starts = [one.start for one in self._sets]

    @property
    def has_down(self) -> bool:
        """Whether each change set that does anything says how to come back."""
        sets = [one for _, one in self._placed(Direction.UP) if one is not None]
        return super().has_down if not self._sets else bool(sets) and all(one.has_rollback for one in sets)

    def groups(self, section: Direction, assumed: bool = True) -> list[int | None]:
        """Return the transaction number of each statement of a section, None for one on its own."""
        key = (section, assumed)
        if key not in self._groups:
            placed = [*self._placed(section)]
            counts: dict[int, int] = {}
            for number, _ in placed:
                counts[number] = counts.get(number, 0) + 1
            self._groups[key] = [_group(number, one, counts[number]) for number, one in placed]
        return self._groups[key]

    def _placed(self, section: Direction) -> Iterator[tuple[int, ChangeSet | None]]:
        """Yield for each statement of a section the number of its change set, and that."""
        for statement in self.section(section):
            at = bisect_right(self._starts, statement.start) - 1
            yield at, self._sets[at] if at >= 0 else None


def _group(number: int, one: ChangeSet | None, count: int) -> int | None:
    if one is None or not one.is_apart:
        return number
    return number if one.is_sent_whole and count > 1 else None
