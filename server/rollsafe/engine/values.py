"""The one value of a document that an edit changed, and nothing else."""

from typing import Final

from rollsafe.engine.shifting import Shift
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple

_MOST: Final = 5_000
"""Nodes that are compared."""


class Changed(NamedTuple):
    """A value in the newer version of a tree; `was` is where it stood in the older one."""

    node: Scalar
    was: Span

    @property
    def place(self) -> Span:
        """Where it stands."""
        return Span(self.node.start, self.node.end)


def changed_value(old: Node, new: Node, shift: Shift) -> Changed | None:
    """Return the value in which two trees differ; None where they differ otherwise, or not at all.

    The edit has to lie within that value, in the older version and in the newer one.
    """
    pairs, found, left = [(old, new)], None, _MOST
    while pairs:
        one, other = pairs.pop()
        left -= 1
        if one.__class__ is not other.__class__ or not left:
            return None
        if isinstance(one, Scalar) and isinstance(other, Scalar):
            if _is_said(one) == _is_said(other):
                continue
            if found is not None or not _holds(one, other, shift):
                return None
            found = Changed(other, Span(one.start, one.end))
        elif not _is_built_alike(one, other, pairs):
            return None
    return found


def _is_said(node: Scalar) -> tuple[str, bool, str, str | None]:
    return node.text, node.plain, node.block, node.tag


def _holds(old: Scalar, new: Scalar, shift: Shift) -> bool:
    """Say whether all that was edited lies in a value."""
    same_start = old.start == new.start <= shift.low
    return same_start and shift.high <= old.end and new.end == old.end + shift.by


def _is_built_alike(one: Node, other: Node, pairs: list[tuple[Node, Node]]) -> bool:
    """Compare two containers but for the values in them, which are added to `pairs`."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        if (one.flow, one.tag, len(one.entries)) != (other.flow, other.tag, len(other.entries)):
            return False
        for mine, theirs in zip(one.entries, other.entries, strict=True):
            if not _is_same_key(mine.key, theirs.key):
                return False
            pairs.append((mine.value, theirs.value))
        return True
    if isinstance(one, Sequence) and isinstance(other, Sequence):
        pairs += zip(one.items, other.items, strict=False)
        return (one.flow, one.tag, len(one.items)) == (other.flow, other.tag, len(other.items))
    return False


def _is_same_key(one: Node, other: Node) -> bool:
    return isinstance(one, Scalar) and isinstance(other, Scalar) and _is_said(one) == _is_said(other)
