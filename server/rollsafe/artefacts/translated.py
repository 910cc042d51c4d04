"""A file in another language as rules see it: its meaning as one text, every part of it with its place."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Edit, Located, Span
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

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

    def remarks_above(self, place: Located) -> tuple[str, ...]:
        """Return the comments of the host right above what `place` comes from, without their marks."""
        lines, found = self._host.lines, list[str]()
        for number in range(lines.line_of(self.place(place).start) - 1, -1, -1):
            match = _REMARK.fullmatch(lines.line_text(number).rstrip("\r\n"))
            if match is None:
                break
            found.insert(0, match["body"])
        return tuple(found)

    def native(self, edits: tuple[Edit, ...]) -> tuple[Edit, ...] | None:
        """Return `edits` of the translation as edits of the host; None if the host cannot say it."""
        copied = [self.copied(edit) for edit in edits]
        if all(one is not None for one in copied):
            return tuple(one for one in copied if one is not None)
        return self._rewrite(self, edits) if self._rewrite is not None else None

    def copied(self, edit: Edit) -> Edit | None:
        """Return an edit of characters the host has as well; None for others."""
        for segment in self.segments:
            inside = segment.start <= edit.span.start and edit.span.end <= segment.end
            # What is put at an end of a part belongs into it only if the part is a statement by itself.
            at_end = edit.span.start == edit.span.end and edit.span.start in segment[:2]
            if inside and at_end and not self._is_whole(segment):
                continue
            if inside and segment.is_verbatim and self._takes(segment, edit.text):
                by = segment.place.start - segment.start
                return Edit(Span(edit.span.start + by, edit.span.end + by), edit.text)
        return None

    def _is_whole(self, segment: Segment) -> bool:
        """Say whether a part is all of a statement, or several."""
        begins = segment.start == 0 or self.text[segment.start - 1] == "\n"
        return begins and self.text.startswith(";\n", segment.end)

    def _takes(self, segment: Segment, text: str) -> bool:
        """Say whether a string of the host may hold `text` as it is: lines only where it has several."""
        if "\n" in text and "\n" not in self._host.slice(segment.place):
            return False
        return not _NOT_PLAIN & set(text)


_REMARK = lazily(r"[ \t]*(?:#|//)[ \t]*(?P<body>(?!rollsafe:|noqa|type:|eslint|rubocop|!).*)")
"""A line with nothing but a comment that is for people."""

_NOT_PLAIN = frozenset("\\'\"`#${}")
"""Characters that may end or change the string they are written into."""

APART: Final = "-- apart\n"
"""Inserted where a way begins in a translation: it is to run outside of a transaction."""


def _within(segment: Segment, located: Located) -> Span:
    if not segment.is_verbatim:
        return segment.place
    by = segment.place.start - segment.start
    return Span(max(located.start, segment.start) + by, min(located.end, segment.end) + by)
