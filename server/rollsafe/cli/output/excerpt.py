"""The source line of a finding with carets under the words it is about."""

import unicodedata
from typing import Final, NamedTuple

from rollsafe.artefacts.source import SourceFile
from rollsafe.cli.output.text import plain
from rollsafe.text import Span

_TAB: Final = 4
_BEFORE: Final = 40
_CROPPED: Final = "…"


class Excerpt(NamedTuple):
    """A line as it is shown: its number from 1, its text, and the line of carets below it."""

    number: int
    text: str
    carets: str


def excerpt(file: SourceFile, span: Span, width: int) -> Excerpt:
    """Return the first line of `span`, cut around it to `width` columns.

    A range that goes on for more lines is underlined to the end of the first and names the last.
    """
    lines = file.lines
    first, last = lines.line_of(span.start), lines.line_of(max(span.start, span.end - 1))
    begin, end = lines.line_start(first), lines.line_end(first)
    stop = min(span.end, end)
    left = max(begin, span.start - _BEFORE) if end - begin > width else begin
    before, columns = _shown(file.text[left : span.start], 0)
    room = max(1, width - columns)
    # A character takes at least no column, so a few more than fit are looked at, never a whole long line.
    inside, inner = _shown(file.text[span.start : min(stop, span.start + 2 * room)], columns, room)
    after, _ = _shown(file.text[stop : min(end, stop + room)], columns + inner, room - inner)
    head = _CROPPED if left > begin else ""
    shown = before + inside + after
    tail = _CROPPED if inner < room and stop + room < end or inner >= room and stop < end else ""
    carets = " " * (columns + len(head)) + "^" * max(1, inner)
    more = f" … to line {last + 1}" if last > first else ""
    return Excerpt(first + 1, f"{head}{shown}{tail}".rstrip(), carets + more)


def _shown(text: str, column: int, room: int | None = None) -> tuple[str, int]:
    """Return `text` as displayed from `column` on, and the columns it takes, at most `room`."""
    if text.isascii() and text.isprintable():
        cut = text if room is None else text[:room]
        return cut, len(cut)
    parts: list[str] = []
    taken = 0
    for char in text:
        cell, width = _cell(char, column + taken)
        if room is not None and taken + width > room:
            break
        parts.append(cell)
        taken += width
    return "".join(parts), taken


def _cell(char: str, column: int) -> tuple[str, int]:
    if char == "\t":
        width = _TAB - column % _TAB
        return " " * width, width
    visible = plain(char)
    if visible != char:
        return visible, len(visible)
    if unicodedata.east_asian_width(char) in "WF":
        return char, 2
    return char, 0 if unicodedata.combining(char) or unicodedata.category(char) == "Mn" else 1
