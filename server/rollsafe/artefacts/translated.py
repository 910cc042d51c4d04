"""A file in another language as rules see it: its meaning as one text, every part of it with its place."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Edit, Located, Span

Rewrite = Callable[["TranslatedFile", tuple[Edit, ...]], tuple[Edit, ...] | None]
"""Turns edits of a translation into edits of its host; None where the host cannot say it."""


class Segment(NamedTuple):
    """The part `[start, end)` of a translation, and the place in the host it is the meaning of.

    `is_verbatim` tells that the host has the same characters there.
    """

    start: int
    end: int
    place: Span
    is_verbatim: bool


class TranslatedFile(SourceFile):
    """What a file means, as a text in the language that rules read.

    Elements have offsets of `text`; whoever shows them asks for their `place` in `host`. Characters
    outside of all segments belong to the file as a whole.
    """

    def __init__(
        self, host: SourceFile, text: str, segments: Sequence[Segment], rewrite: Rewrite | None = None
    ) -> None:
        super().__init__(host.path, text)
        self._host = host
        self.segments = tuple(sorted(segments))
        self._rewrite = rewrite

    @property
    def host(self) -> SourceFile:
        """The file as it is on disk."""
        return self._host

    @cached_property
    def _starts(self) -> list[int]:
        return [segment.start for segment in self.segments]

    def touched(self, located: Located) -> tuple[Segment, ...]:
        """Return the segments that share characters with `located`; for an empty place, the one it is in."""
        end = max(located.end, located.start + 1)
        last = bisect_right(self._starts, end - 1)
        first = last
        while first and self.segments[first - 1].end > located.start:
            first -= 1
        return self.segments[first:last]

    def place(self, located: Located) -> Span:
        """Return where `located` is in the host: exactly, or as narrowly as its parts are known."""
        if located.start <= 0 and located.end >= len(self.text):
            return Span(0, len(self._host.text))
        found = self.touched(located)
        if not found:
            return Span(0, 0)
        places = [_within(segment, located) for segment in found]
        return Span(min(one.start for one in places), max(one.end for one in places))

    def line_number(self, place: Located) -> int:
        """Return the 1-based line of the host on which `place` begins."""
        return self._host.line_number(self.place(place))

    def native(self, edits: tuple[Edit, ...]) -> tuple[Edit, ...] | None:
        """Return `edits` of the translation as edits of the host; None if the host cannot say it."""
        copied = [self._copied(edit) for edit in edits]
        if all(one is not None for one in copied):
            return tuple(one for one in copied if one is not None)
        return self._rewrite(self, edits) if self._rewrite is not None else None

    def _copied(self, edit: Edit) -> Edit | None:
        """Return an edit of characters the host has as well; None for others."""
        for segment in self.segments:
            inside = segment.start <= edit.span.start and edit.span.end <= segment.end
            if inside and segment.is_verbatim and not _NOT_PLAIN & set(edit.text):
                by = segment.place.start - segment.start
                return Edit(Span(edit.span.start + by, edit.span.end + by), edit.text)
        return None


_NOT_PLAIN = frozenset("\\'\"`#${}")
"""Characters that may end or change the string they are written into."""


def _within(segment: Segment, located: Located) -> Span:
    if not segment.is_verbatim:
        return segment.place
    by = segment.place.start - segment.start
    return Span(max(located.start, segment.start) + by, min(located.end, segment.end) + by)
