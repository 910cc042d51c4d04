"""Names and the places where they stand."""

from collections.abc import Iterator

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence
from rollsafe.formats.yaml import read_yaml
from rollsafe.text import Located, Span
from rollsafe.text.tuples import NamedTuple


class Symbol(NamedTuple):
    """Something that has a name, such as the job `build` of a workflow.

    `home` is the path of the file that defines it, or of the directory of an action; for what is found by its
    name alone in any file it is `@` and the name. `kind` keeps apart what may have the same name.
    """

    home: str
    kind: str
    name: str = ""


FILE = "file"
"""The kind of a whole file: its home alone says which."""
POINTER = "pointer"
"""The kind of what a JSON pointer leads to; nothing marks its place beforehand."""


class Mention(NamedTuple):
    """A place where a symbol is named. Of several symbols the first one that is defined anywhere is meant."""

    start: int
    end: int
    symbols: tuple[Symbol, ...]
    defines: bool = False


class Mentions:
    """Gathers the mentions of one file; `home` is that of the symbols it defines itself."""

    def __init__(self, file: SourceFile, home: str = "") -> None:
        self.file = file
        self.home = home or file.path
        self.found: list[Mention] = []

    def define(self, node: Node | None, kind: str, name: str) -> None:
        """Note that a scalar is where a symbol of this file gets its name."""
        if isinstance(node, Scalar):
            self.define_as(node, Symbol(self.home, kind, name))

    def define_as(self, node: Scalar, symbol: Symbol) -> None:
        """Note that a scalar is where a symbol gets its name."""
        self.found.append(Mention(*inside(node), (symbol,), defines=True))

    def refer(self, node: Node | None, *symbols: Symbol) -> None:
        """Note that a scalar names a symbol."""
        if isinstance(node, Scalar) and symbols and not node.is_null:
            self.found.append(Mention(*inside(node), symbols))

    def refer_at(self, place: Located, *symbols: Symbol) -> None:
        """Note that a part of a text names a symbol."""
        if symbols and place.end > place.start:
            self.found.append(Mention(place.start, place.end, symbols))

    def own(self, kind: str, name: str) -> Symbol:
        """Return a symbol of this file."""
        return Symbol(self.home, kind, name)


def inside(node: Node) -> Span:
    """Return the place of a node, of a scalar without its quotes."""
    is_quoted = isinstance(node, Scalar) and not node.plain and not node.block
    within = 1 if is_quoted and node.end - node.start >= 2 else 0
    return Span(node.start + within, node.end - within)


def roots(file: SourceFile) -> list[Mapping]:
    """Return the mappings at the top of a file's documents."""
    return [one for one in read_yaml(file.text).documents if isinstance(one, Mapping)]


def scalar(node: Node | None) -> Scalar | None:
    """Return a scalar with a text; None for anything else."""
    return node if isinstance(node, Scalar) and not node.is_null else None


def value(node: Node | None, key: str) -> Node | None:
    """Return what is written under a key here; what an alias or a merge brings in stands elsewhere."""
    entry = node.entry(key) if isinstance(node, Mapping) else None
    return entry.value if entry is not None else None


def inner(node: Node | None, *keys: str) -> Node | None:
    """Return what is written under one key after the other."""
    for key in keys:
        node = value(node, key)
    return node


def entries(node: Node | None) -> Iterator[Entry]:
    """Yield the keys written in a mapping that are texts, merges left out."""
    if isinstance(node, Mapping):
        yield from (one for one in node.entries if isinstance(one.key, Scalar) and one.name != "<<")


def items(node: Node | None) -> list[Node]:
    """Return the items written in a list; aliases are left out."""
    return node.items if isinstance(node, Sequence) else []


def texts(node: Node | None) -> list[Scalar]:
    """Return the texts of a list, or the one text that stands for a list of one."""
    listed = [node] if isinstance(node, Scalar) else items(node)
    return [one for one in map(scalar, listed) if one is not None]
