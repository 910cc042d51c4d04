"""The positioned model of YAML and JSON.

Nodes are plain slotted objects for speed and are never changed after the reader made them. A node's
`start` and `end` are code-point offsets; a block mapping or sequence ends after its last child. What a
mapping or sequence holds that an edit moved is moved when somebody asks for it.
Questions about the wrong kind of node answer None instead of raising, so that a rule can ask along a
path in a half-typed file.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

from rollsafe.formats.problems import Problem
from rollsafe.text import Span

Step: TypeAlias = str | int

_ALIAS_HOPS: Final = 8
_MERGES: Final = 16

_TRUE: Final = frozenset({"true", "yes", "on"})
_FALSE: Final = frozenset({"false", "no", "off"})
_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})


class Node:
    """A value in a document: `Scalar`, `Mapping`, `Sequence` or `Alias`."""

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end

    def at(self, *path: Step) -> "Node | None":
        """Return the node reached by keys and indexes, aliases and merges followed; else None."""
        node: Node | None = self
        for step in path:
            if node.__class__ is Alias:
                node = resolve(node)
            if isinstance(node, Mapping):
                node = node.value(step) if isinstance(step, str) else None
            elif isinstance(node, Sequence) and isinstance(step, int):
                node = node.items[step] if -len(node.items) <= step < len(node.items) else None
            else:
                return None
        return resolve(node) if node.__class__ is Alias else node

    def text_at(self, *path: Step) -> str | None:
        """Return the text of the scalar at `path`; None where there is none, or it is null."""
        node = self.at(*path)
        return node.text if isinstance(node, Scalar) and not node.is_null else None

    def int_at(self, *path: Step) -> int | None:
        """Return the whole number at `path`, else None."""
        node = self.at(*path)
        return node.as_int() if isinstance(node, Scalar) else None

    def bool_at(self, *path: Step) -> bool | None:
        """Return the plain YAML 1.1 boolean at `path`, else None."""
        node = self.at(*path)
        return node.as_bool() if isinstance(node, Scalar) else None

    def map_at(self, *path: Step) -> "Mapping | None":
        """Return the mapping at `path`, else None."""
        node = self.at(*path)
        return node if isinstance(node, Mapping) else None

    def items_at(self, *path: Step) -> "list[Node]":
        """Return the items of the sequence at `path`, aliases followed; else an empty list."""
        node = self.at(*path)
        if not isinstance(node, Sequence):
            return []
        return [item for item in map(resolve, node.items) if item is not None]

    def key_at(self, *path: Step) -> "Scalar | None":
        """Return the key scalar of the last step of `path`: the place to point at."""
        parent = self.at(*path[:-1])
        if not isinstance(parent, Mapping) or not isinstance(path[-1], str):
            return None
        entry = parent.entry(path[-1])
        return entry.key if entry is not None and isinstance(entry.key, Scalar) else None


class Scalar(Node):
    """A leaf. `text` is decoded; `plain` tells an unquoted YAML scalar or a bare JSON literal."""

    __slots__ = ("block", "plain", "tag", "text")

    def __init__(
        self,
        start: int,
        end: int,
        text: str,
        plain: bool = True,
        block: str = "",
        tag: str | None = None,
    ) -> None:
        self.start = start
        self.end = end
        self.text = text
        self.plain = plain
        self.block = block
        self.tag = tag

    def __repr__(self) -> str:
        return f"Scalar({self.text!r})"

    @property
    def is_null(self) -> bool:
        """Whether the scalar is YAML's null, the empty value included."""
        return self.plain and self.text in _NULL

    def as_int(self) -> int | None:
        """Return the plain decimal number, else None."""
        digits = self.text[1:] if self.text[:1] in "+-" else self.text
        if self.plain and digits.isascii() and digits.isdigit() and len(digits) < 19:
            return int(self.text)
        return None

    def as_bool(self) -> bool | None:
        """Return the plain YAML 1.1 boolean, else None."""
        if not self.plain:
            return None
        folded = self.text.lower()
        return True if folded in _TRUE else False if folded in _FALSE else None


class Entry:
    """One `key: value` of a mapping, in source order; `name` is the key's text, empty if it has none."""

    __slots__ = ("key", "name", "value")

    def __init__(self, key: Node, value: Node) -> None:
        self.key = key
        self.value = value
        self.name = key.text if isinstance(key, Scalar) else ""

    @property
    def start(self) -> int:
        """Offset of the key."""
        return self.key.start

    @property
    def end(self) -> int:
        """Offset after the value."""
        return self.value.end


