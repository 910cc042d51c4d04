"""A file as the rest of the program sees it."""

from collections.abc import Callable
from posixpath import basename, dirname
from typing import TypeVar, cast

from rollsafe.text import Edit, LineIndex, Located, Span
from rollsafe.text.cached import cached_property
from rollsafe.text.lines import end_of_line

T = TypeVar("T")


class SourceFile:
    """An immutable text at a `path` (posix, relative to its project root).

    Two objects are two versions, whatever their text: identity is what memos compare. `around` is what
    other files tell of this one; a reader takes it if it is of the kind it knows.
    """

    def __init__(self, path: str, text: str, around: object = None) -> None:
        self.path = path
        self.text = text
        self.around = around

    def __repr__(self) -> str:
        return f"SourceFile({self.path!r})"

    @cached_property
    def lines(self) -> LineIndex:
        """The file's lines, split as editors split them."""
        return LineIndex(self.text)

    def told(self, tell: Callable[["SourceFile"], T]) -> T:
        """Return what `tell` makes of the file, made once; values that can be compared."""
        if tell not in self._told:
            self._told[tell] = tell(self)
        return cast("T", self._told[tell])

    @cached_property
    def _told(self) -> dict[object, object]:
        return {}

    @property
    def name(self) -> str:
        """The last part of the path."""
        return basename(self.path)

    @property
    def directory(self) -> str:
        """The path without its last part; empty at the root."""
        return dirname(self.path)

    @property
    def host(self) -> "SourceFile":
        """The file as it is on disk; another one for what is a translation of it."""
        return self

    def place(self, located: Located) -> Span:
        """Return where `located` is in the host."""
        return Span(located.start, located.end)

    def remarks_above(self, place: Located) -> tuple[str, ...]:
        """Return the comments of the host right above what a place of a translation comes from."""
        return ()

    def native(self, edits: tuple[Edit, ...]) -> tuple[Edit, ...] | None:
        """Return `edits` as edits of the host; None if they have no counterpart there."""
        return edits

    def slice(self, place: Located) -> str:
        """Return the characters `place` covers."""
        return self.text[place.start : place.end]

    def text_for(self, place: Located) -> str:
        """Return the whole text, to somebody who looks at nothing of it but what `place` covers."""
        return self.text

    def rest_of_line(self, offset: int) -> str:
        """Return what stands from `offset` on in its line."""
        return self.text[offset : end_of_line(self.text, offset)]

    def line_number(self, place: Located) -> int:
        """Return the 1-based line on which `place` begins."""
        return self.lines.line_of(place.start) + 1
