"""Paths a `.gitignore` leaves out.

The subset of git's pattern language that matters for leaving files out: comments, negation, directory
patterns, anchoring, `*`, `?`, `[…]` and `**`. Later patterns win, and nothing below an ignored
directory can be brought back.
"""

import re
from functools import lru_cache

from rollsafe.text.tuples import NamedTuple

_MAX_PATTERNS = 5_000


class Pattern(NamedTuple):
    """One line of an ignore file, compiled to match a path relative to the file's directory."""

    regex: re.Pattern[str]
    negated: bool
    directories_only: bool


class IgnoreFile(NamedTuple):
    """The patterns of one ignore file; `base` is its directory, relative to the project."""

    base: str
    patterns: tuple[Pattern, ...]

    def verdict(self, path: str, *, is_directory: bool) -> bool | None:
        """Say whether `path` (relative to the project) is ignored; None when no pattern speaks of it."""
        if self.base and not path.startswith(self.base + "/"):
            return None
        relative = path[len(self.base) + 1 :] if self.base else path
        for pattern in reversed(self.patterns):
            if (is_directory or not pattern.directories_only) and pattern.regex.match(relative):
                return not pattern.negated
        return None


def read_ignore_file(text: str, base: str) -> IgnoreFile:
    """Read the text of an ignore file that lies in directory `base`."""
    lines = text.split("\n")[:_MAX_PATTERNS]
    return IgnoreFile(base, tuple(p for p in map(_pattern, lines) if p is not None))


def _pattern(line: str) -> Pattern | None:
    line = line.rstrip("\r")
    if not line.endswith("\\ "):
        line = line.rstrip(" ")
    if not line or line.startswith("#"):
        return None
    negated = line.startswith("!")
    line = line[1:] if negated else line
    directories_only = line.endswith("/")
    line = line.rstrip("/")
    if not line:
        return None
    anchored = "/" in line
    segments = line.strip("/").split("/")
    try:
        regex = re.compile(_regex(tuple(segments if anchored else ["**", *segments])))
    except re.error:
        return None
    return Pattern(regex, negated, directories_only)


@lru_cache(maxsize=1024)
def _regex(segments: tuple[str, ...]) -> str:
    """Translate a pattern's segments; `**` stands for any number of directories."""
    parts: list[str] = []
    for at, segment in enumerate(segments):
        last = at + 1 == len(segments)
        if segment == "**":
            parts.append(".+" if last else "(?:[^/]+/)*")
        else:
            parts.append(_segment(segment) + ("" if last else "/"))
    return "".join(parts) + r"\Z"


def _segment(glob: str) -> str:
    """Translate one path segment.

    Every `*` but the last becomes an atomic group that stops at the first match of what follows it, as
    in `fnmatch`: equivalent, and no pattern can make the match backtrack without end.
    """
    first, *others = [_fixed(part) for part in re.split(r"\*+", glob)]
    if not others:
        return first
    middle = "".join(f"(?>[^/]*?{part})" for part in others[:-1])
    return f"{first}{middle}[^/]*{others[-1]}"


def _fixed(part: str) -> str:
    pieces: list[str] = []
    at = 0
    while at < len(part):
        char, at = part[at], at + 1
        if char == "?":
            pieces.append("[^/]")
        elif char == "[" and (end := part.find("]", at + 1)) > 0:
            body = part[at:end].replace("\\", "\\\\").replace("[", "\\[")
            pieces.append("[" + ("^" + body[1:] if body[0] == "!" else body) + "]")
            at = end + 1
        elif char == "\\" and at < len(part):
            pieces.append(re.escape(part[at]))
            at += 1
        else:
            pieces.append(re.escape(char))
    return "".join(pieces)
