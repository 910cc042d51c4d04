"""Two versions of a file: where what stood in one of them stands in the other."""

from collections.abc import Callable
from functools import lru_cache

from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Located, Span


def moved(located: Located, old: SourceFile, new: SourceFile) -> Span | None:
    """Return where a place of one version is in another; None where its text is not the same any more."""
    if old is new:
        return Span(located.start, located.end)
    before, behind = _same(old, new)
    if located.end <= before:
        return Span(located.start, located.end)
    if located.start < len(old.text) - behind:
        return None
    by = len(new.text) - len(old.text)
    return Span(located.start + by, located.end + by)


@lru_cache(maxsize=16)
def _same(old: SourceFile, new: SourceFile) -> tuple[int, int]:
    """Return how many characters two versions have in common at the beginning and at the end."""
    most = min(len(old.text), len(new.text))
    before = _longest(most, lambda size: old.text[:size] == new.text[:size])
    behind = _longest(
        most - before, lambda size: old.text[len(old.text) - size :] == new.text[len(new.text) - size :]
    )
    return before, behind


def _longest(most: int, is_same: Callable[[int], bool]) -> int:
    low = 0
    while low < most:
        middle = (low + most + 1) // 2
        if is_same(middle):
            low = middle
        else:
            most = middle - 1
    return low
