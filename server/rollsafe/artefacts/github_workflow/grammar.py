"""A workflow or action file held against GitHub's own grammar: faults, and where expressions stand."""

from collections.abc import Iterator
from typing import Final, TypeAlias

from rollsafe.artefacts.expressions import read_template
from rollsafe.artefacts.shapes import Fault, FaultKind, Shape, github_table, letter_of
from rollsafe.formats.nodes import Alias, Mapping, Node, Scalar, Sequence, resolve
from rollsafe.text.tuples import NamedTuple

BOOLEANS: Final = frozenset({"true", "false", "True", "False", "TRUE", "FALSE"})
_MAX_VISITS: Final = 50_000
_MAX_FAULTS: Final = 200
_DEEPEST: Final = 100
_REMEMBERED: Final = 5_000

_TEXT: Final = frozenset({"text"})
_ALL: Final = frozenset({"text", "list", "mapping"})

_Link: TypeAlias = "tuple[_Link, str] | None"


class Site(NamedTuple):
    """A text with expressions, or a condition.

    `names` are the contexts and, with `()` behind them, the functions that are known there. `path` is the way
    to it from the element, indexes left out.
    """

    scalar: Scalar
    names: frozenset[str]
    path: tuple[str, ...]
    is_condition: bool
    takes: frozenset[str]
    """Which of `text`, `list` and `mapping` may stand there."""


class Reading(NamedTuple):
    """What a part of a file holds."""

    faults: tuple[Fault, ...]
    sites: tuple[Site, ...]


NOTHING_READ: Final = Reading((), ())


_faultless: set[tuple[str, str]] = set()
"""Texts of steps that were held against a shape before and hold neither a fault nor an expression."""


def read_step(text: str, node: Node, shape_name: str) -> Reading:
    """Hold a step, whose source is `text`, against the shape of this name; the same text is held once."""
    key = (shape_name, text)
    if key in _faultless:
        return NOTHING_READ
    found = read_part(node, shape_name)
    if not found.faults and not found.sites and "*" not in text:
        if len(_faultless) >= _REMEMBERED:
            _faultless.clear()
        _faultless.add(key)
    return found


def read_part(node: Node, shape_name: str, without: str = "") -> Reading:
    """Hold a node against the shape of this name; the entry `without` is left to another part."""
    search = _Search(without)
    search.run(node, github_table().shape(shape_name))
    return Reading(tuple(_in_order(search.faults)), tuple(search.sites))


