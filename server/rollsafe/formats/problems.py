"""What a reader could not read."""

from rollsafe.text.tuples import NamedTuple


class Problem(NamedTuple):
    """A place a reader could not make sense of; `message` is one line in the format's own words.

    `fatal` means that nothing after `start` (or nothing at all) was read: the file counts as
    skipped, not as clean.
    """

    start: int
    end: int
    message: str
    fatal: bool = False
