"""Files that make up one pipeline."""

from rollsafe.text.tuples import NamedTuple


class Included(NamedTuple):
    """The file a pipeline begins with, and the texts of all its files by path."""

    root: str
    texts: tuple[tuple[str, str], ...]
