"""A file as the rest of the program sees it."""

from functools import cached_property
from posixpath import basename, dirname

from rollsafe.text import LineIndex, Located


class SourceFile:
    """An immutable text at a `path` (posix, relative to its project root).

    Two objects are two versions, whatever their text: identity is what memos compare.
    """

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    def __repr__(self) -> str:
        return f"SourceFile({self.path!r})"

    @cached_property
    def lines(self) -> LineIndex:
        """The file's lines, split as editors split them."""
        return LineIndex(self.text)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return basename(self.path)

    @property
    def directory(self) -> str:
        """The path without its last part; empty at the root."""
        return dirname(self.path)

    def slice(self, place: Located) -> str:
        """Return the characters `place` covers."""
        return self.text[place.start : place.end]

    def line_number(self, place: Located) -> int:
        """Return the 1-based line on which `place` begins."""
        return self.lines.line_of(place.start) + 1
