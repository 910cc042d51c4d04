"""Templates of Azure: what a pipeline takes in from other files of its repository, put in its place.

What is not known before a run stays as it is written: `${{ if }}`, `${{ each }}`, parameters that somebody
chooses when the pipeline starts, and files of other repositories.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Final

from rollsafe.artefacts.other_pipelines.azure_names import LARGEST, path_of_template
from rollsafe.artefacts.other_pipelines.filled import Filled, Taken, moved
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence, walk
from rollsafe.formats.scalar_text import Piece
from rollsafe.formats.yaml import read_yaml
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

ReadFile = Callable[[str], SourceFile | None]

_PARTS: Final = ("stages", "jobs", "steps", "variables")
_HOLDING: Final = frozenset(
    {*_PARTS, "strategy", "runOnce", "rolling", "canary", "preDeploy", "deploy", "routeTraffic",
     "postRouteTraffic", "on", "failure", "success"}
)  # fmt: skip
"""Keys below which a pipeline takes in templates."""
_DEEPEST: Final = 8
_DEEPEST_NODE: Final = 60
_MOST_TEMPLATES: Final = 400
_MOST_NODES: Final = 60_000
_MOST_ITEMS: Final = 2_000
_LONGEST: Final = 100_000
_MOST_WRITTEN: Final = 4_000_000
"""Characters that parameters are written into."""
_WIDEST: Final = 300
"""Nodes of a value that is no text."""
_PARAMETER = lazily(r"\$\{\{\s{0,8}parameters((?:\.\w{1,80}|\['[\w -]{1,80}'\]){1,4})\s{0,8}\}\}")
_STEP = lazily(r"\.(\w+)|\['([^']+)'\]")


class _Value(NamedTuple):
    """The value of a parameter, and the file it is written in."""

    node: Node
    file: SourceFile


class _Place(NamedTuple):
    """Where something is written: its file, the parameters by their names in lower case, the files above."""

    file: SourceFile
    given: dict[str, _Value]
    above: tuple[str, ...]


def with_templates(file: SourceFile, root: Mapping, read: ReadFile) -> Mapping:
    """Return the root of a pipeline with its templates in their place."""
    if "template" not in file.text:
        return root
    return _Reader(read).pipeline(root, _Place(file, {}, (file.path,)))


@lru_cache(maxsize=256)
def _root(text: str) -> Mapping | None:
    """Return the mapping of a template; None where it cannot be read."""
    tree = read_yaml(text)
    first = tree.documents[0] if tree.documents and not tree.problems else None
    return first if isinstance(first, Mapping) else None


class _Reader:
    """Puts templates in their place, up to a number of them and of nodes."""

    def __init__(self, read: ReadFile) -> None:
        self._read = read
        self._files: dict[str, SourceFile | None] = {}
        self._templates = 0
        self._nodes = 0
        self._written = 0

    def pipeline(self, root: Mapping, place: _Place) -> Mapping:
        """Return a root with its templates; one that extends another has the parts of that one."""
        filled = self._fill(root, place, 0)
        own = filled if isinstance(filled, Mapping) else root
        extends = root.map_at("extends")
        target = self._target(extends, place) if extends is not None else None
        if extends is None or target is None:
            return own
        whole = self.pipeline(*target)
        where = extends.at("template") or extends
        entries = [*own.entries]
        for entry in whole.entries:
            if entry.name in _PARTS and own.entry(entry.name) is None:
                key = Scalar(where.start, where.end, entry.name)
                entries.append(Entry(key, _listed(entry.value, target[1].file)))
        return Taken(own, place.file, entries)

    def _target(self, item: Mapping, place: _Place) -> tuple[Mapping, _Place] | None:
        """Return the root of the template that an item names, and its place; None where it is not read."""
        entry = item.entry("template")
        named = self._fill(entry.value, place, 0) if entry is not None else None
        path = path_of_template(named.text, place.file.directory) if isinstance(named, Scalar) else None
        if path is None or path in place.above or len(place.above) > _DEEPEST:
            return None
        self._templates += 1
        if self._templates > _MOST_TEMPLATES or self._nodes > _MOST_NODES:
            return None
        if path not in self._files:
            self._files[path] = self._read(path)
        file = self._files[path]
        root = _root(file.text) if file is not None and len(file.text) <= LARGEST else None
        if file is None or root is None:
            return None
        return root, _Place(file, self._parameters(root, file, item, place), (*place.above, path))

    def _parameters(self, root: Mapping, file: SourceFile, item: Mapping, place: _Place) -> dict[str, _Value]:
        """Return the parameters of a template: what an item gives, else what `file` declares as default."""
        given = item.map_at("parameters")
        own = given.entries[:_MOST_ITEMS] if given is not None else []
        found: dict[str, _Value] = {}
        # What is inserted on a condition may give any of them.
        if not any(entry.name.startswith("${{") for entry in own):
            found |= {name: _Value(node, file) for name, node in _defaults(root.at("parameters"))}
        for entry in own:
            if not entry.name.startswith("${{"):
                found[entry.name.lower()] = _Value(self._fill(entry.value, place, 0), place.file)
        return found

    # -- nodes

    def _fill(self, node: Node, place: _Place, depth: int) -> Node:
        """Return a node with the parameters and the templates of its place; itself where it has none."""
        self._nodes += 1
        if self._nodes > _MOST_NODES or depth > _DEEPEST_NODE:
            return node
        if isinstance(node, Scalar):
            return self._filled(node, place) if place.given and "${{" in node.text else node
        if isinstance(node, Sequence):
            return self._list(node, "", place, depth)
        return self._mapping(node, place, depth) if isinstance(node, Mapping) else node

    def _filled(self, scalar: Scalar, place: _Place) -> Node:
        """Return a scalar with its parameters, while there is room for what they make of it."""
        whole = _value_of(scalar, place)
        if whole is not None and not isinstance(whole.node, Scalar):
            size = sum(1 for _ in islice(walk(whole.node), _WIDEST + 1))
            self._nodes += size
            return moved(whole.node, scalar) if size <= _WIDEST else scalar
        if self._written > _MOST_WRITTEN:
            return scalar
        found = _filled(scalar, place)
        self._written += len(found.text)
        return found

    def _mapping(self, node: Mapping, place: _Place, depth: int) -> Mapping:
        entries: list[Entry] = []
        is_changed = False
        for entry in node.entries:
            value = entry.value
            if entry.name in _PARTS:
                value = self._part(entry.name, value, place, depth + 1)
            elif entry.name in _HOLDING or place.given or depth:
                value = self._fill(value, place, depth + 1)
            is_changed = is_changed or value is not entry.value
            entries.append(entry if value is entry.value else Entry(entry.key, value))
        return Taken(node, place.file, entries) if is_changed else node

    def _part(self, part: str, node: Node, place: _Place, depth: int) -> Node:
        """Return the list of stages, jobs, steps or variables that a key holds."""
        if isinstance(node, Scalar):
            value = _value_of(node, place)
            listed = value.node if value is not None else None
            if isinstance(listed, Sequence) and value is not None:
                return _listed(listed, value.file)
        return (
            self._list(node, part, place, depth)
            if isinstance(node, Sequence)
            else self._fill(node, place, depth)
        )

    def _list(self, node: Sequence, part: str, place: _Place, depth: int) -> Sequence:
        made = Sequence(node.start, node.end, node.flow, node.tag)
        for item in node.items[:_MOST_ITEMS]:
            made.items += self._item(item, part, place, depth + 1)
        is_same = len(made.items) == len(node.items)
        return node if is_same and all(map(_is, made.items, node.items)) else made

    def _item(self, item: Node, part: str, place: _Place, depth: int) -> list[Node]:
        """Return what stands for an item of a list: several where it is a template or a parameter."""
        if isinstance(item, Scalar):
            value = _value_of(item, place)
            listed = value.node if value is not None else None
            if value is not None and isinstance(listed, Sequence):
                return _listed(listed, value.file).items
        if isinstance(item, Mapping) and item.entry("template") is not None and self._nodes < _MOST_NODES:
            target = self._target(item, place)
            found = self._taken(part, *target) if target is not None else None
            if found is not None:
                return found
        return [self._fill(item, place, depth)]

    def _taken(self, part: str, root: Mapping, place: _Place) -> list[Node] | None:
        """Return the items of a template; None where it has none of the kind that is asked for."""
        named = part or next((one for one in _PARTS if root.entry(one) is not None), "")
        listed = root.at(named)
        if named == "variables" and isinstance(listed, Mapping):
            listed = _as_list(listed)
        if listed is None:
            return None
        filled = self._part(named, listed, place, 1)
        return _listed(filled, place.file).items if isinstance(filled, Sequence) else None


def _is(one: Node, other: Node) -> bool:
    return one is other


def _listed(node: Node, file: SourceFile) -> Sequence:
    """Return a list whose items know the file they are written in."""
    made = Sequence(node.start, node.end, True)
    for one in node.items if isinstance(node, Sequence) else ():
        is_plain = isinstance(one, Mapping) and not isinstance(one, Taken)
        made.items.append(Taken(one, file, one.entries) if isinstance(one, Mapping) and is_plain else one)
    return made


def _as_list(variables: Mapping) -> Sequence:
    """Return variables that are a mapping as the list of names and values that stands for it."""
    made = Sequence(variables.start, variables.end, True)
    for entry in variables.entries[:_MOST_ITEMS]:
        item = Mapping(entry.start, entry.end, True)
        pairs = (("name", entry.key), ("value", entry.value))
        item.entries = [Entry(Scalar(entry.start, entry.start, key), node) for key, node in pairs]
        made.items.append(item)
    return made


def _defaults(declared: Node | None) -> Iterator[tuple[str, Node]]:
    """Yield the parameters that a template declares with a default, as a list or as a mapping."""
    if isinstance(declared, Mapping):
        yield from ((entry.name.lower(), entry.value) for entry in declared.entries[:_MOST_ITEMS])
    for one in declared.items_at()[:_MOST_ITEMS] if declared is not None else ():
        name, default = one.text_at("name"), one.at("default")
        if name is not None and default is not None:
            yield name.lower(), default


# Parameters --------------------------------------------------------------------------------------


def _value_of(scalar: Scalar, place: _Place) -> _Value | None:
    """Return the value that a scalar stands for as a whole."""
    match = _PARAMETER.fullmatch(scalar.text.strip()) if place.given and "${{" in scalar.text else None
    return _looked_up(match[1], place) if match is not None else None


def _looked_up(path: str, place: _Place) -> _Value | None:
    names = [match[1] or match[2] for match in _STEP.finditer(path)]
    value = place.given.get(names[0].lower())
    node = value.node.at(*names[1:]) if value is not None else None
    return _Value(node, value.file) if value is not None and node is not None else None


def _filled(scalar: Scalar, place: _Place) -> Scalar:
    """Return a scalar with values for parameters; what has no plain value stays as it is written."""
    whole = _value_of(scalar, place)
    texts: list[str] = []
    pieces, length, at = [Piece(0, 0)], 0, 0
    for match in _PARAMETER.finditer(scalar.text[:_LONGEST]):
        value = _looked_up(match[1], place)
        if value is None or not isinstance(value.node, Scalar):
            continue
        if length + len(value.node.text) > _LONGEST:
            return scalar
        texts += (scalar.text[at : match.start()], value.node.text)
        pieces.append(Piece(length + match.start() - at, match.start()))
        length += match.start() - at + len(value.node.text)
        at = match.end()
        pieces.append(Piece(length, at))
    if not at:
        return scalar
    plain = whole.node.plain if whole is not None and isinstance(whole.node, Scalar) else scalar.plain
    return Filled(scalar, "".join((*texts, scalar.text[at:])), pieces, plain=plain)
