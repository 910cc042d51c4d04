"""Findings kept from one edit to the next.

Rules are pure, so a rule finds the same in an element as before while everything it looked at is the same:
the element's own text and profile, what it asked about the project, and what it read of the file. Where the
edit only moved these, the findings are moved. A rule that read what cannot be compared, such as the text of
the whole file, is called again. Fixes are written anew when somebody asks for them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.dispatch import profile_of
from rollsafe.engine.found import Found
from rollsafe.engine.judging import MAX_FINDINGS, Judge
from rollsafe.engine.reads import Reads, Watch
from rollsafe.engine.shifting import Shift
from rollsafe.rules import Fix, Rule
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph, GraphStore
from rollsafe.workspace.questions import Question

Calls: TypeAlias = Iterable[tuple[Element, tuple[Rule, ...]]]
_Place: TypeAlias = tuple[type[Element], int, int]
_NOTHING: Final = frozenset[Question]()


class _Answer(NamedTuple):
    """What a rule found in an element; `is_open` says that it cannot be told when it finds something else."""

    rule: Rule
    found: tuple[Found, ...]
    asked: frozenset[Question]
    is_open: bool


class _Entry(NamedTuple):
    """What rules found in an element; `reads` is what all answers that are not open rest on.

    `telling` answers hold findings or are open, `silent` ones rest on what was asked; the rules that are left
    find nothing in such an element, wherever it is. All of them rest on the text at `holder` as well.
    """

    rules: tuple[Rule, ...]
    profile: tuple[object, ...]
    telling: tuple[_Answer, ...]
    silent: tuple[_Answer, ...]
    reads: Reads
    holder: Span | None


class Version:
    """A version of a file: what its elements were made with, and what the edit that led to it moved."""

    def __init__(self, file: SourceFile, elements: Sequence[Element], before: "Version | None") -> None:
        self.file = file
        self.bare: dict[Element, dict[str, object]] = {}
        if type(file) is SourceFile:
            self.bare = {element: vars(element).copy() for element in elements if element.is_kept}
        self.shift = Shift.between(before.file.text, file.text) if before is not None else None

    def around(self, element: Element) -> dict[Element, dict[str, object]]:
        """Return what an element and those it leads to were made with."""
        leads = (element.holder, *(getattr(element, name) for name in type(element).follows))
        return {one: self.bare[one] for one in (element, *leads) if isinstance(one, Element)}


class Kept:
    """What is kept of a file that is being edited."""

    def __init__(self, version: Version, local: "_Memory", cross: "_Memory") -> None:
        self._version = version
        self._local = local
        self._cross = cross
        self._is_new = True

    @classmethod
    def after(cls, before: "Kept | None", artefact: Artefact, judge: Judge, store: GraphStore) -> "Kept":
        """Return what is kept after an edit; `before` is what was before it."""
        if before is None:
            memories = (_Memory(judge, store, sees_graph=sees) for sees in (False, True))
            return cls(Version(artefact.file, artefact.elements, None), *memories)
        version = Version(artefact.file, artefact.elements, before._version)
        return cls(version, before._local, before._cross)

    def local(self, calls: Calls) -> list[Found]:
        """Return what rules find that see one file."""
        return self._local.run(calls, self._version, set(), is_edited=True)

    def cross(self, calls: Calls, changed: set[Question]) -> tuple[list[Found], set[Question]]:
        """Return what rules find that see the project, and what they asked.

        `changed` are the questions whose answers may differ from those at the last run.
        """
        is_edited, self._is_new = self._is_new, False
        found = self._cross.run(calls, self._version, changed, is_edited=is_edited)
        return found, self._cross.asked


class _Memory:
    """What some rules, those that see the project or those that do not, found in the elements of one file."""

    def __init__(self, judge: Judge, store: GraphStore, *, sees_graph: bool) -> None:
        self.judge = judge
        self._store = store
        self._sees_graph = sees_graph
        self._kept: dict[_Place, _Entry] = {}
        self.asked: set[Question] = set()

    def run(self, calls: Calls, version: Version, changed: set[Question], *, is_edited: bool) -> list[Found]:
        """Return what rules find in a version of the file.

        `changed` are the questions whose answers may differ from those at the last run; `is_edited` says
        that this one was of the version before.
        """
        shift = version.shift if is_edited else None
        run = _Run(self, version, shift, changed)
        found: list[Found] = []
        for element, rules in calls:
            if rules:
                found += run.found(element, rules)
        self._kept, self.asked = run.kept, run.asked
        return found[:MAX_FINDINGS]

    def graph(self) -> Graph | None:
        """Return a fresh view of the project for rules that see it."""
        return Graph(self._store) if self._sees_graph else None

    def watch(self) -> Watch:
        """Return what notes what is asked and read."""
        return Watch(self._store)

    def places(self, shift: Shift | None) -> Mapping[_Place, _Entry]:
        """Return what was kept by where its elements are now; not those that an edit touched."""
        if shift is None:
            return self._kept
        moved = ((kind, shift.moved(start, end), kept) for (kind, start, end), kept in self._kept.items())
        return {(kind, place.start, place.end): kept for kind, place, kept in moved if place is not None}


class _Run:
    """One run of some rules over one version of a file."""

    def __init__(
        self, memory: _Memory, version: Version, shift: Shift | None, changed: set[Question]
    ) -> None:
        self._memory = memory
        self._judge = memory.judge
        self._version = version
        self._shift = shift
        self._changed = changed
        self._before = memory.places(shift)
        self._watch = memory.watch()
        self._graph = memory.graph()
        self._holders: dict[Element, Span] = {}
        self._places: dict[Span, Span | None] = {}
        self.kept: dict[_Place, _Entry] = {}
        self.asked: set[Question] = self._graph.asked if self._graph is not None else set()

    def found(self, element: Element, rules: tuple[Rule, ...]) -> Iterator[Found]:
        """Yield what rules find in an element, in their order."""
        if element not in self._version.bare:
            for rule in rules:
                yield from self._ask(rule, element)
            return
        kept = self._held(element, rules)
        if kept is None or not kept.reads.asked.isdisjoint(self._changed):
            kept = self._renewed(element, rules, kept)
        self.kept[type(element), element.start, element.end] = kept
        self.asked |= kept.reads.asked
        for answer in kept.telling:
            if answer.is_open:
                yield from self._ask(answer.rule, element)
            else:
                yield from answer.found

    def _ask(self, rule: Rule, element: Element) -> list[Found]:
        return self._judge.ask(rule, element, self._graph)[0]

    def _holds(self, answer: _Answer) -> bool:
        return answer.is_open or answer.asked.isdisjoint(self._changed)

    def _held(self, element: Element, rules: tuple[Rule, ...]) -> _Entry | None:
        """Return what was found in an element, where it is now; None where it may be something else."""
        kept = self._before.get((type(element), element.start, element.end))
        if kept is None or kept.rules is not rules or kept.profile != _profile(element):
            return None
        if self._shift is None:
            return kept
        holder = self._holder(element)
        if kept.holder is not None and self._now(kept.holder) != holder:
            return None
        reads = kept.reads.moved(self._shift, self._version.file)
        telling, subject = list[_Answer](), Span(element.start, element.end)
        for answer in kept.telling if reads is not None else ():
            moved = self._moved(answer, element, subject) if answer.found else answer
            if moved is None:
                return None
            telling.append(moved)
        if reads is None:
            return None
        return _Entry(rules, kept.profile, tuple(telling), kept.silent, reads, holder)

    def _holder(self, element: Element) -> Span | None:
        """Return the place of the element around one."""
        around = element.holder
        if around is None:
            return None
        found = self._holders.get(around)
        if found is None:
            found = self._holders[around] = Span(around.start, around.end)
        return found

    def _now(self, place: Span) -> Span | None:
        """Return where a place is now, several elements having it; None for one that the edit touches."""
        if place not in self._places:
            assert self._shift is not None
            self._places[place] = self._shift.moved(*place)
        return self._places[place]

    def _moved(self, answer: _Answer, element: Element, subject: Span) -> _Answer | None:
        assert self._shift is not None
        found: list[Found] = []
        for index, one in enumerate(answer.found):
            moved = one.moved(self._shift.moved, self._version.file, subject)
            if moved is None:
                return None
            if one.offer:
                vars(moved)["offer"] = _Again(self._memory, answer.rule, element, index)
            found.append(moved)
        return _Answer(answer.rule, tuple(found), answer.asked, answer.is_open)

    def _renewed(self, element: Element, rules: tuple[Rule, ...], kept: _Entry | None) -> _Entry:
        """Return what rules find; those whose answers hold are not called."""
        reads, known, todo = Reads(), dict[str, _Answer](), rules
        if kept is not None:
            answers = (*kept.telling, *kept.silent)
            known = {one.rule.name: one for one in answers if self._holds(one)}
            todo = tuple(one.rule for one in answers if one.rule.name not in known)
            reads.add(kept.reads)
            reads.asked = {question for one in known.values() for question in one.asked}
        known |= {one.rule.name: one for one in self._watched(element, todo, reads)}
        reads.places = {place for place in reads.places if not _is_inside(place, element)}
        ordered = [known[rule.name] for rule in rules if rule.name in known]
        telling = tuple(one for one in ordered if one.found or one.is_open)
        silent = tuple(one for one in ordered if one.asked and not one.found)
        return _Entry(rules, _profile(element), telling, silent, reads, self._holder(element))

    def _watched(self, element: Element, rules: Sequence[Rule], reads: Reads) -> Iterator[_Answer]:
        """Call rules and note in `reads` what they read.

        What one has cached the next may use, so it counts as read by all that follow; after a rule that read
        what cannot be compared, nothing cached is left.
        """
        rest, frame = iter(rules), element.frame
        if frame is not None:
            reads.told[frame.tell] = element.file.told(frame.tell)
        is_done = False
        while not is_done:
            is_done = True
            with self._watch.over(element.file, self._version.around(element), frame):
                self._watch.begin(reads)
                for rule in rest:
                    answer = self._called(rule, element, reads)
                    yield answer
                    if answer.is_open:
                        reads.is_open = is_done = False
                        break

    def _called(self, rule: Rule, element: Element, reads: Reads) -> _Answer:
        found, is_whole = self._judge.ask(rule, element, self._watch.graph if self._graph else None)
        if reads.is_open or not is_whole:
            return _Answer(rule, (), _NOTHING, is_open=True)
        asked = frozenset(reads.asked) if reads.asked else _NOTHING
        if not found:
            return _Answer(rule, (), asked, is_open=False)
        offered = tuple(
            one.offering(_Again(self._memory, rule, element, index)) if one.offer else one
            for index, one in enumerate(found)
        )
        return _Answer(rule, offered, asked, is_open=False)


class _Again:
    """Writes the fixes of a finding that was kept, by calling its rule once more."""

    __slots__ = ("_element", "_index", "_memory", "_rule")

    def __init__(self, memory: _Memory, rule: Rule, element: Element, index: int) -> None:
        self._memory, self._rule, self._element, self._index = memory, rule, element, index

    def __call__(self) -> tuple[Fix, ...]:
        found, _ = self._memory.judge.ask(self._rule, self._element, self._memory.graph())
        return found[self._index].fixes if self._index < len(found) else ()


def _is_inside(place: Span, element: Element) -> bool:
    return element.start <= place.start and place.end <= element.end


def _profile(element: Element) -> tuple[object, ...]:
    return (element.is_whole, *profile_of(element))
