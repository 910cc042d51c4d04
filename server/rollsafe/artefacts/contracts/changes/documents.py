"""A description at one revision: its values with their places, and what its references lead to."""

from collections.abc import Callable, Iterator
from typing import Final

from rollsafe.artefacts.contracts.changes.values import flag_of, text_of
from rollsafe.artefacts.contracts.references import read_reference
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve

_HOPS: Final = 16
METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


class At:
    """A value in a file: `mark` is what to point at, such as its key.

    `way` is what led out of the document into another file, for a value there. `parent` is the mapping it was
    taken from.
    """

    __slots__ = ("mark", "node", "parent", "path", "way")

    def __init__(
        self, path: str, node: Node, mark: Node, way: "At | None" = None, parent: "At | None" = None
    ) -> None:
        self.path = path
        self.node = node
        self.mark = mark
        self.way = way
        self.parent = parent

    @property
    def key(self) -> str:
        """The key it stands under; empty for an item of a list and for a document."""
        return self.mark.text if self.parent is not None and isinstance(self.mark, Scalar) else ""

    def get(self, key: str) -> "At | None":
        """Return the value of a key as it is written; None where there is none."""
        node = self.node
        if not isinstance(node, Mapping):
            return None
        entry = node.entry(key)
        value = resolve(entry.value if entry is not None else node.value(key))
        if value is None:
            return None
        return At(self.path, value, entry.key if entry is not None else value, self.way, self)

    def pairs(self) -> "Iterator[tuple[str, At]]":
        """Yield the keys and values of a mapping."""
        if isinstance(self.node, Mapping):
            for key in dict.fromkeys(name for name, _ in self.node.pairs()):
                found = self.get(key)
                if found is not None:
                    yield key, found

    def items(self) -> "Iterator[At]":
        """Yield the items of a list."""
        if isinstance(self.node, Sequence):
            for item in self.node.items:
                value = resolve(item)
                if value is not None:
                    yield At(self.path, value, _first(value), self.way)

    def text(self, key: str) -> str:
        """Return the text under a key; empty where there is none."""
        found = self.get(key)
        return (text_of(found.node) if found is not None else None) or ""

    def flag(self, key: str) -> bool:
        """Say whether a key is true."""
        found = self.get(key)
        return found is not None and flag_of(found.node) is True

    def texts(self, key: str) -> list[str]:
        """Return the texts of the list under a key."""
        found = self.get(key)
        texts = (text_of(item.node) for item in found.items()) if found is not None else ()
        return [text for text in texts if text is not None]

    @property
    def is_map(self) -> bool:
        """Whether it is a mapping."""
        return isinstance(self.node, Mapping)


def _first(node: Node) -> Node:
    """Return what to point at for an item of a list: the first key of a mapping."""
    return node.entries[0].key if isinstance(node, Mapping) and node.entries else node


class Revision:
    """The description in `path` at one revision: its text and its root.

    `read` returns the root of another file, None where there is none.
    """

    def __init__(self, path: str, text: str, root: Node, read: Callable[[str], Node | None]) -> None:
        self.text = text
        self.root = At(path, root, _first(root))
        self._read = read
        self._roots: dict[str, Node | None] = {path: root}

    def follow(self, at: At | None) -> At | None:
        """Return what a value stands for, references followed; None for one that leads nowhere we know.

        Where `$dynamicRef` leads depends on how one came there, which is not followed.
        """
        for _ in range(_HOPS):
            ref = at.text("$ref") if at is not None else ""
            if at is None or not ref:
                return at if at is None or at.get("$dynamicRef") is None else None
            at = self._target(at, ref)
        return None

    def get(self, at: At | None, key: str) -> At | None:
        """Return the value of a key, references followed."""
        return self.follow(at.get(key)) if at is not None else None

    def pairs(self, at: At | None) -> "Iterator[tuple[str, At]]":
        """Yield keys and values, references followed; extensions and what leads nowhere are left out."""
        for key, value in at.pairs() if at is not None else ():
            found = self.follow(value)
            if found is not None and not key.startswith("x-"):
                yield key, found

    def _target(self, at: At, ref: str) -> At | None:
        reference = read_reference(ref, at.path)
        root = None if reference.is_remote else self._root(reference.path)
        if root is None:
            return None
        is_here = reference.path == self.root.path
        found: At | None = At(reference.path, root, _first(root), None if is_here else at.way or at)
        for step in reference.steps:
            found = _step(found, step)
        return found

    def _root(self, path: str) -> Node | None:
        if path not in self._roots:
            self._roots[path] = resolve(self._read(path))
        return self._roots[path]


def _step(at: At | None, step: str) -> At | None:
    if at is None or isinstance(at.node, Mapping):
        return at.get(step) if at is not None else None
    items = list(at.items()) if step.isdigit() else []
    return items[int(step)] if step.isdigit() and int(step) < len(items) else None
