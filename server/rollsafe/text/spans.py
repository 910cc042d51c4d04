"""Half-open ranges of character offsets."""

from typing import Protocol

from rollsafe.text.tuples import NamedTuple


class Located(Protocol):
    """Anything with a place in a text: a node, a statement, an instruction, a `Span`.

    Offsets count code points from the start of the file; `end` is exclusive.
    """

    @property
    def start(self) -> int:
        """Offset of the first character."""
        ...

    @property
    def end(self) -> int:
        """Offset after the last character."""
        ...


class Span(NamedTuple):
    """A half-open range of code-point offsets, `start <= end`."""

    start: int
    end: int

    @classmethod
    def of(cls, place: Located) -> "Span":
        """Return the span that `place` covers."""
        return cls(place.start, place.end)

    @classmethod
    def at(cls, offset: int) -> "Span":
        """Return the empty span at `offset`: where an insertion goes."""
        return cls(offset, offset)

    def further(self, by: int) -> "Span":
        """Return the same range `by` characters further on."""
        start, end = self
        return Span(start + by, end + by) if by else self

    def holds(self, offset: int) -> bool:
        """Say whether `offset` lies inside, the end included (a cursor after the last letter)."""
        return self.start <= offset <= self.end

    def touches(self, other: "Span") -> bool:
        """Say whether the two ranges share a character or a border."""
        return self.start <= other.end and other.start <= self.end
