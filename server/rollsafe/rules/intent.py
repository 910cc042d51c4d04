"""Whether somebody wrote a risky value on purpose."""

import re

from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Located

_COMMENT = re.compile(r"(?:^|[ \t])(?:#|--|//)[ \t]*(\S.*)$")
_WORDS = re.compile(r"[A-Za-z]{2,}")


def explained(file: SourceFile, place: Located) -> bool:
    """Say whether a comment of at least two words stands on the line of `place` or right above it."""
    line = file.lines.line_of(place.start)
    if _is_prose(file.lines.line_text(line)):
        return True
    above = file.lines.line_text(line - 1).lstrip() if line > 0 else ""
    return above.startswith(("#", "--", "//")) and _is_prose(above)


def _is_prose(line: str) -> bool:
    comment = _COMMENT.search(line)
    if comment is None or "rollsafe:" in comment[1]:
        return False
    return len(_WORDS.findall(comment[1])) >= 2
