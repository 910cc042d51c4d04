"""Findings kept from one edit to the next.

Rules are pure, so a rule finds the same in an element as before while everything it looked at is the same:
the element's own text and profile, what it asked about the project, and what it read of the file. Where the
edit only moved these, the findings are moved, for a whole block of elements at once where it can be. A rule
that read what cannot be compared, such as the text of the whole file, is called again. Fixes are written
anew when somebody asks for them.

While somebody types, one value of a document changes at a time. Where nothing else did, the rules are called
for the document that looked at this value when it was edited before; to the others it is the same.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.engine.answers import Answer, Entry, Record, is_inside
from rollsafe.engine.asking import Asking
from rollsafe.engine.blocks import Block, Growth, Place, Version, place_of, profile
from rollsafe.engine.found import Found, moved_related
from rollsafe.engine.judging import MAX_FINDINGS, Judge
from rollsafe.engine.reads import Reads, Watch
from rollsafe.engine.selection import is_cross_file
from rollsafe.engine.shifting import Shift
from rollsafe.rules import Rule
from rollsafe.text import Span
from rollsafe.workspace.graph import Graph, GraphStore
from rollsafe.workspace.questions import Question

_NOWHERE: Final = Span(0, 0)


class Kept:
    """What is kept of a file that is being edited."""

    def __init__(self, version: Version, memory: "_Memory") -> None:
        self._version = version
        self._memory = memory
        self._is_new = True

    @classmethod
    def after(cls, before: "Kept | None", artefact: Artefact, judge: Judge, store: GraphStore) -> "Kept":
        """Return what is kept after an edit; `before` is what was before it."""
        if before is None or before._is_new:
            return cls(Version(artefact, judge, None), _Memory(judge, store))
        return cls(Version(artefact, judge, before._version), before._memory)

    def found(self, changed: set[Question]) -> tuple[list[Found], set[Question]]:
        """Return what rules find, and what they asked about the project.

        `changed` are the questions whose answers may differ from those at the last run.
        """
        is_edited, self._is_new = self._is_new, False
        found = self._memory.run(self._version, changed, is_edited=is_edited)
        return found, self._memory.asked

    @property
    def asked_late(self) -> set[Question]:
        """What was asked since then, to write fixes."""
        return self._memory.asked_late

    @property
    def is_settled(self) -> bool:
        """Whether no more is learned about elements that stay as they are."""
        judge = self._memory.judge
        return all(block.is_settled or judge.knows(block.elements) for block in self._version.blocks)


class _Memory:
    """What rules found in the elements of one file."""

    def __init__(self, judge: Judge, store: GraphStore) -> None:
        self.judge = judge
        self.store = store
        self.kept: dict[Block, Record] = {}
        self.asked: set[Question] = set()
        self.asked_late: set[Question] = set()
        self.looking_out: set[str] = set()
        """Names of rules that looked at more than elements tell by themselves; they are called last."""

    def run(self, version: Version, changed: set[Question], *, is_edited: bool) -> list[Found]:
        """Return what rules find in a version of the file.

        `changed` are the questions whose answers may differ from those at the last run; `is_edited` says
        that this one was of the version before.
        """
        if not self.asked_late.isdisjoint(changed):
            self.kept.clear()
            self.asked_late.clear()
        run = _Run(self, version, changed, is_edited=is_edited)
        found: list[Found] = []
        for block in version.blocks:
            found += run.found(block)
        for block in version.gone if is_edited else ():
            self.kept.pop(block, None)
        self.asked = run.asked
        return found if len(found) <= MAX_FINDINGS else _first(found)

    def late_graph(self) -> Graph:
        """Return a view of the project for writing fixes."""
        graph = Graph(self.store)
        graph.asked = self.asked_late
        return graph


def _first(found: list[Found]) -> list[Found]:
    """Return as many findings as are kept, of rules that see one file and of those that see the project."""
    split = [[one for one in found if is_cross_file(one.rule) is sees] for sees in (False, True)]
    return [one for some in split for one in some[:MAX_FINDINGS]]


class _Run:
    """One run of some rules over one version of a file."""

    def __init__(self, memory: _Memory, version: Version, changed: set[Question], *, is_edited: bool) -> None:
        self._judge = memory.judge
        self._version = version
        self._shift = version.shift if is_edited else None
        self._changed = changed
        self._kept = memory.kept
        self._graph = Graph(memory.store)
        self._asking = Asking(memory.judge, Watch(memory.store), memory.late_graph, memory.looking_out)
        self._loose: dict[Place, Entry] | None = None
        self.asked: set[Question] = self._graph.asked

    def found(self, block: Block) -> Sequence[Found]:
        """Return what rules find in the elements of a block, in their order."""
        if not block.called:
            return ()
        if not block.is_kept:
            return [
                one
                for index, rules in block.called
                for rule in rules
                for one in self._ask(rule, block.elements[index])
            ]
        record = self._carried(block)
        if record is None:
            record = self._judged(block)
        self._kept[block] = record
        if record.reads.asked:
            self.asked |= record.reads.asked
        if record.reads.is_open:
            return list(self._with_open(block, record))
        return record.told

    def _with_open(self, block: Block, record: Record) -> Iterator[Found]:
        for (index, _), entry in zip(record.called, record.entries, strict=True):
            for answer in entry.telling:
                if answer.is_open:
                    yield from self._ask(answer.rule, block.elements[index])
                else:
                    yield from answer.found

    def _ask(self, rule: Rule, element: Element) -> list[Found]:
        return self._judge.ask(rule, element, self._graph)[0]

    # -- a block as a whole

    def _carried(self, block: Block) -> Record | None:
        """Return what was found in a block, where it is now; None where it may be something else."""
        before, shift = self._kept.get(block), self._shift
        if before is None or before.called != block.called or before.reads.is_open:
            return None
        if not before.reads.asked.isdisjoint(self._changed):
            return None
        if shift is None:
            return before
        reads = before.reads.moved(shift, self._version.file)
        if reads is None:
            return None
        if not before.told and before.is_moved and reads is before.reads:
            return before
        told = self._all_moved(before, block, shift)
        if told is None:
            return None
        called, entries, places, _, origins, _, base, _ = before
        return Record(called, entries, places, told, origins, reads, base, is_moved=True)

    def _all_moved(self, before: Record, block: Block, shift: Shift) -> tuple[Found, ...] | None:
        """Return the findings of a block that the edit left alone; None where the place of one is no more."""
        file, anew = self._version.file, self._asking.anew_within(block.head)
        by, last, subject = block.start - self._version.same[block], -1, _NOWHERE
        told: list[Found] = []
        for one, (at, index, is_alone) in zip(before.told, before.origins, strict=True):
            if at != last:
                last, subject = at, one.subject.further(by)
            offer = partial(anew, one.rule, at, index) if one.offer else ()
            if is_alone:
                told.append(one.carried(file, by, subject, offer))
                continue
            moved = one.moved(shift.moved, file, subject)
            if moved is None:
                return None
            vars(moved)["offer"] = offer
            told.append(moved)
        return tuple(told)

    def _moved(self, one: Found, subject: Span, rule: Rule, element: Element, index: int) -> Found | None:
        assert self._shift is not None
        moved = one.moved(self._shift.moved, self._version.file, subject)
        if moved is not None and one.offer:
            vars(moved)["offer"] = self._asking.anew(rule, element, index)
        return moved

    # -- the elements of a block, one by one

    def _judged(self, block: Block) -> Record:
        """Return what is found in a block, looking at its elements one by one."""
        growth = self._version.grown.get(block) if self._shift is not None else None
        if growth is not None:
            return Record.of(block, tuple([self._grown(block, *one, growth) for one in block.called]))
        before, entries = self._entries_before(block), list[Entry]()
        is_same = self._shift is None or block in self._version.same
        for index, rules in block.called:
            element = block.elements[index]
            entry = before.get(place_of(element))
            kept = self._held(element, rules, entry) if entry is not None else None
            if kept is None or not self._holds(kept, is_same=is_same):
                kept = self._renewed(element, rules, kept, is_same=is_same)
            entries.append(kept)
        return Record.of(block, tuple(entries))

    def _entries_before(self, block: Block) -> dict[Place, Entry]:
        """Return what was known of elements before, by where these are now."""
        record = self._kept.get(block)
        if record is not None:
            by = 0 if self._shift is None else block.start - self._version.same[block]
            return {
                (kind, start + by, end + by): entry
                for _, (kind, start, end), entry in record.entries_of(block, block.start - by)
            }
        if self._loose is None:
            self._loose = dict(self._entries_left()) if self._shift is not None else {}
        return self._loose

    def _entries_left(self) -> Iterator[tuple[Place, Entry]]:
        """Yield what was known of elements whose blocks are not the same any more."""
        shift = self._shift
        assert shift is not None
        for block in self._version.gone:
            record = self._kept.get(block)
            entries = record.entries_of(block, block.start) if record is not None else ()
            for _, (kind, start, end), entry in entries:
                place = shift.moved(start, end)
                if place is not None:
                    yield (kind, place.start, place.end), entry

    def _held(self, element: Element, rules: tuple[Rule, ...], kept: Entry) -> Entry | None:
        """Return what was found in an element, where it is now; None where it may be something else."""
        if kept.rules is not rules or kept.profile != profile(element):
            return None
        if self._shift is None:
            return kept
        reads = kept.reads.moved(self._shift, self._version.file)
        if reads is None:
            return None
        telling, subject = list[Answer](), Span(element.start, element.end)
        for answer in kept.telling:
            found = list[Found]()
            for index, one in enumerate(answer.found):
                moved = self._moved(one, subject, answer.rule, element, index)
                if moved is None:
                    return None
                found.append(moved)
            telling.append(answer._replace(found=tuple(found)))
        return kept._replace(telling=tuple(telling), reads=reads)

    def _holds(self, entry: Entry, *, is_same: bool) -> bool:
        answers = (*entry.telling, *entry.silent)
        return all(self._is_so_still(one, is_same=is_same) for one in answers)

    def _is_so_still(self, answer: Answer, *, is_same: bool) -> bool:
        """Say whether an answer holds where `is_same` tells whether the holder is the same."""
        if answer.is_open:
            return True
        return (is_same or not answer.leads_out) and answer.asked.isdisjoint(self._changed)

    def _renewed(
        self,
        element: Element,
        rules: tuple[Rule, ...],
        kept: Entry | None,
        *,
        is_same: bool,
        growth: Growth | None = None,
    ) -> Entry:
        """Return what rules find; those whose answers hold are not called."""
        reads, known, todo = Reads(), dict[str, Answer](), rules
        readers, value = set[str](), None
        if kept is not None:
            answers, value = (*kept.telling, *kept.silent), kept.value
            known = {one.rule.name: one for one in answers if self._is_so_still(one, is_same=is_same)}
            names = {one.rule.name for one in answers}.difference(known)
            if growth is not None:
                names |= kept.readers
            todo = tuple(rule for rule in rules if rule.name in names)
            readers.update(kept.readers)
            reads.add(kept.reads)
            reads.asked = {question for one in known.values() for question in one.asked}
        bare = growth.around if growth is not None else self._version.around(element)
        edited = growth.value.node if growth is not None else None
        for one in self._asking.answers(element, todo, reads, bare, edited, frozenset(readers)):
            known[one.rule.name] = one
            # Where the value is the same, nobody watches whether it is read.
            if not one.is_open and (reads.of_value or (growth is None and value is not None)):
                readers.add(one.rule.name)
        whole = (type(element), element.start, element.end)
        reads.places = {place for place in reads.places if not is_inside(place, whole)}
        ordered = [known[rule.name] for rule in rules if rule.name in known]
        telling = tuple(one for one in ordered if one.found or one.is_open)
        silent = tuple(one for one in ordered if (one.asked or one.leads_out) and not one.found)
        if growth is not None:
            value = _inside(growth.value.place, element.start)
        return Entry(rules, profile(element), telling, silent, reads, value, frozenset(readers))

    # -- an element in which one value changed

    def _grown(self, block: Block, index: int, rules: tuple[Rule, ...], growth: Growth) -> Entry:
        """Return what is found in an element; rules that did not look at the value are not called."""
        kept = self._kept_beside(block.elements[index], index, rules, growth)
        return self._renewed(block.elements[index], rules, kept, is_same=False, growth=growth)

    def _kept_beside(
        self, element: Element, index: int, rules: tuple[Rule, ...], growth: Growth
    ) -> Entry | None:
        """Return what rules found that did not look at the value, where it is now; None if nobody knows."""
        old, shift = growth.old, self._shift
        record = self._kept.get(old)
        entries = record.entries_of(old, old.start) if record is not None else ()
        start, kept = next(((place[1], one) for at, place, one in entries if at == index), (0, None))
        if kept is None or shift is None or kept.rules is not rules:
            return None
        reads = kept.reads.moved(shift, self._version.file)
        if reads is None or kept.value != _inside(growth.value.was, start):
            return None
        telling, readers = list[Answer](), set(kept.readers)
        for answer in kept.telling:
            found = self._moved_beside(answer, element, growth.value.was, shift)
            if found is None:
                readers.add(answer.rule.name)
            elif answer.rule.name not in readers:
                telling.append(answer._replace(found=found))
        silent = tuple(one for one in kept.silent if one.rule.name not in readers)
        return kept._replace(telling=tuple(telling), silent=silent, reads=reads, readers=frozenset(readers))

    def _moved_beside(
        self, answer: Answer, element: Element, value: Span, shift: Shift
    ) -> tuple[Found, ...] | None:
        """Return findings where they are now; None where the end of one may have moved with the value."""
        subject, file, moved = Span(element.start, element.end), self._version.file, list[Found]()
        for index, one in enumerate(answer.found):
            places = (one.span, *(Span.of(other.where) for other in one.related if other.file is one.file))
            if any(value.touches(place) for place in places):
                return None
            place, related = shift.moved(*one.span), moved_related(one, shift.moved, file)
            if place is None or related is None:
                return None
            offer = self._asking.anew(answer.rule, element, index) if one.offer else ()
            moved.append(one.placed(file, place, subject, related, offer))
        return tuple(moved)


def _inside(place: Span, start: int) -> Span:
    """Return a place, counted from where an element begins."""
    return Span(place.start - start, place.end - start)
