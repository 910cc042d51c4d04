"""Liquibase's change logs in XML, YAML and JSON as the statements they send to PostgreSQL, both ways.

Each change set is a transaction. Without a `rollback` of its own it is undone by the inverses of its
changes, where all of them have one. What is included is read where it lies.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations.code.liquibase_changes import CHANGES, INVERSES, SILENT
from rollsafe.artefacts.migrations.code.liquibase_columns import Row, sql_of
from rollsafe.artefacts.migrations.code.liquibase_items import Item, from_entry, from_tag
from rollsafe.artefacts.migrations.code.migration import Translation, view_of
from rollsafe.artefacts.migrations.code.script import Script
from rollsafe.artefacts.migrations.conventions import Convention, Direction, DownStyle, Transactions, as_told
from rollsafe.artefacts.migrations.file import MigrationFile
from rollsafe.artefacts.migrations.liquibase_filters import is_for_postgres, is_for_practice
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Tree
from rollsafe.formats.xml import Words, read_xml
from rollsafe.text.records import replace
from rollsafe.text.tuples import NamedTuple

_NAME = re.compile(r"(?P<version>\d+(?:[._-]\d+)*)[._-]+(?P<label>.+)\Z")
_PROPERTY = re.compile(r"\$\{([\w.-]{1,100})\}")
_PARTS: Final = frozenset(
    {"rollback", "preConditions", "validCheckSum", "comment", "property", "modifySql", "labels"}
)
"""What a change set holds besides changes."""


def translate(file: SourceFile) -> Translation | None:
    """Return what a change log in XML sends to the database."""
    if "databaseChangeLog" not in file.text:
        return None
    root = read_xml(file.text)
    if root is None or root.name != "databaseChangeLog":
        return None
    return _translated(file, from_tag(root))


def recognise(file: SourceFile, tree: Tree) -> MigrationFile | None:
    """Return the view of a change log in YAML or JSON."""
    root = tree.documents[0] if tree.documents else None
    entry = root.entry("databaseChangeLog") if isinstance(root, Mapping) else None
    made = _translated(file, from_entry(entry, file.text)) if entry is not None else None
    return view_of(file, made) if made is not None else None


def _translated(file: SourceFile, log: Item) -> Translation | None:
    """Return what the change sets of a log send; None for a log that only includes others."""
    known = {one.text("name"): one.text("value") for one in log.parts("property") if _is_ours(one)}
    sets = [_Set(_filled(one, known)) for one in log.parts("changeSet") if _is_ours(one)]
    if not sets:
        return None
    script = Script()
    apart = [one.is_apart for one in sets]
    brackets = len(sets) > 1
    script.begin(Direction.UP)
    for one in sets:
        _write(script, one, one.forwards(), brackets=brackets)
    told = any(one.item.child("rollback") is not None for one in sets)
    if told or any(one.backwards() for one in sets):
        script.begin(Direction.DOWN)
    for one in reversed(sets):
        _write(script, one, one.backwards() or [], brackets=brackets)
    way_back = all(one.backwards() is not None for one in sets)
    convention = as_told(_convention(file, is_apart=brackets or apart[0]), file.around)
    return Translation(convention, script, way_back, is_by_itself=not told)


def _convention(file: SourceFile, *, is_apart: bool) -> Convention:
    stem = file.name.rpartition(".")[0]
    named = _NAME.match(stem)
    return Convention(
        name="liquibase",
        version=named["version"] if named else "",
        label=named["label"] if named else stem,
        direction=Direction.BOTH,
        home=file.directory,
        transactions=Transactions.SEPARATE if is_apart else Transactions.WRAPPED,
        reason="Liquibase runs each change set in a transaction of its own",
        down_path=file.path,
        down_style=DownStyle.SECTION,
    )


def _is_ours(item: Item) -> bool:
    """Say whether something counts on PostgreSQL, and not for development or tests alone."""
    return is_for_postgres(item.text("dbms")) and not is_for_practice(item.text("contextFilter", "context"))


def _filled(item: Item, known: dict[str, str]) -> Item:
    """Return an item with the properties that the log gives in the place of `${name}`."""
    if not known:
        return item
    values = {name: _with(words, known) for name, words in item.values.items()}
    said = tuple(_with(words, known) for words in item.said)
    return replace(item, values=values, said=said, items=tuple(_filled(one, known) for one in item.items))


def _with(words: Words, known: dict[str, str]) -> Words:
    if "${" not in words.text:
        return words
    text = _PROPERTY.sub(lambda found: known.get(found[1], found[0]), words.text)
    return words if text == words.text else Words(text, words.place, is_verbatim=False)


class _Set:
    """A change set: its changes, and what undoes them."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.is_apart = item.is_false("runInTransaction")
        self._changes = [one for one in item.items if one.name not in _PARTS and _is_ours(one)]

    def forwards(self) -> list[Row]:
        """Return the statements of its changes."""
        return [row for one in self._changes for row in _sent(one)]

    def backwards(self) -> list[Row] | None:
        """Return the statements that undo it; None where it cannot be undone."""
        given = list(self.item.parts("rollback"))
        if given:
            return [row for one in given for row in _rollback(one)]
        found: list[Row] = []
        for one in reversed(self._changes):
            undo = INVERSES.get(one.name)
            if undo is None and one.name not in SILENT:
                return None
            found += undo(one) if undo is not None else ()
        return found


def _sent(change: Item) -> Iterator[Row]:
    """Yield the statements of a change; one that is not known is only said to be there."""
    make = CHANGES.get(change.name)
    if make is not None:
        yield from make(change)
    elif change.name not in SILENT:
        yield Row(["CALL computed_step()"], change)


def _rollback(item: Item) -> Iterator[Row]:
    for words in (*item.said, *(one for one in (item.get("sql"),) if one is not None)):
        yield Row([sql_of(words)], words.place)
    for one in item.items:
        yield from _sent(one)


class _Bracket(NamedTuple):
    start: int
    end: int


def _write(script: Script, one: _Set, rows: list[Row], *, brackets: bool) -> None:
    """Write the statements of a change set, in a transaction of their own where it has one."""
    if not rows:
        return
    place = _Bracket(one.item.start, one.item.start + len("<changeSet"))
    if brackets and not one.is_apart:
        script.statement(["BEGIN"], place)
    for row in rows:
        script.statement(row.parts, row.place)
    if brackets and not one.is_apart:
        script.statement(["COMMIT"], place)
