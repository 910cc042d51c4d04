r"""Where lines begin, and how long they are in each of the protocol's encodings.

A line ends at `\\n`, `\\r\\n` or `\\r` and nowhere else: `str.splitlines` also splits at form feeds and
Unicode separators, which editors do not, and every position after one would be wrong.
"""

from bisect import bisect_right
from enum import StrEnum
from io import StringIO
from itertools import accumulate

from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_LINE_END = lazily(r"\r\n|\n|\r")


def end_of_line(text: str, offset: int) -> int:
    """Return the offset after the last character of the line that holds `offset`, its end left out."""
    found = _LINE_END.search(text, offset)
    return len(text) if found is None else found.start()


def line_breaks_in(text: str) -> int:
    """Return how many lines end in a text."""
    return len(_LINE_END.findall(text)) if "\r" in text else text.count("\n")


class Encoding(StrEnum):
    """What a client counts columns in."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


class Position(NamedTuple):
    """A place as `line` and `column`, both 0-based; the unit of `column` is the caller's."""

    line: int
    column: int


def _starts(text: str) -> list[int]:
    if "\r" in text:
        return [0, *(match.end() for match in _LINE_END.finditer(text))]
    starts = list(accumulate(map(len, StringIO(text, "\n")), initial=0))
    if text and not text.endswith("\n"):
        del starts[-1]
    return starts


def _units(text: str, encoding: Encoding) -> int:
    """Return the length of `text` in code units of `encoding`; lone surrogates count as one."""
    if encoding is Encoding.UTF32 or text.isascii():
        return len(text)
    if encoding is Encoding.UTF8:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(ch > "\uffff" for ch in text)


class LineIndex:
    """Converts between offsets and positions of one text."""

    __slots__ = ("_starts", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = _starts(text)

    def __len__(self) -> int:
        return len(self._starts)

    def line_of(self, offset: int) -> int:
        """Return the 0-based line that holds `offset`."""
        return bisect_right(self._starts, offset) - 1

    def line_start(self, line: int) -> int:
        """Return the offset at which 0-based `line` begins; past the last line, the text's end."""
        return self._starts[line] if line < len(self._starts) else len(self._text)

    def line_end(self, line: int) -> int:
        """Return the offset after the last character of `line`, its line end left out."""
        end = self.line_start(line + 1)
        start = self.line_start(line)
        while end > start and self._text[end - 1] in "\r\n":
            end -= 1
        return end

    def line_text(self, line: int) -> str:
        """Return the characters of 0-based `line` without its line end."""
        return self._text[self.line_start(line) : self.line_end(line)]

    def position(self, offset: int, encoding: Encoding = Encoding.UTF32) -> Position:
        """Return the position of `offset`, its column in units of `encoding`."""
        line = bisect_right(self._starts, offset) - 1
        start = self._starts[line]
        if encoding is Encoding.UTF32 or self._text.isascii():
            return Position(line, offset - start)
        return Position(line, _units(self._text[start:offset], encoding))

    def bounds(self, start: int, end: int, encoding: Encoding = Encoding.UTF32) -> tuple[int, int, int, int]:
        """Return line and column of `start` and of `end`, which is not before it; see `position`."""
        starts, plain = self._starts, encoding is Encoding.UTF32 or self._text.isascii()
        line = bisect_right(starts, start) - 1
        is_one = line + 1 == len(starts) or end < starts[line + 1]
        last = line if is_one else bisect_right(starts, end) - 1
        first, begins = starts[line], starts[last]
        if plain:
            return line, start - first, last, end - begins
        columns = _units(self._text[first:start], encoding), _units(self._text[begins:end], encoding)
        return line, columns[0], last, columns[1]

    def offset(self, position: Position, encoding: Encoding = Encoding.UTF32) -> int:
        """Return the offset of `position`; a column past the line's end means the line's end.

        A line past the last one means the end of the text. A column inside a surrogate pair or a
        UTF-8 sequence means the character it belongs to.
        """
        if position.line >= len(self._starts):
            return len(self._text)
        start, end = self.line_start(position.line), self.line_end(position.line)
        if position.column <= 0:
            return start
        line = self._text[start:end]
        if encoding is Encoding.UTF32 or line.isascii():
            return start + min(position.column, len(line))
        units = 0
        for at, char in enumerate(line):
            units += _units(char, encoding)
            if units > position.column:
                return start + at
        return end
