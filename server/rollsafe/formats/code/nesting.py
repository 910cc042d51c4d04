"""How deep brackets stand in brackets; those in strings are no nesting."""

import re
from typing import Final

from rollsafe.text.patterns import lazily

MAX_NESTING: Final = 100
_MAX_BRACKETS: Final = 1_000
"""As deep as that is not tried wherever the brackets stand: a string to us may be none to a parser."""
_MARK: Final = lazily(
    r"\\.|\"\"\"|'''|[\"'`\n()\[\]{}]|<<[~-][\"'`]?(?P<begins>[A-Z]\w*)|^[ \t]*(?P<ends>[A-Z]\w*)[ \t]*$",
    re.M | re.S,
)
_SHORT: Final = frozenset("\"'")


def too_deep(text: str) -> str:
    """Return that a program is nested too deep to be read; empty for one that is not."""
    deepest = _deepest(text, _Plain())
    if deepest <= MAX_NESTING:
        return ""
    if deepest > _MAX_BRACKETS or _deepest(text, _Strings()) > MAX_NESTING:
        return f"nested more than {MAX_NESTING} deep"
    return ""


class _Plain:
    """Takes every bracket for one of the program."""

    pattern: Final = re.compile(r"[()\[\]{}]")

    def takes(self, mark: re.Match[str]) -> bool:
        """Say whether a mark is a bracket of the program."""
        return True


class _Strings:
    """Knows the strings of Python, Ruby and JavaScript; one in plain quotes ends with its line."""

    pattern: Final = _MARK

    def __init__(self) -> None:
        self._end = ""

    def takes(self, mark: re.Match[str]) -> bool:
        """Say whether a mark is a bracket of the program, not within a string."""
        word = mark["ends"] or mark[0]
        if self._end:
            if word == self._end or (word == "\n" and self._end in _SHORT):
                self._end = ""
            return False
        if mark["begins"] or word in ('"', "'", "`", '"""', "'''"):
            self._end = mark["begins"] or word
        return word in _BRACKETS


_BRACKETS: Final = frozenset("()[]{}")


def _deepest(text: str, reader: _Plain | _Strings) -> int:
    depth = deepest = 0
    for mark in reader.pattern.finditer(text):
        if not reader.takes(mark):
            continue
        if mark[0] in "([{":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth = max(0, depth - 1)
    return deepest