class Mapping(Node):
    """Keys and values in source order; of repeated keys the last one counts, as in YAML and JSON."""

    __slots__ = ("_index", "_origin", "entries", "flow", "tag")

    _origin: "tuple[Mapping, int]"

    def __init__(self, start: int, end: int, flow: bool = False, tag: str | None = None) -> None:
        self.start = start
        self.end = end
        self.entries: list[Entry] = []
        self.flow = flow
        self.tag = tag
        self._index: dict[str, Entry] | None = None

    def __repr__(self) -> str:
        return f"Mapping({[entry.name for entry in self.entries]})"

    def moved(self, by: int) -> "Mapping":
        """Return the same `by` characters further on."""
        found = Mapping.__new__(Mapping)
        found.start, found.end, found.flow, found.tag = self.start + by, self.end + by, self.flow, self.tag
        found._index, found._origin = None, (self, by)
        return found

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            """Return the entries, which are not there yet."""
            if name != "entries":
                raise AttributeError(name)
            origin, by = self._origin
            self.entries = [Entry(moved(one.key, by), moved(one.value, by)) for one in origin.entries]
            return self.entries

    def entry(self, key: str) -> Entry | None:
        """Return the entry written in this mapping itself; merged keys are not its own."""
        return (self._index or self._indexed()).get(key)

    @property
    def is_simple(self) -> bool:
        """Whether each key is a text that is there once, and nothing is merged."""
        index = self._index or self._indexed()
        return len(index) == len(self.entries) and "<<" not in index and "" not in index

    def _indexed(self) -> dict[str, Entry]:
        self._index = index = {entry.name: entry for entry in self.entries}
        return index

    def value(self, key: str) -> Node | None:
        """Return the value of `key`, own or merged by `<<`; None when absent."""
        index = self._index or self._indexed()
        entry = index.get(key)
        if entry is not None:
            return entry.value
        if "<<" not in index:
            return None
        return next((e.value for e in merged_entries(self) if e.name == key), None)

    def keys(self) -> list[str]:
        """Return the names of the mapping's own keys in source order."""
        return [entry.name for entry in self.entries]

    def pairs(self) -> Iterator[tuple[str, Node]]:
        """Yield own and merged keys with their values, aliases followed, own ones first."""
        seen: set[str] = set()
        for entry in [*self.entries, *(merged_entries(self) if self.entry("<<") else ())]:
            value = resolve(entry.value)
            if entry.name != "<<" and entry.name not in seen and value is not None:
                seen.add(entry.name)
                yield entry.name, value


class Sequence(Node):
    """A list."""

    __slots__ = ("_origin", "flow", "items", "tag")

    _origin: "tuple[Sequence, int]"

    def __init__(self, start: int, end: int, flow: bool = False, tag: str | None = None) -> None:
        self.start = start
        self.end = end
        self.items: list[Node] = []
        self.flow = flow
        self.tag = tag

    def __repr__(self) -> str:
        return f"Sequence({self.items})"

    def moved(self, by: int) -> "Sequence":
        """Return the same `by` characters further on."""
        found = Sequence.__new__(Sequence)
        found.start, found.end, found.flow, found.tag = self.start + by, self.end + by, self.flow, self.tag
        found._origin = self, by
        return found

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            """Return the items, which are not there yet."""
            if name != "items":
                raise AttributeError(name)
            origin, by = self._origin
            self.items = [moved(one, by) for one in origin.items]
            return self.items


class Alias(Node):
    """`*name`; `target` is the anchored node itself, never a copy, or None when there is none."""

    __slots__ = ("name", "target")

    def __init__(self, start: int, end: int, name: str, target: Node | None) -> None:
        self.start = start
        self.end = end
        self.name = name
        self.target = target


def moved(node: Node, by: int) -> Node:
    """Return the same node `by` characters further on; one that holds no alias, whose target stays."""
    if isinstance(node, Scalar):
        return Scalar(node.start + by, node.end + by, node.text, node.plain, node.block, node.tag)
    return node.moved(by) if isinstance(node, Mapping | Sequence) else node


def resolve(node: Node | None) -> Node | None:
    """Follow aliases to the node they stand for; None when the chain is too long or broken."""
    for _ in range(_ALIAS_HOPS):
        if not isinstance(node, Alias):
            return node
        node = node.target
    return None


def merged_entries(mapping: Mapping) -> Iterator[Entry]:
    """Yield the entries `<<` brings in, nearest first; at most a fixed number of mappings is visited."""
    pending: list[Node] = [e.value for e in mapping.entries if e.name == "<<"]
    visited = 0
    while pending and visited < _MERGES:
        node = resolve(pending.pop(0))
        if isinstance(node, Sequence):
            pending = [*node.items, *pending]
        elif isinstance(node, Mapping):
            visited += 1
            yield from (e for e in node.entries if e.name != "<<")
            pending += [e.value for e in node.entries if e.name == "<<"]


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and everything below it in source order; aliases are leaves, so this ends."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, Mapping):
            for entry in reversed(node.entries):
                stack += (entry.value, entry.key)
        elif isinstance(node, Sequence):
            stack += reversed(node.items)


class Tree:
    """What the YAML or JSON reader made of a text.

    `documents` holds one root per document, in order; an empty document is left out. `templated` tells
    that template tags (`{{ … }}`) were masked, so that values may be placeholders. `damaged` are the bounds
    of what holds the problems, where all else was read as if these were right; None where nobody knows.
    """

    __slots__ = ("damaged", "documents", "problems", "templated")

    def __init__(
        self,
        documents: list[Node],
        problems: list[Problem],
        templated: bool = False,
        damaged: tuple[Span, ...] | None = None,
    ) -> None:
        self.documents = documents
        self.problems = problems
        self.templated = templated
        self.damaged = damaged if problems else ()