def _in_order(faults: list[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda one: one.where.start)


class _Part(NamedTuple):
    node: Node
    shape: Shape
    contexts: int | None
    link: _Link
    holder: Mapping | None
    depth: int


class _Search:
    """One walk over a value and its shape side by side."""

    def __init__(self, without: str) -> None:
        self._without = without
        self._lists = github_table().contexts
        self._pending: list[_Part] = []
        self.faults: list[Fault] = []
        self.sites: list[Site] = []

    def run(self, root: Node, shape: Shape) -> None:
        self._pending = [_Part(root, shape, None, None, None, 0)]
        visits = 0
        seen: set[tuple[int, int]] = set()
        while self._pending and visits < _MAX_VISITS and len(self.faults) < _MAX_FAULTS:
            visits += 1
            part = self._pending.pop()
            if isinstance(part.node, Scalar):
                self._scalar(part)
                continue
            if (id(part.node), id(part.shape)) in seen or part.depth > _DEEPEST:
                continue
            seen.add((id(part.node), id(part.shape)))
            if isinstance(part.node, Mapping):
                self._mapping(part)
            elif isinstance(part.node, Sequence):
                self._sequence(part)

    def _scalar(self, part: _Part) -> None:
        node = part.node
        assert isinstance(node, Scalar)
        shape = part.shape
        is_condition = part.link is not None and part.link[1] in ("if", "pre-if", "post-if")
        if "${{" in node.text or (is_condition and part.contexts is not None and node.text.strip()):
            self._site(node, part, is_condition)
            return
        if shape.is_anything:
            return
        letter = letter_of(node, BOOLEANS)
        if letter == "0":
            if "0" not in shape.scalars and ("s" not in shape.scalars or shape.is_filled or shape.words):
                self._fault(FaultKind.EMPTY, node, part)
        elif "s" in shape.scalars:
            if shape.words and node.text not in shape.words:
                self._fault(FaultKind.WORD, node, part)
            elif shape.is_filled and not node.text:
                self._fault(FaultKind.EMPTY, node, part)
        elif letter not in shape.scalars:
            self._fault(FaultKind.TYPE, node, part)

    def _site(self, node: Scalar, part: _Part, is_condition: bool) -> None:
        shape = part.shape
        if part.contexts is None:
            self._fault(FaultKind.EXPRESSION, node, part)
            return
        if (
            not is_condition
            and not shape.is_anything
            and "s" not in shape.scalars
            and not _is_whole(node.text)
        ):
            self._fault(FaultKind.TYPE, node, part)
        names = self._lists[part.contexts]
        self.sites.append(Site(node, names, _steps(part.link), is_condition, _taken(shape)))

    def _sequence(self, part: _Part) -> None:
        node, shape = part.node, part.shape
        assert isinstance(node, Sequence)
        items = shape if shape.is_anything else shape.items
        if items is None:
            self._fault(FaultKind.TYPE, node, part)
            return
        contexts = part.contexts if items.contexts is None else items.contexts
        for item in reversed(node.items):
            value = resolve(item) if item.__class__ is Alias else item
            if value is not None:
                self._push(value, items, contexts, part.link, part.holder, part.depth)

    def _mapping(self, part: _Part) -> None:
        node, shape = part.node, part.shape
        assert isinstance(node, Mapping)
        if not shape.is_mapping and not shape.is_anything:
            if node.entries or "0" not in shape.scalars:  # `{}` says as little as nothing at all
                self._fault(FaultKind.TYPE, node, part)
            return
        shape = _variant(node, shape)
        contexts = part.contexts if shape.contexts is None else shape.contexts
        for name, key, written in self._entries(node, part):
            inner = shape if shape.is_anything else shape.at(name)
            link = (part.link, name)
            if "${{" in name and contexts is not None and inner is not None:
                self.sites.append(Site(key, self._lists[contexts], _steps(link), False, _TEXT))
            if inner is None:
                self.faults.append(_made(FaultKind.UNKNOWN, key, link, shape, node))
                continue
            value = resolve(written) if written.__class__ is Alias else written
            if value is None:
                continue
            if part.link is None and name == self._without and not isinstance(value, Scalar):
                self._outside(value, inner, contexts, link, part)
            else:
                self._push(value, inner, contexts, link, node, part.depth)
        for name in shape.required:
            if node.entry(name) is None:
                self.faults.append(_made(FaultKind.MISSING, node, (part.link, name), shape, node))

    def _entries(self, node: Mapping, part: _Part) -> Iterator[tuple[str, Scalar, Node]]:
        """Yield name, key and value of each entry; a name that was there is a fault, and so is `<<`."""
        seen: set[str] = set()
        for entry in node.entries:
            key = entry.key
            if not isinstance(key, Scalar):
                continue
            name = entry.name
            if name == "<<":
                self.faults.append(_made(FaultKind.UNKNOWN, key, (part.link, name), part.shape, node))
                continue
            folded = name.lower()
            if folded in seen:
                self.faults.append(_made(FaultKind.DUPLICATE, key, (part.link, name), part.shape, node))
            seen.add(folded)
            yield name, key, entry.value

    def _outside(self, value: Node, shape: Shape, contexts: int | None, link: _Link, part: _Part) -> None:
        """Look at a list or mapping whose mappings are parts of their own: the rest of it is judged here."""
        above = _Part(value, shape, contexts, link, part.holder, part.depth)
        if isinstance(value, Sequence) and shape.items is not None:
            for item in value.items:
                found = resolve(item)
                if found is not None and not isinstance(found, Mapping):
                    self._push(found, shape.items, contexts, link, part.holder, part.depth)
        elif isinstance(value, Mapping) and shape.is_mapping:
            for name, _, written in self._entries(value, above):
                found, inner = resolve(written), shape.at(name)
                if found is not None and inner is not None and not isinstance(found, Mapping):
                    self._push(found, inner, contexts, (link, name), value, part.depth)
        else:
            self._fault(FaultKind.TYPE, value, above)

    def _push(
        self, value: Node, shape: Shape, contexts: int | None, link: _Link, holder: Mapping | None, depth: int
    ) -> None:
        inner = contexts if shape.contexts is None else shape.contexts
        part = _Part(value, shape, inner, link, holder, depth + 1)
        if isinstance(value, Scalar):
            self._scalar(part)
        else:
            self._pending.append(part)

    def _fault(self, kind: FaultKind, node: Node, part: _Part) -> None:
        self.faults.append(_made(kind, node, part.link, part.shape, part.holder))


def _taken(shape: Shape) -> frozenset[str]:
    if shape.is_anything:
        return _ALL
    kinds = (
        ["text"] * bool(shape.scalars) + ["list"] * (shape.items is not None) + ["mapping"] * shape.is_mapping
    )
    return frozenset(kinds)


def _is_whole(text: str) -> bool:
    """Say whether a text is one expression and nothing else."""
    return read_template(text).whole is not None


def _variant(node: Mapping, shape: Shape) -> Shape:
    """Return the shape of a mapping; that of an action's `runs` depends on what runs it.

    A job that calls a workflow has nothing of its own to run on.
    """
    using = node.text_at("using")
    if using is None:
        keys = {entry.name for entry in node.entries}
        return shape.variant(keys - {"runs-on"} if "uses" in keys and "steps" not in keys else keys)
    key = "steps" if using == "composite" else "image" if using == "docker" else "main"
    return shape.variant({key})


def _made(kind: FaultKind, where: Node, link: _Link, shape: Shape, holder: Mapping | None) -> Fault:
    steps = _steps(link)
    return Fault(kind, where, steps[-1] if steps else "", steps, shape, holder)


def _steps(link: _Link) -> tuple[str, ...]:
    path: list[str] = []
    while link is not None:
        link, step = link
        path.append(step)
    return tuple(reversed(path))
