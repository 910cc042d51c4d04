"""Where a `$ref` leads: inside of its file, into another file of the project, or out of it."""

from collections.abc import Callable
from posixpath import dirname, join, normpath
from typing import Final

from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_HOPS: Final = 20
"""A reference that leads to a reference is followed this often, and so deep where one is on its way."""
_DEEPEST: Final = 60

_ENCODED = lazily(r"(?:%[0-9a-fA-F]{2})+")


class Gap(NamedTuple):
    """The step of a way that is not there, and the mapping that lacks it."""

    name: str
    around: Mapping | None


RootOf = Callable[[str], Node | None]
"""Answers with the value of a file of the project by its path; None where it is not known."""


class Reference(NamedTuple):
    """What a `$ref` says: a file of the project and the way in it. `path` is empty for anything remote."""

    path: str
    steps: tuple[str, ...]

    @property
    def is_remote(self) -> bool:
        """Whether it leads out of the project; nothing is ever fetched."""
        return not self.path


class Target(NamedTuple):
    """A value and the path of the file it stands in."""

    node: Node
    path: str


def reference_in(node: Node | None) -> Scalar | None:
    """Return the text of a mapping's `$ref`; None where there is none."""
    if not isinstance(node, Mapping):
        return None
    entry = node.entry("$ref")
    value = resolve(entry.value) if entry is not None else None
    return value if isinstance(value, Scalar) and not value.is_null else None


def read_reference(text: str, path: str) -> Reference:
    """Return what the text of a `$ref` in the file at `path` says."""
    file, _, pointer = text.partition("#")
    if "://" in file or file.startswith(("//", "/", "urn:", "data:")) or "\\" in file:
        return Reference("", ())
    target = normpath(join(dirname(path), _decoded(file))) if file else path
    if target.startswith("../"):
        return Reference("", ())
    return Reference(target, steps_of(pointer))


def steps_of(pointer: str) -> tuple[str, ...]:
    """Return the steps of a JSON pointer, as in `/paths/~1orders/get`."""
    if not pointer.startswith("/"):
        return (pointer,) if pointer else ()
    parts = pointer[1:].split("/")[:_DEEPEST]
    return tuple(_decoded(part).replace("~1", "/").replace("~0", "~") for part in parts)


def _decoded(text: str) -> str:
    """Return a text of a URL with what is written as `%20` put back."""
    return _ENCODED.sub(lambda one: bytes.fromhex(one[0].replace("%", "")).decode(errors="replace"), text)


def step(node: Node | None, name: str) -> Node | None:
    """Return the value one step further, keys and indexes alike."""
    if isinstance(node, Sequence):
        return resolve(node.items[int(name)]) if name.isdecimal() and int(name) < len(node.items) else None
    return node.at(name) if isinstance(node, Mapping) else None


class Resolver:
    """Follows references. What it cannot know is None: a remote text, a file nobody has read."""

    def __init__(self, root_of: RootOf) -> None:
        self._root_of = root_of
        self._known: dict[tuple[str, str], Target | None] = {}
        self._depth = 0

    def root(self, path: str) -> Node | None:
        """Return the value of a file of the project."""
        return self._root_of(path)

    def target(self, text: str, path: str) -> Target | None:
        """Return what the text of a `$ref` in the file at `path` leads to, in the end."""
        key = (text, path)
        if key not in self._known:
            if self._depth >= _HOPS:
                return None
            self._known[key] = None  # A circle leads nowhere.
            self._depth += 1
            self._known[key] = self._follow(text, path)
            self._depth -= 1
        return self._known[key]

    def value(self, node: Node | None, path: str) -> Target | None:
        """Return `node` itself, or what it refers to in the end."""
        node = resolve(node)
        if node is None:
            return None
        reference = reference_in(node)
        return Target(node, path) if reference is None else self.target(reference.text, path)

    def gap(self, text: str, path: str) -> Gap | None:
        """Return what is not there on a way through files that are known; None where that is not certain."""
        reference = read_reference(text, path)
        at = resolve(self._root_of(reference.path)) if not reference.is_remote else None
        for name in reference.steps if at is not None else ():
            inner = step(at, name)
            if inner is None:
                # What is behind a reference on the way is another matter.
                around = at if isinstance(at, Mapping) else None
                return None if reference_in(at) is not None else Gap(name, around)
            at = inner
        return None

    def _follow(self, text: str, path: str) -> Target | None:
        for _ in range(_HOPS):
            reference = read_reference(text, path)
            found = self._at(reference)
            if found is None:
                return None
            further = reference_in(found.node)
            if further is None:
                return found
            text, path = further.text, found.path
        return None

    def _at(self, reference: Reference) -> Target | None:
        """Return the value at the end of a way; references on the way are followed."""
        if reference.is_remote:
            return None
        root = resolve(self._root_of(reference.path))
        if root is None:
            return None
        at = Target(root, reference.path)
        for name in reference.steps:
            inner = step(at.node, name)
            if inner is None and reference_in(at.node) is not None:
                followed = self.value(at.node, at.path)
                at = followed if followed is not None else at
                inner = step(at.node, name)
            if inner is None:
                return None
            at = Target(inner, at.path)
        return at
