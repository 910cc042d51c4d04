"""Where the characters of a decoded YAML scalar stand in the file.

Exact for flow scalars and literal blocks; for folded blocks exact within each source line.
"""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from rollsafe.formats.nodes import Scalar
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_LINES: Final = lazily(r"[^\n\r\x85\u2028\u2029]*")
_PROPERTIES: Final = lazily(r"(?:[&!][^\s]*[ \t]+)+")
_BREAK: Final = lazily(r"\r\n|\n|\r")
_FOLD: Final = r"(?:\r\n|\n|\r)(?:[ \t]*(?:\r\n|\n|\r))*[ \t]*"
_INTERRUPTIONS: Final = {
    "": lazily(_FOLD),
    "'": lazily(f"''|{_FOLD}"),
    '"': lazily(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|(?:\r\n|\n|\r)[ \t]*|.)|" + _FOLD),
}
"""By opening quote, what stands in a flow scalar's source as something else than in its text."""

_HEADER: Final = lazily(r"[^\n\r]*(?:\r\n|\n|\r|$)")


class Piece(NamedTuple):
    """A run of characters that stand in the file as they are in the text."""

    text: int
    source: int


class ScalarOffsets:
    """Maps an offset in a scalar's text to one in the file; never outside `start` to `end`."""

    __slots__ = ("_pieces", "_sources", "_starts", "end")

    def __init__(self, pieces: list[Piece], end: int) -> None:
        self._starts = [piece.text for piece in pieces]
        self._sources = [piece.source for piece in pieces]
        self.end = end

    def __call__(self, offset: int) -> int:
        """Return the file offset of the character at `offset` of the text."""
        at = bisect_right(self._starts, offset) - 1
        if at < 0:
            return self._sources[0]
        place = self._sources[at] + offset - self._starts[at]
        if at + 1 < len(self._sources):
            return min(place, self._sources[at + 1])
        return min(place, self.end)


def script_offsets(source: str, scalar: Scalar) -> ScalarOffsets:
    """Return the mapping from offsets in `scalar.text` to offsets in `source`, its file."""
    pieces = list(_block(source, scalar) if scalar.block else _flow(source, scalar))
    return ScalarOffsets(pieces or [Piece(0, scalar.start)], scalar.end)


def _block(source: str, scalar: Scalar) -> Iterator[Piece]:
    """Align the lines of a block scalar with those of the text."""
    header = _HEADER.match(source, scalar.start)
    start = header.end() if header else scalar.start
    if scalar.block == "|":
        yield from _literal(source, start, scalar)
    else:
        yield from _folded(source, start, scalar)


def _literal(source: str, start: int, scalar: Scalar) -> Iterator[Piece]:
    at = 0
    lines = scalar.text.split("\n")
    for (begin, end), line in zip(_source_lines(source, start, scalar.end), lines, strict=False):
        yield Piece(at, max(begin, end - len(line)))
        at += len(line) + 1


def _folded(source: str, start: int, scalar: Scalar) -> Iterator[Piece]:
    """Look up the content of each source line in the text, in order."""
    text, at = scalar.text, 0
    for begin, end in _source_lines(source, start, scalar.end):
        content = source[begin:end].strip(" \t")
        if not content:
            continue
        # Between two lines stand at most the breaks and the indentation that folding kept.
        found = text.find(content, at, at + len(content) + (end - begin) + 64)
        if found >= 0:
            yield Piece(found, begin + source[begin:end].index(content))
            at = found + len(content)


def _flow(source: str, scalar: Scalar) -> Iterator[Piece]:
    """Align the runs of a plain or quoted scalar between its escapes and line breaks."""
    properties = _PROPERTIES.match(source, scalar.start, scalar.end)
    start = properties.end() if properties else scalar.start
    quote = source[start : start + 1] if not scalar.plain else ""
    quote = quote if quote in _INTERRUPTIONS else ""
    start += len(quote)
    end = scalar.end - len(quote)
    yield Piece(0, start)
    if end - start == len(scalar.text):
        return
    at, text = start, 0
    for match in _INTERRUPTIONS[quote].finditer(source, start, end):
        run = match.start()
        breaks = len(_BREAK.findall(match.group()))
        if breaks and match.group()[0] != "\\":
            while run > at and source[run - 1] in " \t":
                run -= 1
            text += run - at + max(1, breaks - 1)
        else:
            text += run - at + (0 if breaks else 1)
        at = match.end()
        yield Piece(text, at)


def _source_lines(source: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the bounds of the source lines from `start`, as libyaml splits them."""
    at = start
    while at <= end and at <= len(source):
        match = _LINES.match(source, at)
        stop = match.end() if match else at
        yield at, stop
        at = stop + (2 if source.startswith("\r\n", stop) else 1)
