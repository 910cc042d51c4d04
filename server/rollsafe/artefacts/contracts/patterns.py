"""Which regular expressions are answered quickly, and for texts of which length.

`re` tries every way in which repetitions can share a text. Repetitions within repetitions share it in more
ways than anybody waits for; those side by side in as many as the length to the power of their number.
"""

import re
from typing import Final

_TOKEN: Final = re.compile(
    r"(?P<escape>\\.)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<open>\((?:\?(?:[:=!]|<[=!]|<\w+>|P<\w+>))?)|(?P<close>\))"
    r"|(?P<choice>\|)|(?P<many>[*+]|\{\d+,\d*\})|(?P<exact>\{\d+\})|(?P<maybe>\?)|(?P<other>.)",
    re.S,
)
_LONGEST: Final = (10_000, 2_000, 200, 60, 30)
"""Characters of a text that a pattern with so many repetitions side by side is held against."""


_MOST_CHOICES: Final = 12
"""Alternatives and optional parts, each of which may double the ways."""


class _Group:
    """What was met in a group so far."""

    __slots__ = ("is_varied",)

    def __init__(self) -> None:
        self.is_varied = False
        """Whether it matches texts of different lengths, or in different ways."""


def longest_text(pattern: str) -> int:
    """Return how many characters a text may have to be held against a pattern of JavaScript; 0 for none."""
    groups, closed, repetitions, choices = [_Group()], _Group(), 0, 0
    for token in _TOKEN.finditer(pattern):
        kind = token.lastgroup
        if kind == "open":
            groups.append(_Group())
        elif kind == "close" and len(groups) > 1:
            closed = groups.pop()
            groups[-1].is_varied |= closed.is_varied
            continue
        elif kind in ("choice", "maybe"):
            groups[-1].is_varied = True
            choices += 1
        elif kind == "exact" and closed.is_varied:
            return 0
        elif kind == "many":
            if closed.is_varied:
                return 0
            repetitions += 1
            groups[-1].is_varied = True
        elif kind == "escape" and token[0][1].isdigit():
            return 0
        closed = _Group()
    is_quick = repetitions < len(_LONGEST) and choices <= _MOST_CHOICES
    return _LONGEST[repetitions] if is_quick else 0
