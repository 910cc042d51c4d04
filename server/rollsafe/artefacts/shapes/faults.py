"""Comparing a value with its shape."""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Final, TypeAlias

from rollsafe.artefacts.shapes.shape import Shape
from rollsafe.formats.nodes import Alias, Entry, Mapping, Node, Scalar, Sequence, merged_entries, resolve
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_MAX_VISITS: Final = 100_000
_MAX_FAULTS: Final = 100
_INTEGER = lazily(r"[-+]?(?:0|[1-9][0-9_]*|0[0-7]+|0x[0-9a-fA-F]+|0o[0-7]+)\Z", re.A)
_NUMBER = lazily(
    r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\Z|[-+]?\.(?:inf|Inf|INF)\Z", re.A
)

_Link: TypeAlias = "tuple[_Link, str] | None"
"""The way to a node, its last step first: made for every node, written out for few."""


class FaultKind(StrEnum):
    """What is wrong at a place."""

    UNKNOWN = "unknown key"
    TYPE = "wrong type"
    WORD = "not one of the words"
    MISSING = "missing key"
    VERSION = "only some versions know it"
    EMPTY = "nothing where something has to be"
    DUPLICATE = "the same key again"
    EXPRESSION = "an expression where none is read"


class Fault(NamedTuple):
    """A value that is not of its shape.

    `where` is the key that is unknown, the value that is wrong, or the mapping that lacks a key. `key` is the
    key in question, `path` the way to it, indexes left out. `shape` is what was expected: of the mapping
    where a key is unknown or missing, else of the value.
    """

    kind: FaultKind
    where: Node
    key: str
    path: tuple[str, ...]
    shape: Shape
    holder: Mapping | None


class Dialect(NamedTuple):
    """How a tool reads YAML: its words for booleans, what it fills in later, keys that are free."""

    booleans: frozenset[str]
    is_open: Callable[[str], bool]
    extension: str | None = None


def _stands_for_another(node: Mapping | Sequence) -> bool:
    """Say whether a tag makes the node the name of something else: `!reference [.x, rules]`."""
    return node.tag is not None and node.tag.startswith("!") and not node.tag.startswith("!!")


def letter_of(scalar: Scalar, booleans: frozenset[str]) -> str:
    """Return the type of a scalar as the letter of a shape; `?` for one with a tag of its own."""
    if scalar.tag is not None:
        return "s" if scalar.tag.endswith((":str", "!!str")) else "?"
    if not scalar.plain or scalar.block:
        return "s"
    text = scalar.text
    if scalar.is_null:
        return "0"
    if text[0].isalpha():
        return "b" if text in booleans else "s"
    if _INTEGER.match(text):
        return "i"
    return "n" if _NUMBER.match(text) else "s"


def faults_in(root: Node, shape: Shape, dialect: Dialect, known: frozenset[int] = frozenset()) -> list[Fault]:
    """Return what is wrong in and below `root`, in source order, each place once.

    `known` are the `id`s of nodes that were found without fault before.
    """
    found = _Search(dialect, known)
    found.run(root, shape)
    unique = {(one.where.start, one.where.end, one.kind, one.key): one for one in found.faults}
    return sorted(unique.values(), key=lambda one: one.where.start)


class _Search:
    """One walk over a value and its shape side by side."""

    def __init__(self, dialect: Dialect, known: frozenset[int]) -> None:
        self._dialect = dialect
        self._known = known
        self._pending: list[tuple[Node, Shape, _Link, Mapping | None]] = []
        self.faults: list[Fault] = []

    def run(self, root: Node, shape: Shape) -> None:
        seen: set[tuple[int, int]] = set()
        self._pending = [(root, shape, None, None)]
        pending, visits = self._pending, 0
        while pending and visits < _MAX_VISITS and len(self.faults) < _MAX_FAULTS:
            visits += 1
            node, shape, link, holder = pending.pop()
            if isinstance(node, Scalar):
                self._scalar(node, shape, link, holder)
                continue
            if shape.is_anything or (id(node), id(shape)) in seen or id(node) in self._known:
                continue
            seen.add((id(node), id(shape)))
            if isinstance(node, Mapping):
                self._mapping(node, shape, link, holder)
            elif isinstance(node, Sequence):
                self._sequence(node, shape, link, holder)

    def _scalar(self, node: Scalar, shape: Shape, link: _Link, holder: Mapping | None) -> None:
        wanted = shape.scalars
        letter = letter_of(node, self._dialect.booleans)
        if letter in wanted and not shape.words:
            return
        if letter in "0?" or self._dialect.is_open(node.text):
            return
        if letter in wanted or (letter == "i" and "n" in wanted):
            if shape.words and letter == "s" and node.text not in shape.words:
                self._fault(FaultKind.WORD, node, link, shape, holder)
        elif not shape.is_anything:
            self._fault(FaultKind.TYPE, node, link, shape, holder)

    def _sequence(self, node: Sequence, shape: Shape, link: _Link, holder: Mapping | None) -> None:
        items = shape.items
        if _stands_for_another(node):
            return
        if items is None:
            if node.tag is None:
                self._fault(FaultKind.TYPE, node, link, shape, holder)
            return
        for item in reversed(node.items):
            value = resolve(item)
            if value is not None:
                self._pending.append((value, items, link, holder))

    def _mapping(self, node: Mapping, shape: Shape, link: _Link, holder: Mapping | None) -> None:
        if not shape.is_mapping:
            if node.tag is None and not self._is_brace(node):
                self._fault(FaultKind.TYPE, node, link, shape, holder)
            return
        for entry in _entries(node):
            name = entry.name
            inner = shape.at(name)
            if inner is None:
                if not self._is_free(name):
                    self._fault(FaultKind.UNKNOWN, entry.key, (link, name), shape, node)
                continue
            if name in shape.spans:
                self._fault(FaultKind.VERSION, entry.key, (link, name), shape, node)
            value = entry.value if entry.value.__class__ is not Alias else resolve(entry.value)
            if isinstance(value, Scalar):
                self._scalar(value, inner, (link, name), node)
            elif value is not None:
                self._pending.append((value, inner, (link, name), node))
        self._required(node, shape, link)

    def _required(self, node: Mapping, shape: Shape, link: _Link) -> None:
        for name in shape.required:
            if node.value(name) is None:
                self._fault(FaultKind.MISSING, node, (link, name), shape, node)

    def _is_free(self, key: str) -> bool:
        """Say whether a key may be anywhere, or is none yet."""
        extension = self._dialect.extension
        return not key or (extension is not None and key.startswith(extension)) or self._dialect.is_open(key)

    def _is_brace(self, node: Mapping) -> bool:
        """Say whether it is what is left of a template's `{{ … }}`."""
        return node.flow and any(isinstance(entry.key, Mapping) for entry in node.entries)

    def _fault(self, kind: FaultKind, where: Node, link: _Link, shape: Shape, holder: Mapping | None) -> None:
        path: list[str] = []
        while link is not None:
            link, step = link
            path.append(step)
        steps = tuple(reversed(path))
        self.faults.append(Fault(kind, where, steps[-1] if steps else "", steps, shape, holder))


def _entries(node: Mapping) -> Iterator[Entry]:
    for entry in reversed(node.entries):
        if entry.name != "<<":
            yield entry
    if node.entry("<<") is not None:
        yield from merged_entries(node)
