"""Values of several files put together: each one knows where it is written.

Trees are never changed; what changes one returns another that shares the rest. Aliases are written out, so
their number is bounded.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats import nodes
from rollsafe.formats.nodes import Node, resolve
from rollsafe.text import Located
from rollsafe.text.tuples import NamedTuple

MAX_VALUES: Final = 20_000
"""Values of one object; what has more is not built."""


class TooLargeError(Exception):
    """An object with more values than are looked at."""


class Place(NamedTuple):
    """A stretch of a file."""

    file: SourceFile
    start: int
    end: int


class Leaf:
    """A scalar; `said` is its text where that is not what stands at `place`."""

    __slots__ = ("place", "said", "scalar")

    def __init__(self, place: Place, scalar: nodes.Scalar, said: str | None = None) -> None:
        self.place = place
        self.scalar = scalar
        self.said = said

    @property
    def text(self) -> str:
        """The text in force."""
        return self.scalar.text if self.said is None else self.said

    @property
    def is_null(self) -> bool:
        """Whether it is YAML's null."""
        return self.said is None and self.scalar.is_null


class Table:
    """A mapping: its members by key, in order."""

    __slots__ = ("members", "place")

    def __init__(self, place: Place, members: "Mapping[str, Member]") -> None:
        self.place = place
        self.members = members

    def at(self, *path: str) -> "Value | None":
        """Return the value below the keys of `path`."""
        found: Value | None = self
        for step in path:
            member = found.members.get(step) if isinstance(found, Table) else None
            found = member.value if member is not None else None
        return found

    def text(self, *path: str) -> str | None:
        """Return the text of the scalar at `path`."""
        found = self.at(*path)
        return found.text if isinstance(found, Leaf) and not found.is_null else None

    def holding(self, key: str, value: "Value", place: Place | None = None) -> "Table":
        """Return the mapping with `value` under `key`, which is written at `place` if it is new."""
        known = self.members.get(key)
        member = Member(known.key if known is not None else place or value.place, value)
        return Table(self.place, {**self.members, key: member})

    def without(self, key: str) -> "Table":
        """Return the mapping without a key."""
        return Table(self.place, {name: one for name, one in self.members.items() if name != key})


class Row:
    """A list."""

    __slots__ = ("items", "place")

    def __init__(self, place: Place, items: "tuple[Value, ...]") -> None:
        self.place = place
        self.items = items


Value: TypeAlias = Leaf | Table | Row


class Member(NamedTuple):
    """A value of a mapping, and where its key is written."""

    key: Place
    value: Value


Locate: TypeAlias = Callable[[Located], Place]
"""Says where a node stands."""


def in_file(file: SourceFile) -> Locate:
    """Return what places the nodes that were read from a file."""
    return lambda node: Place(file, node.start, node.end)


def tree_of(node: Node, locate: Locate) -> Value:
    """Return a node and all below it as values; raise `TooLargeError` for more than there may be."""
    return _Reader(locate).value(node)


class _Reader:
    def __init__(self, locate: Locate) -> None:
        self._locate = locate
        self._left = MAX_VALUES

    def value(self, written: Node) -> Value:
        self._left -= 1
        node = resolve(written)
        if self._left < 0 or node is None:
            raise TooLargeError
        if isinstance(node, nodes.Mapping):
            return self._table(node)
        if isinstance(node, nodes.Sequence):
            return Row(self._locate(node), tuple(self.value(item) for item in node.items))
        if isinstance(node, nodes.Scalar):
            return Leaf(self._locate(node), node)
        raise TooLargeError

    def _table(self, node: nodes.Mapping) -> Table:
        members: dict[str, Member] = {}
        for name, value in node.pairs():
            entry = node.entry(name)
            key = entry.key if entry is not None else value
            members[name] = Member(self._locate(key), self.value(value))
        return Table(self._locate(node), members)


def exceeds(value: Value, limit: int) -> bool:
    """Say whether there are more than `limit` values in one."""
    pending = [value]
    while pending and limit >= 0:
        limit -= 1
        found = pending.pop()
        if isinstance(found, Table):
            pending += (one.value for one in found.members.values())
        elif isinstance(found, Row):
            pending += found.items
    return limit < 0


def leaf(text: str, place: Place, *, plain: bool = True) -> Leaf:
    """Return a scalar that says `text` because of what stands at `place`."""
    return Leaf(place, nodes.Scalar(place.start, place.end, text, plain), text)
