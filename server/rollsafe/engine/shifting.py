"""What an edit left alone, and how far it moved it."""

from rollsafe.text import Span
from rollsafe.text.likeness import same_end, same_start
from rollsafe.text.tuples import NamedTuple


class Shift(NamedTuple):
    """Two versions of a text: the same up to `low`, and from `high` of the older one on, `by` further."""

    low: int
    high: int
    by: int

    @classmethod
    def between(cls, old: str, new: str) -> "Shift":
        """Return the one stretch outside of which both texts are the same."""
        longest = min(len(old), len(new))
        low = same_start(old, new, longest)
        high = len(old) - same_end(old, new, longest - low)
        return cls(low, high, len(new) - len(old))

    def moved(self, start: int, end: int) -> Span | None:
        """Return where a place of the older text is now; None for one that the edit touches."""
        if end <= self.low and (start < end or end < self.low):
            return Span(start, end)
        if start >= self.high and (start < end or start > self.high):
            return Span(start + self.by, end + self.by)
        return None

    def grown(self, start: int, end: int) -> Span | None:
        """Return where a place of the older text is now within which the edit lies; None for any other."""
        return Span(start, end + self.by) if start <= self.low and self.high <= end else None
