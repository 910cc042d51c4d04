"""Stretches of an edited file that are looked at together: an element and those that lead to it.

A block that an edit only moved holds the same elements as before, and the same rules are called for them.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final, TypeAlias

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.dispatch import Group, profile_of
from rollsafe.engine.judging import Judge
from rollsafe.engine.shifting import Shift
from rollsafe.engine.values import Changed, changed_value
from rollsafe.formats.nodes import Node
from rollsafe.rules import Rule
from rollsafe.text.tuples import NamedTuple

Place: TypeAlias = tuple[type[Element], int, int]
"""An element's type and bounds."""
Called: TypeAlias = tuple[tuple[int, tuple[Rule, ...]], ...]
"""Elements of a block by index, with the rules that are called for them."""


class Calls(NamedTuple):
    """What is called for the elements of a block.

    `is_settled` says that no more is learned about the elements, so that it stays as it is.
    """

    local: Called
    cross_file: Called
    is_settled: bool


_NO_CALLS: Final = Calls((), (), is_settled=False)


class Block:
    """An element and those whose `holder` it is.

    What is told of them here outlasts the elements, which are emptied when their file is read again.
    """

    __slots__ = ("_profile", "calls", "elements", "end", "is_kept", "places", "start")

    def __init__(self, elements: Sequence[Element], *, is_plain: bool) -> None:
        head = elements[0]
        self.elements = elements
        self.start, self.end = head.start, head.end
        self.is_kept = is_plain and head.is_kept
        self.places: tuple[Place, ...] = tuple([(type(one), one.start, one.end) for one in elements])
        self._profile = (profile(head), _around(head)) if self.is_kept else ()
        self.calls = _NO_CALLS

    def is_like(self, other: "Block") -> bool:
        """Say whether two blocks with the same text are the same."""
        return self._profile == other._profile and len(self.places) == len(other.places)


class Growth(NamedTuple):
    """A block in which an edit changed one value; `old` is what it was before.

    `around` is what all elements were made with that may have cached something made of that value.
    """

    old: Block
    value: Changed
    around: dict[Element, dict[str, object]]


class Version:
    """A version of a file: its blocks, and what the edit that led to it moved.

    `same` are the blocks that the edit left as they were, each with what it was before; `grown` those in
    which it changed one value.
    """

    def __init__(self, artefact: Artefact, judge: Judge, before: "Version | None") -> None:
        self.file = artefact.file
        is_plain = type(self.file) is SourceFile
        self.blocks = [Block(one, is_plain=is_plain) for one in _together(artefact.elements)]
        self.shift = Shift.between(before.file.text, self.file.text) if before is not None else None
        self.same: dict[Block, Block] = {}
        if before is not None and self.shift is not None:
            self._compare(before.blocks, self.shift)
        self._find_calls(judge)
        kept = (element for block in self.blocks if block.is_kept for element in block.elements)
        self.bare = {element: vars(element).copy() for element in kept}
        self.grown: dict[Block, Growth] = {}
        self._is_sound = not artefact.problems
        if before is not None and self.shift is not None and self._is_sound and before._is_sound:
            self._find_grown(before, self.shift)

    def around(self, element: Element) -> dict[Element, dict[str, object]]:
        """Return what an element and those it leads to were made with."""
        leads = (element.holder, *(getattr(element, name) for name in type(element).follows))
        return {one: self.bare[one] for one in (element, *leads) if isinstance(one, Element)}

    def _compare(self, before: Iterable[Block], shift: Shift) -> None:
        moved = ((block, shift.moved(block.start, block.end)) for block in before if block.is_kept)
        known = {
            (block.places[0][0], place.start, place.end): block for block, place in moved if place is not None
        }
        for block in self.blocks:
            old = known.get(block.places[0]) if block.is_kept else None
            if old is not None and block.is_like(old):
                self.same[block] = old

    def _find_grown(self, before: "Version", shift: Shift) -> None:
        """Find the blocks in which one value changed; those of one scope, such as containers, together."""
        left, old_ones = set(self.same.values()), dict[Place, Block]()
        for old in before.blocks if _is_in_lines(before.file, self.file, shift) else ():
            place = shift.grown(old.start, old.end) or shift.moved(old.start, old.end)
            if old.is_kept and old not in left and place is not None:
                old_ones[old.places[0][0], place.start, place.end] = old
        scopes: dict[Node, list[Block]] = {}
        for block in self.blocks if old_ones else ():
            scope = block.elements[0].told_by if block.is_kept and block not in self.same else None
            if scope is not None:
                scopes.setdefault(scope, []).append(block)
        for scope, blocks in scopes.items():
            value, around = None, {one: _given(one) for block in blocks for one in block.elements}
            for block in blocks:
                was = old_ones.get(block.places[0])
                if was is not None:
                    value = value or _changed_in(was.elements[0], block.elements[0], scope, shift)
                    if value is not None:
                        self.grown[block] = Growth(was, value, around)

    def _find_calls(self, judge: Judge) -> None:
        todo: list[Block] = []
        for block in self.blocks:
            old = self.same.get(block)
            if old is not None and old.calls.is_settled:
                block.calls = old.calls
            else:
                todo.append(block)
        groups = dict(judge.calls([one for block in todo for one in block.elements], edited=True))
        for block in todo:
            is_settled = block in self.same and judge.knows(block.elements)
            block.calls = _calls_of(block.elements, groups, is_settled=is_settled)


def profile(element: Element) -> tuple[object, ...]:
    """Return what has to be the same of an element besides its place, so that the same is found in it."""
    return (element.is_whole, *profile_of(element))


def _around(element: Element) -> object:
    frame = element.frame
    return None if frame is None else element.file.told(frame.tell)


def _changed_in(old: Element, new: Element, scope: Node, shift: Shift) -> Changed | None:
    was = old.told_by if old.is_whole == new.is_whole else None
    return changed_value(was, scope, shift) if was is not None else None


def _given(element: Element) -> dict[str, object]:
    """Return what an element was made of, without what anybody has cached."""
    kind = type(element)
    return {
        name: value
        for name, value in vars(element).items()
        if not isinstance(getattr(kind, name, None), cached_property)
    }


def _is_in_lines(old: SourceFile, new: SourceFile, shift: Shift) -> bool:
    """Say whether all lines of the newer text were there before, and no other."""
    taken, put = old.text[shift.low : shift.high], new.text[shift.low : shift.high + shift.by]
    return not any(end in text for end in "\r\n" for text in (taken, put))


def _together(elements: Iterable[Element]) -> Iterator[list[Element]]:
    """Yield elements with those after them whose holder they are."""
    together: list[Element] = []
    for element in elements:
        holder = element.holder
        if together and holder is together[0]:
            together.append(element)
            continue
        if together:
            yield together
        together = [element]
    if together:
        yield together


def _calls_of(elements: Sequence[Element], groups: dict[Element, Group], *, is_settled: bool) -> Calls:
    found = [(index, groups[one]) for index, one in enumerate(elements) if one in groups]
    local = tuple((index, group.local) for index, group in found if group.local)
    cross_file = tuple((index, group.cross_file) for index, group in found if group.cross_file)
    return Calls(local, cross_file, is_settled)
