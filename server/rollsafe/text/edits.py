"""Replacing parts of a text."""

import itertools
from collections.abc import Iterable

from rollsafe.text.spans import Span
from rollsafe.text.tuples import NamedTuple


class Edit(NamedTuple):
    """Replace the characters of `span` by `text`; an empty span inserts."""

    span: Span
    text: str


def overlap(edits: Iterable[Edit]) -> bool:
    """Say whether two of `edits` touch the same characters, so that they cannot be applied together.

    Two insertions at one offset count as overlapping: their order would be a guess.
    """
    ordered = sorted(edits, key=lambda edit: edit.span)
    return any(
        later.span.start < earlier.span.end or later.span == earlier.span
        for earlier, later in itertools.pairwise(ordered)
    )


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return `text` with every edit applied; offsets refer to `text` as it was.

    Raises:
        ValueError: two edits overlap.
    """
    ordered = sorted(edits, key=lambda edit: edit.span)
    if overlap(ordered):
        raise ValueError("edits overlap")
    parts: list[str] = []
    at = 0
    for edit in ordered:
        parts += (text[at : edit.span.start], edit.text)
        at = edit.span.end
    parts.append(text[at:])
    return "".join(parts)
