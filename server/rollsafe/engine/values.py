"""The one value of a document that an edit changed, and nothing else."""

from collections.abc import Iterator

from rollsafe.engine.shifting import Shift
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple


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

    The edit has to lie within that value, in the older version and in the newer one. Neither tree may be of a
    text with errors, templates or aliases: only then a node says what it said wherever the edit moved it.
    """
    pair: tuple[Node, Node] | None = (old, new)
    while pair is not None:
        one, other = pair
        is_around = one.start == other.start <= shift.low and shift.high <= one.end
        if not is_around or other.end != one.end + shift.by:
            return None
        if isinstance(one, Scalar):
            return Changed(other, Span(one.start, one.end)) if isinstance(other, Scalar) else None
        pair = _edited_child(one, other, shift)
    return None


def _edited_child(one: Node, other: Node, shift: Shift) -> tuple[Node, Node] | None:
    """Return the one value of a container that the edit touches; None where it may have touched more."""
    found: tuple[Node, Node] | None = None
    low, high, by = shift
    for mine, theirs in _children(one, other):
        if mine.start <= high and low <= mine.end:
            if found is not None:
                return None
            found = mine, theirs
            continue
        further = by if mine.start > high else 0
        if mine.start + further != theirs.start or mine.end + further != theirs.end:
            return None
        if mine.__class__ is not theirs.__class__:
            return None
    return found if found is not None and not _is_key(one, found[0]) else None


def _children(one: Node, other: Node) -> Iterator[tuple[Node, Node]]:
    """Yield what stands in two containers; nothing where they are built differently."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        if (one.flow, one.tag, len(one.entries)) == (other.flow, other.tag, len(other.entries)):
            for before, now in zip(one.entries, other.entries, strict=True):
                yield before.key, now.key
                yield before.value, now.value
        return
    if isinstance(one, Sequence) and isinstance(other, Sequence):
        is_alike = (one.flow, one.tag, len(one.items)) == (other.flow, other.tag, len(other.items))
        yield from zip(one.items, other.items, strict=True) if is_alike else ()


def _is_key(holder: Node, node: Node) -> bool:
    return isinstance(holder, Mapping) and any(entry.key is node for entry in holder.entries)
