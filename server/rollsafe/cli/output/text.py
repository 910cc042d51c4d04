"""Text that can be shown on a terminal: no control characters, wrapped at words."""

import re
from typing import Final

from rollsafe.text.patterns import lazily

_HIDDEN: Final = lazily(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)
"""Characters that would move the cursor, end a line, reverse or hide text: file content is not trusted."""


def plain(text: str) -> str:
    """Return `text` on one line, what cannot be shown replaced by its escape."""
    return _HIDDEN.sub(_visible, text)


def wrap(text: str, width: int, indent: str) -> str:
    """Return `text` broken at spaces into lines of at most `width` columns, each indented."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and len(indent) + len(line) + 1 + len(word) > width:
            lines.append(indent + line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, indent + line])


def plural(count: int, noun: str) -> str:
    """Return a number with its noun: `1 file`, `2 files`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _visible(match: re.Match[str]) -> str:
    char = match[0]
    if char in "\t\r\n":
        return " "
    return char.encode("unicode_escape").decode("ascii")
