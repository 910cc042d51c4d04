"""Whether a change of some files starts a workflow that filters by path."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from rollsafe.text.patterns import lazily

_MOST_WILDCARDS: Final = 6
"""A pattern with more of them counts as one that fits: matching it could take very long."""

_PIECE: Final = lazily(r"\*\*/?|\*|\[[^\]/]*\]|[?+]|.", re.S)


def concerns(paths: Sequence[str], include: Sequence[str], ignore: Sequence[str]) -> bool:
    """Say whether a change of `paths` passes the patterns of `paths` and `paths-ignore`."""
    if include and not any(_fits(path, include) for path in paths):
        return False
    return not ignore or any(not _fits(path, ignore) for path in paths)


def _fits(path: str, patterns: Iterable[str]) -> bool:
    """Say whether the last pattern that matches is one without an exclamation mark."""
    fits = False
    for pattern in patterns:
        negated = pattern.startswith("!")
        expression = _expression(pattern.removeprefix("!"))
        if expression is None or expression.fullmatch(path):
            fits = not negated
    return fits


@lru_cache(maxsize=512)
def _expression(pattern: str) -> re.Pattern[str] | None:
    """Translate a pattern: `*` stays in a directory, `**` does not, `?` and `+` are about what precedes."""
    pieces = _PIECE.findall(pattern)
    if sum(piece[0] in "*?+[" for piece in pieces) > _MOST_WILDCARDS:
        return None
    try:
        return re.compile("".join(map(_translated, pieces)), re.S)
    except re.error:
        return None


def _translated(piece: str) -> str:
    if piece in ("?", "+") or (piece[0] == "[" and len(piece) > 1):
        return piece
    return {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}.get(piece) or re.escape(piece)
