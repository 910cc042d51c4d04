"""Findings of whole sections kept from one edit to the next.

Some files stand in sections, such as the stages of a Dockerfile: out of its own text, an element in one leads
to nothing but what the section says it rests on. While both are the same, and what rules read of the file and
asked of the project beyond them, so is everything found there. It is moved, and no rule is even chosen. A
section in which a rule read more is judged at every edit. See `keeping` for what is kept element by element.
"""

from collections.abc import Iterator
from typing import TypeAlias

from rollsafe.artefacts.base import Artefact, Element, Section, Sections
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.again import Again
from rollsafe.engine.dispatch import Group
from rollsafe.engine.found import Found
from rollsafe.engine.judging import MAX_FINDINGS, Judge
from rollsafe.engine.reads import Reads, Watch
from rollsafe.engine.shifting import Shift
from rollsafe.rules import Rule
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph, GraphStore
from rollsafe.workspace.questions import Question

_Calls: TypeAlias = list[tuple[Element, Group]]


class _Told(NamedTuple):
    """A finding, the rule and the number of the element it is of, and its own number among theirs."""

    found: Found
    rule: Rule
    element: int
    number: int


class _Entry(NamedTuple):
    """What is found in a section; `reads` is what that rests on beyond the section."""

    section: Section
    told: tuple[_Told, ...]
    reads: Reads


class _Version:
    """A version of a file in sections; rules are chosen for those elements only that are looked at."""

    def __init__(
        self, artefact: Artefact, sections: Sections, judge: Judge, before: SourceFile | None
    ) -> None:
        self.file = artefact.file
        self.elements = artefact.elements
        self.sections = sections
        self.shift = Shift.between(before.text, self.file.text) if before is not None else None
        self.loose = judge.calls(sections.loose, edited=True)
        self._judge = judge
        self._calls: dict[int, _Calls] = {}

    def calls(self, section: Section) -> _Calls:
        """Return the rules that are called for the elements of a section."""
        found = self._calls.get(section.start)
        if found is None:
            found = self._calls[section.start] = self._judge.calls(section.elements, edited=True)
        return found


class KeptSections:
    """What is kept of a file in sections that is being edited."""

    def __init__(self, version: _Version, local: "_Memory", cross: "_Memory") -> None:
        self._version = version
        self._local = local
        self._cross = cross
        self._is_new = True

    @classmethod
    def after(
        cls, before: "KeptSections | None", artefact: Artefact, judge: Judge, store: GraphStore
    ) -> "KeptSections | None":
        """Return what is kept after an edit, None of a file without sections; `before` was before it."""
        sections = artefact.sections
        if sections is None:
            return None
        if before is None:
            memories = (_Memory(judge, store, sees_graph=sees) for sees in (False, True))
            return cls(_Version(artefact, sections, judge, None), *memories)
        version = _Version(artefact, sections, judge, before._version.file)
        return cls(version, before._local, before._cross)

    def local(self) -> list[Found]:
        """Return what rules find that see one file."""
        return self._local.run(self._version, set(), is_edited=True)

    def cross(self, changed: set[Question]) -> tuple[list[Found], set[Question]]:
        """Return what rules find that see the project, and what they asked.

        `changed` are the questions whose answers may differ from those at the last run.
        """
        is_edited, self._is_new = self._is_new, False
        found = self._cross.run(self._version, changed, is_edited=is_edited)
        return found, self._cross.asked

    @property
    def asked_late(self) -> set[Question]:
        """What was asked since then, to write fixes."""
        return self._cross.asked_late


