"""The source line of a finding with carets under the words it is about."""

import unicodedata
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.cli.output.text import plain
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple

_TAB: Final = 4
_BEFORE: Final = 40
_CROPPED: Final = "…"


class Excerpt(NamedTuple):
    """A line as it is shown: its number from 1, its text, and the line of carets below it."""

    number: int
    text: str
    carets: str


class _Cells(NamedTuple):
    """Characters as displayed: the text, the columns it takes, and the number of characters shown."""

    text: str
    columns: int
    length: int


def excerpt(file: SourceFile, span: Span, width: int) -> Excerpt:
    """Return the first line of `span`, cut around it to `width` columns.

    A range that goes on for more lines is underlined to the end of the first and names the last.
    """
    lines, text = file.lines, file.text
    first, last = lines.line_of(span.start), lines.line_of(max(span.start, span.end - 1))
    begin, end = lines.line_start(first), lines.line_end(first)
    stop = min(span.end, end)
    left = max(begin, span.start - _BEFORE) if end - begin > width else begin
    before = _cells(text, left, span.start, 0, 2 * width)
    inside = _cells(text, span.start, stop, before.columns, width - before.columns)
    at = span.start + inside.length
    used = before.columns + inside.columns
    after = _cells(text, at, end, used, width - used) if at == stop else _Cells("", 0, 0)
    head = _CROPPED if left > begin else ""
    tail = _CROPPED if at + after.length < end else ""
    carets = " " * (len(head) + before.columns) + "^" * max(1, inside.columns)
    more = f" … to line {last + 1}" if last > first else ""
    return Excerpt(first + 1, f"{head}{before.text}{inside.text}{after.text}".rstrip() + tail, carets + more)


def _cells(text: str, start: int, stop: int, column: int, room: int) -> _Cells:
    """Return as much of `text[start:stop]` as `room` columns hold, displayed from `column` on."""
    # Some characters take no column: twice the room bounds what is looked at in a line without end.
    piece = text[start : min(stop, start + 2 * max(room, 0))]
    if piece.isascii() and piece.isprintable():
        cut = piece[: max(room, 0)]
        return _Cells(cut, len(cut), len(cut))
    parts: list[str] = []
    taken = 0
    for char in piece:
        cell, width = _cell(char, column + taken)
        if taken + width > room:
            break
        parts.append(cell)
        taken += width
    return _Cells("".join(parts), taken, len(parts))


def _cell(char: str, column: int) -> tuple[str, int]:
    if char == "\t":
        width = _TAB - column % _TAB
        return " " * width, width
    visible = plain(char)
    if visible != char:
        return visible, len(visible)
    if unicodedata.east_asian_width(char) in "WF":
        return char, 2
    return char, 0 if unicodedata.category(char) in ("Mn", "Me", "Cf") else 1
