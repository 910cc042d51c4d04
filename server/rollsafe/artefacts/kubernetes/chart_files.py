"""Templates and values of Helm charts, as far as names of values go."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, Tree, resolve
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

ValuePath = tuple[str, ...]

_HOME = lazily(r"(?P<chart>^|^.*?/)templates/")
_VALUES_NAME = lazily(r"\Avalues(?:[-._][\w.-]+)?\.ya?ml\Z")
_DEFAULT_NAME = lazily(r"\Avalues\.ya?ml\Z")
_TAG = lazily(r"\{\{-?\s*(?P<code>(?:\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`|[^}`\"]|\}(?!\})){0,5000})\}\}")
_TEXT = lazily(r"\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`")
_USE = lazily(r"\.Values\b(?P<path>(?:\.[A-Za-z_]\w*)*)")
_LOOP = lazily(
    r"\{\{-?\s*range\s+(?:\$\w*\s*(?:,\s*\$\w*\s*)?:=\s*)?\$?\.Values(?P<path>(?:\.[A-Za-z_]\w*)+)\s*-?\}\}"
)
_KINDS = lazily(r"\b(?:kind|type)(?:Is|Of|IsLike)\b")
"""Functions that tell kinds of values apart."""

_WORD = lazily(r"\A[a-z]+")
_LENIENT = lazily(
    r"\b(?:default|required|coalesce|dig|hasKey|empty|ternary|and|or|if|with|not|kindIs|range)\b"
)
_OPENERS: Final = frozenset({"if", "with", "range", "define", "block"})
_MOST_USES: Final = 5_000
_ANY: Final = "tpl"
_DEEPEST: Final = 30


class ValueUse(NamedTuple):
    """A value a template reads; `is_guarded` tells that something is said of its absence.

    Offsets are those of the path behind `.Values.`. An empty path is the whole of the values.
    """

    path: ValuePath
    start: int
    end: int
    is_guarded: bool


class ChartTemplate(Element):
    """A template of a chart that reads values."""

    family = "kubernetes"

    def __init__(self, file: SourceFile, directory: str) -> None:
        super().__init__(file, 0, len(file.text))
        self.directory = directory
        """The chart's directory; empty at the root."""

    @cached_property
    def uses(self) -> tuple[ValueUse, ...]:
        """The values it reads, in source order."""
        return tuple(_uses(self.file.text))

    @cached_property
    def looped(self) -> frozenset[ValuePath]:
        """The values it loops over as they are; none where it tells kinds of values apart."""
        if _KINDS.search(self.file.text):
            return frozenset()
        return frozenset(tuple(tag["path"].split(".")[1:]) for tag in _LOOP.finditer(self.file.text))

    @cached_property
    def reads_anything(self) -> bool:
        """Whether it may read values that it does not name."""
        return any(not use.path for use in self.uses) or re.search(r"\btpl\b", self.file.text) is not None

    @property
    def told(self) -> object:
        """Which values it reads, wherever that is written."""
        return self.reads_anything, self.looped, frozenset(use.path for use in self.uses)

    def graph_keys(self) -> Iterable[str]:
        """Return `template:` with the chart's directory."""
        return (f"template:{self.directory}",)


class ChartValues(Element):
    """A file with values of a chart: the defaults, or what an environment has instead."""

    family = "kubernetes"

    def __init__(self, file: SourceFile, root: Mapping) -> None:
        super().__init__(file, root.start, root.end)
        self.root = root

    @property
    def is_default(self) -> bool:
        """Whether these are the defaults of the chart."""
        return _DEFAULT_NAME.search(self.file.name) is not None

    def defines(self, path: ValuePath) -> bool:
        """Say whether there is, or may be, something at a path: an open value may hold everything."""
        node = resolve(self.root)
        for step in path:
            if not isinstance(node, Mapping):
                return not (isinstance(node, Scalar) and not node.is_null)
            node = node.at(step)
            if node is None:
                return False
        return True

    def names_at(self, path: ValuePath) -> list[str]:
        """Return the keys below a path."""
        found = self.root.map_at(*path) if path else self.root
        return found.keys() if found is not None else []

    @property
    def told(self) -> object:
        """Which values there are, and which are open."""
        return frozenset(_shape(self.root, (), 0))

    def graph_keys(self) -> Iterable[str]:
        """Return `values:` with the file's directory."""
        return (f"values:{self.file.directory}",)


