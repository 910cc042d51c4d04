"""Findings of whole sections kept from one edit to the next.

Some files stand in sections, such as the stages of a Dockerfile: out of its own text, an element in one leads
to nothing but what the section says it rests on. While both are the same, and what rules read of the file and
asked of the project beyond them, so is everything found there. It is moved, and no rule is even chosen. A
rule that read more than that is called at every edit. See `keeping` for what is kept element by element.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from typing import Final, TypeAlias

from rollsafe.artefacts.base import Artefact, Element, Section, Sections
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.again import again
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

_ASKED_ANEW: Final = 32
"""So many runs apart, what nobody asks any more is forgotten."""

_OfHub: TypeAlias = tuple[Callable[..., object], tuple[Hashable, ...]]
_Calls: TypeAlias = list[tuple[Element, Group]]


class _Answer(NamedTuple):
    """What a rule found in the element of a section with that number.

    `is_open` says that it read something of which cannot be told when it is different.
    """

    rule: Rule
    element: int
    found: tuple[Found, ...]
    asked: frozenset[Question]
    is_open: bool


class _Entry(NamedTuple):
    """What is found in a section: answers with findings, open ones, and those that rest on what was asked.

    `reads` is what all that are not open rest on beyond the section and what they asked.
    """

    answers: tuple[_Answer, ...]
    reads: Reads
    asked: frozenset[Question]
    is_open: bool
    finds: bool
    is_still: bool
    """Whether there is nothing in it that an edit elsewhere may move or change."""


_NOTHING = _Entry((), Reads(), frozenset(), is_open=False, finds=False, is_still=True)


class _Alike(NamedTuple):
    """Which sections of two versions are the same: so many first ones, and last ones, but for some."""

    first: int
    last: int
    but: tuple[int, ...]

    @classmethod
    def of(cls, old: Sequence[Section], new: Sequence[Section], shift: Shift) -> "_Alike":
        """Compare the sections that an edit left alone; `but` are those that rest on something else now."""
        low, high, by = shift
        first = 0
        for one, other in zip(old, new, strict=False):
            if one.start != other.start or one.end != other.end or one.end > low or one.start == low:
                break
            first += 1
        last, most = 0, min(len(old), len(new)) - first
        for one, other in zip(reversed(old), reversed(new), strict=False):
            is_moved = one.start + by == other.start and one.end + by == other.end
            if last == most or not is_moved or one.start < high or one.end == high:
                break
            last += 1
        counted = (*range(first), *range(len(new) - last, len(new)))
        more = len(old) - len(new)
        but = [at for at in counted if old[at if at < first else at + more].rests_on != new[at].rests_on]
        return cls(first, last, tuple(but))


class _Version:
    """A version of a file in sections; rules are chosen for those elements only that are looked at."""

    def __init__(
        self, artefact: Artefact, sections: Sections, judge: Judge, before: "_Version | None"
    ) -> None:
        self.file = artefact.file
        self.elements = artefact.elements
        self.sections = sections
        self.is_merged = judge.is_merged(sections.hub)
        self.number = 0
        self.shift: Shift | None = None
        self.alike = _Alike(0, 0, ())
        if before is not None:
            self.number = before.number + 1
            self.shift = Shift.between(before.file.text, self.file.text)
            self.alike = _Alike.of(before.sections.sections, sections.sections, self.shift)
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
        self._own: list[Found] = []
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
        version = _Version(artefact, sections, judge, before._version)
        return cls(version, before._local, before._cross)

    def found(self, changed: set[Question]) -> tuple[list[Found], set[Question]]:
        """Return what rules find, and what those asked that see the project.

        `changed` are the questions whose answers may differ from those at the last run.
        """
        is_edited, self._is_new = self._is_new, False
        if is_edited:
            self._own = self._local.run(self._version, set(), is_edited=True)
        found = self._cross.run(self._version, changed, is_edited=is_edited)
        return self._own + found, self._cross.asked

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
        self._kept: list[_Entry] = []
        """By section of the version of that number."""
        self._number = -1
        self._asked: set[Question] = set()
        self._runs = 0
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

    def watch(self) -> Watch:
        """Return what notes what is asked and read."""
        return Watch(self._store)

    def run(self, version: _Version, changed: set[Question], *, is_edited: bool) -> list[Found]:
        """Return what rules find in a version of the file; see `KeptSections.found`."""
        graph, sections = self.graph(), version.sections
        if not self.asked_late.isdisjoint(changed):
            self.asked_late.clear()
        all_rest_on = (*sections.all_rest_on, version.is_merged)
        if all_rest_on != self._all_rest_on:
            self._kept, self._all_rest_on = [], all_rest_on
        found = self.judge.run(((one, self._of(group)) for one, group in version.loose), graph)
        self.asked = graph.asked if graph is not None else set()
        held = self._held(version, version.shift if is_edited else None)
        self._kept = self._renewed(held, version, changed, is_edited=is_edited)
        self._number = version.number
        self.asked |= self._asked_in(held)
        for entry in self._kept:
            if entry.finds:
                for answer in entry.answers:
                    found += answer.found
        if len(found) < MAX_FINDINGS:
            return found
        calls = self.judge.calls(version.elements, edited=True)  # which ones are told rests on their order
        return self.judge.run(((one, self._of(group)) for one, group in calls), graph)

    def _asked_in(self, held: list[_Entry | None]) -> set[Question]:
        """Return what was asked for all sections, with some that was asked for what they were a while ago."""
        self._runs += 1
        if self._runs % _ASKED_ANEW == 0 or not held:
            self._asked = set().union(*[entry.asked for entry in self._kept if entry.asked])
            return self._asked
        for before, entry in zip(held, self._kept, strict=True):
            if entry is not before and entry.asked:
                self._asked |= entry.asked
        return self._asked

    def _of(self, group: Group) -> tuple[Rule, ...]:
        return group.cross_file if self._sees_graph else group.local

    def _held(self, version: _Version, shift: Shift | None) -> list[_Entry | None]:
        """Return what was found in the sections that are the same, None for the others."""
        kept, sections = self._kept, version.sections.sections
        if shift is None:
            is_known = len(kept) == len(sections) and self._number == version.number
            return [_rewritten(entry) for entry in kept] if is_known else [None] * len(sections)
        if not kept or self._number != version.number - 1:
            return [None] * len(sections)
        first, last, but = version.alike
        between: list[_Entry | None] = [None] * (len(sections) - first - last)
        held = [*kept[:first], *between, *kept[len(kept) - last :]]
        for at in but:
            held[at] = None
        same = dict[object, bool]()
        for at, entry in enumerate(held):
            if entry is not None and not entry.is_still:
                held[at] = self._moved(entry, sections[at], version, shift, same)
        return held

    def _moved(
        self, entry: _Entry, section: Section, version: _Version, shift: Shift, same: dict[object, bool]
    ) -> _Entry | None:
        """Return what was found in a section, where it is now; None where it may be something else."""
        hub, file = version.sections.hub, version.file
        for told, known in entry.reads.of_hub.items():
            if not _is_same(hub, told, known, same):
                return None
        reads = entry.reads.moved(shift, file)
        if reads is None:
            return None
        if not entry.finds:
            return entry if reads is entry.reads else entry._replace(reads=reads)
        found: list[_Answer] = []
        for answer in entry.answers:
            if answer.is_open or not answer.found:
                found.append(answer)
                continue
            moved = self._answer_moved(answer, section, shift, file)
            if moved is None:
                return None
            found.append(moved)
        return _Entry(tuple(found), reads, entry.asked, entry.is_open, finds=True, is_still=False)

    def _answer_moved(
        self, answer: _Answer, section: Section, shift: Shift, file: SourceFile
    ) -> _Answer | None:
        element, found = section.elements[answer.element], list[Found]()
        subject = Span(element.start, element.end)
        for number, one in enumerate(answer.found):
            now = one.moved(shift.moved, file, subject)
            if now is None:
                return None
            if one.offer:
                vars(now)["offer"] = partial(again, self.judge, self.late_graph, answer.rule, element, number)
            found.append(now)
        return _Answer(answer.rule, answer.element, tuple(found), answer.asked, is_open=False)

    def _renewed(
        self, held: list[_Entry | None], version: _Version, changed: set[Question], *, is_edited: bool
    ) -> list[_Entry]:
        """Return what is found: rules are called where nothing is held, or the answer may be another now."""
        sections = version.sections.sections
        found = [_NOTHING if entry is None else entry for entry in held]
        todo: list[tuple[int, _Calls]] = []
        for at, entry in enumerate(held):
            if entry is None:
                todo.append((at, version.calls(sections[at])))
            elif (entry.is_open and is_edited) or not entry.asked.isdisjoint(changed):
                todo.append((at, []))
        if not todo:
            return found
        asking, hub = _Asking(self), (version.sections.hub, version.sections.names)
        with asking.watch.over(version.file, {}, hub):
            for at, calls in todo:
                entry = held[at]
                if entry is None:
                    called = ((rule, one) for one, group in calls for rule in self._of(group))
                    found[at] = asking.all_of(sections[at], called)
                else:
                    found[at] = asking.again(sections[at], entry, changed, is_edited=is_edited)
        return found


class _Asking:
    """Calls rules and notes what they read, beyond the section that they are called for."""

    def __init__(self, memory: _Memory) -> None:
        self._memory = memory
        self.watch = memory.watch()
        self._graph = self.watch.graph if memory.graph() is not None else None
        self._bare: dict[Element, dict[str, object]] = {}

    def all_of(self, section: Section, calls: Iterable[tuple[Rule, Element]]) -> _Entry:
        """Return what rules find in a section."""
        numbers = {element: number for number, element in enumerate(section.elements)}
        reads = Reads()
        self._begin(section)
        answers = [self._answer(rule, numbers[one], section, reads) for rule, one in calls]
        return _entry(section, answers, reads)

    def again(self, section: Section, entry: _Entry, changed: set[Question], *, is_edited: bool) -> _Entry:
        """Return what is found in a section but for what is open or asked for `changed` as known."""
        reads = Reads()
        reads.add(entry.reads)
        self._begin(section)
        answers = [
            self._answer(one.rule, one.element, section, reads)
            if (one.is_open and is_edited) or not one.asked.isdisjoint(changed)
            else one
            for one in entry.answers
        ]
        return _entry(section, answers, reads)

    def _begin(self, section: Section) -> None:
        self._bare = {one: vars(one).copy() for one in (*section.elements, *section.below)}

    def _answer(self, rule: Rule, number: int, section: Section, reads: Reads) -> _Answer:
        """Call a rule; after one that is open all that is cached is taken away, since it may have made it."""
        own, element = Reads(), section.elements[number]
        self.watch.begin(own)
        found, is_whole = self._memory.judge.ask(rule, element, self._graph)
        asked, is_open = frozenset(own.asked), own.is_open or not is_whole
        if is_open:
            for one, attributes in self._bare.items():
                one.__dict__ = attributes.copy()
        else:
            own.asked = set()
            reads.add(own)
        anew = partial(again, self._memory.judge, self._memory.late_graph, rule, element)
        offered = (one.offering(partial(anew, at)) if one.offer else one for at, one in enumerate(found))
        return _Answer(rule, number, tuple(offered), asked, is_open)


def _entry(section: Section, answers: Iterable[_Answer], reads: Reads) -> _Entry:
    kept = tuple([one for one in answers if one.found or one.asked or one.is_open])
    asked = frozenset[Question]().union(*(one.asked for one in kept))
    reads.places = {place for place in reads.places if not _is_inside(place, section)}
    is_open, finds = (any(one.is_open for one in kept), any(one.found for one in kept))
    is_still = not (finds or reads.places or reads.lines or reads.told or reads.of_hub)
    return _Entry(kept, reads, asked, is_open, finds, is_still)


def _rewritten(entry: _Entry) -> _Entry:
    """Return the same with fixes that are written anew: they may ask for more than what is found rests on."""
    if not entry.finds or not any("fixes" in vars(one) for answer in entry.answers for one in answer.found):
        return entry
    answers = tuple(
        [
            one._replace(
                found=tuple([each.offering(each.offer) if each.offer else each for each in one.found])
            )
            for one in entry.answers
        ]
    )
    return entry._replace(answers=answers)


def _is_same(hub: Element, told: _OfHub, known: object, same: dict[object, bool]) -> bool:
    """Say whether a hub tells what it told; `same` are the answers by now, which hold for all sections."""
    found = same.get(told)
    if found is None:
        found = same[told] = hub.tells(told[0], *told[1]) == known
    return found


def _is_inside(place: Span, section: Section) -> bool:
    return section.start <= place.start and place.end <= section.end