class _Memory:
    """What some rules, those that see the project or those that do not, found in the sections of one file."""

    def __init__(self, judge: Judge, store: GraphStore, *, sees_graph: bool) -> None:
        self.judge = judge
        self._store = store
        self._sees_graph = sees_graph
        self._kept: dict[tuple[int, int], _Entry] = {}
        self._all_rest_on: tuple[object, ...] = ()
        self.asked: set[Question] = set()
        self.asked_late: set[Question] = set()

    def graph(self) -> Graph | None:
        """Return a fresh view of the project for rules that see it."""
        return Graph(self._store) if self._sees_graph else None

    def late_graph(self) -> Graph | None:
        """Return a view of the project for writing fixes."""
        graph = self.graph()
        if graph is not None:
            graph.asked = self.asked_late
        return graph

    def run(self, version: _Version, changed: set[Question], *, is_edited: bool) -> list[Found]:
        """Return what rules find in a version of the file; see `KeptSections.cross`."""
        graph, sections = self.graph(), version.sections
        if not self.asked_late.isdisjoint(changed):
            self._kept = {}
            self.asked_late.clear()
        if sections.all_rest_on != self._all_rest_on:
            self._kept, self._all_rest_on = {}, sections.all_rest_on
        found = self.judge.run(((one, self._of(group)) for one, group in version.loose), graph)
        self.asked = graph.asked if graph is not None else set()
        held = self._held(version, changed, version.shift if is_edited else None)
        renewed = [section for section in sections.sections if section.start not in held]
        if renewed:
            held |= self._renewed(renewed, version)
        self._kept = {}
        for section in sections.sections:
            entry = held[section.start]
            self._kept[section.start, section.end] = entry
            self.asked |= entry.reads.asked
            found += [told.found for told in entry.told]
        if len(found) < MAX_FINDINGS:
            return found
        calls = self.judge.calls(version.elements, edited=True)  # which ones are told rests on their order
        return self.judge.run(((one, self._of(group)) for one, group in calls), graph)

    def _of(self, group: Group) -> tuple[Rule, ...]:
        return group.cross_file if self._sees_graph else group.local

    def _held(self, version: _Version, changed: set[Question], shift: Shift | None) -> dict[int, _Entry]:
        """Return what holds of what was found, by where its section is now."""
        if shift is None:
            places = {Span(*place): entry for place, entry in self._kept.items()}
        else:
            moved = ((shift.moved(start, end), entry) for (start, end), entry in self._kept.items())
            places = {place: entry for place, entry in moved if place is not None}
        found: dict[int, _Entry] = {}
        for section in version.sections.sections:
            entry = places.get(Span(section.start, section.end))
            if entry is None or not _holds(entry, section, changed):
                continue
            now = entry if shift is None else self._moved(entry, section, shift, version.file)
            if now is not None:
                found[section.start] = now
        return found

    def _moved(self, entry: _Entry, section: Section, shift: Shift, file: SourceFile) -> _Entry | None:
        """Return what was found in a section, where it is now; None where it may be something else."""
        reads = entry.reads.moved(shift, file)
        if reads is None:
            return None
        found: list[_Told] = []
        for one, rule, at, number in entry.told:
            element = section.elements[at]
            now = one.moved(shift.moved, file, Span(element.start, element.end))
            if now is None:
                return None
            if one.offer:
                vars(now)["offer"] = Again(self.judge, self.late_graph, rule, element, number)
            found.append(_Told(now, rule, at, number))
        return _Entry(section, tuple(found), reads)

    def _renewed(self, sections: list[Section], version: _Version) -> dict[int, _Entry]:
        """Call the rules for some sections, and note what they read beyond these."""
        watch, found, hub = Watch(self._store), dict[int, _Entry](), version.sections
        calls = [version.calls(section) for section in sections]
        with watch.over(version.file, {}, (hub.hub, hub.names)):
            for section, called in zip(sections, calls, strict=True):
                reads = Reads()
                watch.begin(reads)
                told = tuple(self._told(section, called, reads, watch))
                reads.places = {place for place in reads.places if not _is_inside(place, section)}
                found[section.start] = _Entry(section, told, reads)
        return found

    def _told(self, section: Section, calls: _Calls, reads: Reads, watch: Watch) -> Iterator[_Told]:
        numbers = {element: number for number, element in enumerate(section.elements)}
        graph = watch.graph if self._sees_graph else None
        for element, group in calls:
            for rule in self._of(group):
                found, is_whole = self.judge.ask(rule, element, graph)
                reads.is_open |= not is_whole
                for number, one in enumerate(found):
                    offer = Again(self.judge, self.late_graph, rule, element, number)
                    told = one.offering(offer) if one.offer else one
                    yield _Told(told, rule, numbers[element], number)


def _holds(entry: _Entry, section: Section, changed: set[Question]) -> bool:
    """Say whether nothing is different beyond a section and the file."""
    reads = entry.reads
    is_the_same = entry.section.rests_on == section.rests_on
    return is_the_same and not reads.is_open and reads.asked.isdisjoint(changed)


def _is_inside(place: Span, section: Section) -> bool:
    return section.start <= place.start and place.end <= section.end