class ChartFile(Artefact):
    """The view of values, or of a template that holds no object."""

    kind: ClassVar[str] = "helm-chart"


def template_of(file: SourceFile) -> ChartTemplate | None:
    """Return the template a file is; None for one that reads no values."""
    home = _HOME.search(file.path)
    if home is None or ".Values" not in file.text or "{{" not in file.text:
        return None
    return ChartTemplate(file, home["chart"].rstrip("/"))


def recognise_values(file: SourceFile, tree: Tree) -> ChartFile | None:
    """Return the view of a file named as values are; None for others, and for what is a template itself."""
    if _VALUES_NAME.search(file.name) is None or tree.templated:
        return None
    root = tree.documents[0] if tree.documents else None
    if not isinstance(root, Mapping) or root.at("apiVersion") is not None:
        return None
    return ChartFile(file, [ChartValues(file, root)])


def recognise_template(file: SourceFile, tree: Tree | None = None) -> ChartFile | None:
    """Return the view of a template without an object of its own."""
    found = template_of(file)
    return ChartFile(file, [found]) if found is not None else None


def _shape(node: Node | None, path: ValuePath, depth: int) -> Iterator[tuple[ValuePath, bool]]:
    """Yield the keys of values, and whether something is said below each of them that has no keys."""
    node = resolve(node)
    if not isinstance(node, Mapping) or depth > _DEEPEST:
        yield path, not (isinstance(node, Scalar) and not node.is_null)
        return
    for name, inner in node.pairs():
        yield from _shape(inner, (*path, name), depth + 1)
    yield path, False


@lru_cache(maxsize=2_048)
def values_read(text: str) -> frozenset[ValuePath] | None:
    """Return the values that the text of a template names; None where it may read any."""
    if _ANY in text and re.search(r"\btpl\b", text) is not None:
        return None
    paths = frozenset(use.path for use in _uses(text))
    return None if () in paths or len(paths) > _MOST_USES else paths


def _uses(text: str) -> Iterator[ValueUse]:
    blocks: list[tuple[ValuePath, ...]] = []
    count = 0
    for tag in _TAG.finditer(text):
        code = _TEXT.sub(_blank, tag["code"])
        found = [] if code.startswith("/*") else list(_USE.finditer(code))
        paths = tuple(tuple(one["path"].split(".")[1:]) for one in found)
        word = _WORD.search(code)
        name = word[0] if word is not None else ""
        if name == "else" and blocks:
            blocks[-1] = (*blocks[-1], *paths)
        is_lenient = _LENIENT.search(code) is not None
        for one, path in zip(found, paths, strict=True):
            count += 1
            start, end = (tag.start("code") + at for at in one.span("path"))
            yield ValueUse(path, start + bool(path), end, is_lenient or _is_within(path, blocks))
        if name in _OPENERS:
            blocks.append(paths)
        elif name == "end" and blocks:
            blocks.pop()
        if count > _MOST_USES or len(blocks) > _DEEPEST:
            return


def _is_within(path: ValuePath, blocks: list[tuple[ValuePath, ...]]) -> bool:
    """Say whether a block around decides by the value itself or one that it is part of."""
    return any(path[: len(one)] == one for block in blocks for one in block)


def _blank(match: re.Match[str]) -> str:
    """Return as much blank as a text in quotes takes: what it says is read by nobody."""
    return " " * len(match[0])
