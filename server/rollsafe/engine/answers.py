"""What rules found in an element or a block of them, and what it rests on."""

from collections.abc import Iterator

from rollsafe.engine.blocks import Block, Called, Place, place_of
from rollsafe.engine.found import Found
from rollsafe.engine.reads import Reads
from rollsafe.rules import Rule
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.questions import Question


class Answer(NamedTuple):
    """What a rule found in an element.

    `leads_out` says that it rests on all of the text of the element's holder, `is_open` that it cannot be
    told when the rule finds something else.
    """

    rule: Rule
    found: tuple[Found, ...]
    asked: frozenset[Question]
    leads_out: bool
    is_open: bool


class Entry(NamedTuple):
    """What rules found in an element; `reads` is what all answers that are not open rest on.

    `telling` answers hold findings or are open, `silent` ones rest on what was asked or on the holder; the
    rules that are left find nothing in such an element, wherever it is. `readers` are the rules that look at
    the value that was edited last, which stands at `value`, counted from where the element begins.
    """

    rules: tuple[Rule, ...]
    profile: tuple[object, ...]
    telling: tuple[Answer, ...]
    silent: tuple[Answer, ...]
    reads: Reads
    value: Span | None
    readers: frozenset[str]


class Origin(NamedTuple):
    """Where in a block a finding comes from: which one of its rule's it is, in the element of that index.

    `is_alone` says that it stands in the block, and that nothing is related to it.
    """

    element: int
    which: int
    is_alone: bool


class Record(NamedTuple):
    """What is known of a block.

    `told`, with the `origins` of each, and `reads` are of the newest version, what lies in the block left out
    of `reads`; `entries`, and the `places` of the elements they are of, are as they were made, when the block
    began at `base`.
    """

    called: Called
    entries: tuple[Entry, ...]
    places: tuple[Place, ...]
    told: tuple[Found, ...]
    origins: tuple[Origin, ...]
    reads: Reads
    base: int
    is_moved: bool

    @classmethod
    def of(cls, block: Block, entries: tuple[Entry, ...]) -> "Record":
        """Return what is known of a block whose elements have just been looked at."""
        reads, whole = Reads(), block.place
        for entry in entries:
            reads.add(entry.reads)
        reads.places = {one for one in reads.places if not is_inside(one, whole)}
        told: list[Found] = []
        origins: list[Origin] = []
        for (element, _), entry in zip(block.called, entries, strict=True):
            for answer in entry.telling:
                told += answer.found
                for which, one in enumerate(answer.found):
                    is_alone = not one.related and is_inside(one.span, whole)
                    origins.append(Origin(element, which, is_alone))
        reads.is_open = any(answer.is_open for entry in entries for answer in entry.telling)
        places = tuple([place_of(block.elements[index]) for index, _ in block.called])
        known = (block.called, entries, places, tuple(told), tuple(origins))
        return cls(*known, reads, block.start, is_moved=False)

    def entries_of(self, block: Block, start: int) -> Iterator[tuple[int, Place, Entry]]:
        """Yield what is known of the elements of the block, where they are while it begins at `start`.

        What was read around the block may have moved otherwise; what rests on it is left out then.
        """
        by, told = start - self.base, iter(self.told)
        base = (block.place[0], self.base, self.base + block.end - block.start)
        for (index, _), (kind, first, last), entry in zip(
            self.called, self.places, self.entries, strict=True
        ):
            telling = tuple(
                one._replace(found=tuple([next(told) for _ in one.found])) for one in entry.telling
            )
            read = (*entry.reads.places, *entry.reads.lines)
            if not self.is_moved or all(is_inside(one, base) for one in read):
                known = entry._replace(telling=telling, reads=entry.reads.further(by))
                yield index, (kind, first + by, last + by), known


def is_inside(place: Span, whole: Place) -> bool:
    """Say whether a place is part of another one."""
    return whole[1] <= place.start and place.end <= whole[2]
