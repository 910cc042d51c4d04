"""Nodes of a template as its parameters fill them; all of them know where they are written."""

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence
from rollsafe.formats.scalar_text import Piece, ScalarOffsets, script_offsets
from rollsafe.formats.shell import Offsets
from rollsafe.text import Located, Span


class Filled(Scalar):
    """A scalar with values in place of parameters; `pieces` map its text to the `written` one."""

    __slots__ = ("pieces", "written")

    def __init__(self, written: Scalar, text: str, pieces: list[Piece], *, plain: bool) -> None:
        super().__init__(written.start, written.end, text, plain, written.block, written.tag)
        self.written = written
        self.pieces = pieces


class Taken(Mapping):
    """A mapping of `file` with what parameters and templates put into it."""

    __slots__ = ("file", "written")

    def __init__(self, source: Mapping, file: SourceFile, entries: list[Entry]) -> None:
        super().__init__(source.start, source.end, source.flow, source.tag)
        self.written: Mapping = source.written if isinstance(source, Taken) else source
        self.file = file
        self.entries = entries


def written(node: Node) -> Mapping | None:
    """Return a mapping as it stands in its file; None for what is none."""
    if isinstance(node, Taken):
        return node.written
    return node if isinstance(node, Mapping) else None


def written_place(node: Node) -> Located:
    """Return a node, or its place where what is written there is not its value."""
    return Span.of(node) if isinstance(node, Filled) else node


def file_of(node: Node, around: SourceFile) -> SourceFile:
    """Return the file a node is written in; `around` is that of what it stands in."""
    return node.file if isinstance(node, Taken) else around


def offsets_of(source: str, scalar: Scalar) -> Offsets:
    """Return the mapping from offsets in the text of a scalar to offsets in `source`, its file."""
    if not isinstance(scalar, Filled):
        return script_offsets(source, scalar)
    inner = ScalarOffsets(scalar.pieces, len(scalar.written.text))
    outer = script_offsets(source, scalar.written)
    return lambda offset: outer(inner(offset))


def moved(node: Node, place: Located) -> Node:
    """Return a copy of a node that stands at `place` as a whole; aliases are left out."""
    start, end = place.start, place.end
    if isinstance(node, Scalar):
        return Scalar(start, end, node.text, node.plain, "", node.tag)
    if isinstance(node, Sequence):
        copy = Sequence(start, end, True)
        copy.items = [moved(one, place) for one in node.items]
        return copy
    made = Mapping(start, end, True)
    for entry in node.entries if isinstance(node, Mapping) else ():
        made.entries.append(Entry(moved(entry.key, place), moved(entry.value, place)))
    return made
