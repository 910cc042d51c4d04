"""Stretches of an edited file that are looked at together: an element and those that lead to it.

A block that an edit only moved holds the same elements as before, and the same rules are called for them.
"""

from collections.abc import Sequence
from typing import TypeAlias

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.dispatch import profile_of
from rollsafe.engine.judging import Judge
from rollsafe.engine.shifting import Shift
from rollsafe.engine.values import Changed, changed_value
from rollsafe.formats.nodes import Node
from rollsafe.rules import Rule
from rollsafe.text.cached import cached_property
from rollsafe.text.tuples import NamedTuple

Place: TypeAlias = tuple[type[Element], int, int]
"""An element's type and bounds."""
Called: TypeAlias = tuple[tuple[int, tuple[Rule, ...]], ...]
"""Elements of a block by index, with the rules that are called for them."""


class Block:
    """An element and those that it holds.

    It lives as long as edits leave it as it is, or only move it: the elements and where it begins and ends
    are those of the newest version, and what is told here of the elements holds for those of all versions.
    `called` is what is called for its elements; `is_settled` says that no more is learned about them, so that
    it stays as it is.
    """

    __slots__ = ("_elements", "_profile", "called", "end", "head", "is_kept", "is_settled", "start")

    def __init__(self, head: Element, *, is_plain: bool) -> None:
        self.take(head)
        self.is_kept = is_plain and head.is_kept
        self._profile = (profile(head), _around(head)) if self.is_kept else ()
        self.called: Called = ()
        self.is_settled = False

    def take(self, head: Element) -> None:
        """Take the element of a newer version, which is the same."""
        self.head, self.start, self.end = head, head.start, head.end
        self._elements: Sequence[Element] | None = None

    def is_like(self, head: Element) -> bool:
        """Say whether an element with the same text, at the same place, is the same."""
        return head.is_kept and self._profile == (profile(head), _around(head))

    @property
    def elements(self) -> Sequence[Element]:
        """The elements, which some artefacts make when they are asked for."""
        if self._elements is None:
            self._elements = (self.head, *self.head.all_held)
        return self._elements

    @property
    def place(self) -> Place:
        """The type and the bounds of the first element, which are those of the block."""
        return type(self.head), self.start, self.end


class Growth(NamedTuple):
    """A block in which an edit changed one value; `old` is what it was before.

    `around` is what all elements were made with that may have cached something made of that value.
    """

    old: Block
    value: Changed
    around: dict[Element, dict[str, object]]


class Version:
    """A version of a file: its blocks, and what the edit that led to it moved.

    `same` are the blocks that the edit left as they were, each with where it began before; `gone` are those
    of the version before that are no more, as they were; `grown` are those in which it changed one value.
    """

    def __init__(self, artefact: Artefact, judge: Judge, before: "Version | None") -> None:
        self.file = artefact.file
        self.shift = Shift.between(before.file.text, self.file.text) if before is not None else None
        self.same: dict[Block, int] = {}
        self.blocks = self._blocks(artefact, before)
        self.gone = [old for old in before.blocks if old not in self.same] if before is not None else []
        self._bare: dict[Element, dict[str, object]] = {}
        self._find_calls(judge)
        self.grown: dict[Block, Growth] = {}
        self._is_sound = not artefact.problems
        if before is not None and self.shift is not None and self._is_sound and before._is_sound:
            self._find_grown(before, self.shift)

    def around(self, element: Element) -> dict[Element, dict[str, object]]:
        """Return what an element and those it leads to were made with."""
        leads = (element.holder, *(getattr(element, name) for name in type(element).follows))
        return {one: self._made_with(one) for one in (element, *leads) if isinstance(one, Element)}

    def _made_with(self, element: Element) -> dict[str, object]:
        known, name = self._bare.get(element), element.holds
        if known is None:
            return _given(element)
        return {**known, name: element.all_held} if name and name not in known else known

    def _blocks(self, artefact: Artefact, before: "Version | None") -> list[Block]:
        is_plain = type(self.file) is SourceFile
        known = self._moved(before) if before is not None and is_plain else {}
        blocks: list[Block] = []
        for head in artefact.heads:
            old = known.pop(place_of(head), None)
            if old is not None and old.is_like(head):
                self.same[old] = old.start
                old.take(head)
                blocks.append(old)
            else:
                blocks.append(Block(head, is_plain=is_plain))
        return blocks

    def _moved(self, before: "Version") -> dict[Place, Block]:
        """Return the blocks that the edit did not touch, by where their text is now."""
        shift = self.shift
        assert shift is not None
        found: dict[Place, Block] = {}
        for block in before.blocks:
            place = shift.moved(block.start, block.end) if block.is_kept else None
            if place is not None:
                found[type(block.head), place.start, place.end] = block
        return found

    def _find_grown(self, before: "Version", shift: Shift) -> None:
        """Find the blocks in which one value changed; those of one scope, such as containers, together."""
        old_ones = dict[Place, Block]()
        for old in self.gone if _is_in_lines(before.file, self.file, shift) else ():
            place = shift.grown(old.start, old.end) or shift.moved(old.start, old.end)
            if old.is_kept and place is not None:
                old_ones[type(old.head), place.start, place.end] = old
        scopes: dict[Node, list[Block]] = {}
        for block in self.blocks if old_ones else ():
            scope = block.head.told_by if block.is_kept and block not in self.same else None
            if scope is not None:
                scopes.setdefault(scope, []).append(block)
        for scope, blocks in scopes.items():
            value, around = None, {one: _given(one) for block in blocks for one in block.elements}
            for block in blocks:
                was = old_ones.get(block.place)
                if was is not None:
                    value = value or _changed_in(was.head, block.head, scope, shift)
                    if value is not None:
                        self.grown[block] = Growth(was, value, around)

    def _find_calls(self, judge: Judge) -> None:
        """Find what is called for the elements; what these were made with is noted before that is done."""
        todo = [block for block in self.blocks if not (block.is_settled and block in self.same)]
        groups = dict(judge.calls([one for block in todo for one in block.elements], edited=True))
        for block in todo:
            block.called = tuple(
                [(index, groups[one].rules) for index, one in enumerate(block.elements) if one in groups]
            )
            block.is_settled = block in self.same and judge.knows(block.elements)
        made = [one for block in todo if block.is_kept for one in block.elements]
        heads = [block.head for block in self.blocks if block.is_kept]
        self._bare = {one: vars(one).copy() for one in (*heads, *made)}


def place_of(element: Element) -> Place:
    """Return an element's type and bounds."""
    return type(element), element.start, element.end


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
