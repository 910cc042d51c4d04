"""State machines that a template holds as a text: JSON in a string of YAML or of JSON, or in several."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve
from rollsafe.text import Edit, Located, Span
from rollsafe.text.tuples import NamedTuple

_MOST: Final = 400_000
"""Of a text with more letters nothing is told."""
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0", "e": "\x1b"}
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r?\n[ \t]*)|(.))", re.S)
_OPEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\$\{(\w{2,})\}', re.S)
"""A string, or a value that a template fills in outside of any."""


class EmbeddedFile(SourceFile):
    """What a text within a file says, as a file by itself.

    `starts` has for each character, and for the end, where it is in the host; `scalars` are the strings of
    the host that it is put together from.
    """

    def __init__(self, host: SourceFile, text: str, starts: list[int], scalars: list[Scalar]) -> None:
        super().__init__(host.path, text)
        self._host = host
        self._starts = starts
        self._scalars = scalars

    @property
    def host(self) -> SourceFile:
        """The file as it is on disk."""
        return self._host

    def place(self, located: Located) -> Span:
        """Return where `located` is in the host."""
        start = self._starts[min(located.start, len(self.text))]
        if located.end <= located.start:
            return Span(start, start)
        return Span(start, max(start, self._starts[min(located.end, len(self.text)) - 1] + 1))

    def line_number(self, place: Located) -> int:
        """Return the 1-based line of the host on which `place` begins."""
        return self._host.line_number(self.place(place))

    def native(self, edits: tuple[Edit, ...]) -> tuple[Edit, ...] | None:
        """Return `edits` as edits of the strings in the host; None where these cannot hold them."""
        found = [self._native(edit) for edit in edits]
        return None if None in found else tuple(one for one in found if one is not None)

    def _native(self, edit: Edit) -> Edit | None:
        start, end = (self._starts[at] for at in (edit.span.start, edit.span.end))
        if edit.span.start and edit.span.start == edit.span.end:
            # What is put behind something belongs right behind it, whatever blanks come next.
            start = end = self._starts[edit.span.start - 1] + 1
        holder = next((one for one in self._scalars if one.start < start and end <= one.end), None)
        return self._within(holder, Span(start, end), edit.text) if holder is not None else None

    def _within(self, scalar: Scalar, span: Span, text: str) -> Edit | None:
        if scalar.block:
            indent = " " * _indent(self._host.text, self._starts)
            return Edit(span, text.replace("\n", f"\n{indent}"))
        quote = self._host.text[scalar.start]
        is_one = len(self._scalars) == 1
        if "\n" in self._host.slice(span) or ("\n" in text and not is_one):
            return None
        if quote == "'":
            return None if set(text) & {"'", "\n"} else Edit(span, text)
        if quote != '"':
            return None
        return Edit(span, text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n"))


def embedded(file: SourceFile, node: Node | None) -> EmbeddedFile | None:
    """Return the text that a value of a template stands for; None where it is no text, or made by others."""
    texts: list[str] = []
    starts: list[int] = []
    scalars: list[Scalar] = []
    for piece in _pieces(node):
        if isinstance(piece, Scalar):
            aligned = _aligned(file.text, piece)
            if aligned is None:
                return None
            texts.append(piece.text)
            starts += aligned[:-1]
            scalars.append(piece)
        else:
            texts.append(piece.text)
            starts += [piece.at] * len(piece.text)
        if len(starts) > _MOST:
            return None
    text = "".join(texts)
    if '"StartAt"' not in text or not scalars:
        return None
    return EmbeddedFile(file, _OPEN.sub(_filled, text), [*starts, starts[-1] + 1], scalars)


class _Put(NamedTuple):
    """A text that stands nowhere as it is: what is between two others, or what a function makes."""

    text: str
    at: int


def _pieces(node: Node | None) -> Iterator[Scalar | _Put]:
    """Yield what a text is put together from, also where `Fn::Sub` fills it in or `Fn::Join` joins it."""
    node = resolve(node)
    function, value = _function(node)
    if function == "Join":
        yield from _joined(value)
        return
    if function == "Sub":
        node = value
    if isinstance(node, Sequence) and node.items and function == "Sub":
        node = resolve(node.items[0])
    if isinstance(node, Scalar) and not node.is_null:
        yield node


def _function(node: Node | None) -> tuple[str, Node | None]:
    """Return which function of CloudFormation's a value is, and what it is given."""
    if isinstance(node, Mapping) and len(node.entries) == 1:
        return node.entries[0].name.removeprefix("Fn::"), resolve(node.entries[0].value)
    tag = node.tag if isinstance(node, Scalar | Sequence) else None
    return (tag or "").rpartition("!")[2], node


def _joined(node: Node | None) -> Iterator[Scalar | _Put]:
    if not isinstance(node, Sequence) or len(node.items) != 2:
        return
    between, items = resolve(node.items[0]), resolve(node.items[1])
    if not isinstance(between, Scalar) or not isinstance(items, Sequence):
        return
    for index, item in enumerate(items.items):
        piece = resolve(item)
        if index:
            yield _Put(between.text, item.start)
        if isinstance(piece, Scalar) and piece.tag is None:
            yield piece
        elif piece is not None:
            yield _Put("${Value}", piece.start)


def _filled(found: re.Match[str]) -> str:
    """Return a string that stands for an open value, as long as what is written."""
    return found[0] if found[1] is None else f'"@{found[1][:-1]}@"'


def _aligned(text: str, scalar: Scalar) -> list[int] | None:
    """Return where each character of a scalar's text is in the source, and its end; None if they differ."""
    raw = list(_characters(text, scalar))
    starts: list[int] = []
    at = 0
    for letter in scalar.text:
        if letter.isspace():
            # Blanks may be folded, cut or moved: they are somewhere before what follows.
            starts.append(raw[at][0] if at < len(raw) else scalar.end)
            at += at < len(raw) and raw[at][1] == letter
            continue
        while at < len(raw) and raw[at][1].isspace():
            at += 1
        if at == len(raw) or raw[at][1] != letter:
            return None
        starts.append(raw[at][0])
        at += 1
    return [*starts, starts[-1] + 1 if starts else scalar.start]


def _characters(text: str, scalar: Scalar) -> Iterator[tuple[int, str]]:
    """Yield the characters that a scalar is written with, escapes resolved, each with its place."""
    at, end = scalar.start, scalar.end
    quote = text[at] if not scalar.plain and not scalar.block else ""
    if scalar.block:
        at = text.index("\n", at) + 1
    elif quote:
        at, end = at + 1, end - 1
    while at < end:
        if quote == '"' and text[at] == "\\":
            found = _ESCAPE.match(text, at, end)
            if found is None:
                return
            yield at, _escaped(found)
            at = found.end()
        elif quote == "'" and text.startswith("''", at):
            yield at, "'"
            at += 2
        else:
            yield at, text[at]
            at += 1


def _escaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    if code is not None:
        return chr(int(code, 16))
    return " " if found[3] is not None else _ESCAPES.get(found[4], found[4])


def _indent(text: str, starts: list[int]) -> int:
    """Return by how much the lines of a block are moved to the right: as far as its first letter is."""
    first = starts[0]
    return first - (text.rfind("\n", 0, first) + 1)
