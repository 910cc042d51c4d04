"""Comments that silence a finding: `# rollsafe: ignore[rule] until=2027-01-31 -- why`.

At the end of a line a comment speaks of that line; alone on a line, of the next line with content and of
the element that begins there. `ignore-file[...]` speaks of the whole file. `--` begins the reason.
"""

import re
from collections.abc import Iterator
from datetime import date

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_COMMENT = lazily(
    r"(?:^|(?<=[ \t]))(?P<open>#|--|//|<!--)[ \t]*rollsafe:[ \t]*ignore(?P<file>-file)?"
    r"(?:\[(?P<names>[^\]\r\n]*)\])?(?P<rest>[^\r\n]*)",
    re.M,
)
_UNTIL = lazily(r"\buntil=(\S+)")
_REASON = lazily(r"(?:^|\s)--\s+(\S.*?)\s*(?:-->)?\s*$")
_BLANK_OR_COMMENT = lazily(r"^[ \t]*(?:$|#|--|//|<!--)")


class RuleNames(frozenset[str]):
    """The names of all rules there are; injected into rules that ask for it."""


class IgnoreComment(Element):
    """One ignore comment. `line` is the 1-based line it speaks of, None for the whole file.

    `names` holds the rules it names with the offsets of each; `silenced` the names of the findings it
    has silenced, filled by the engine.
    """

    family = "ignores"

    def __init__(self, file: SourceFile, start: int, end: int, match: re.Match[str]) -> None:
        super().__init__(file, start, end)
        rest = match["rest"]
        until, reason = _UNTIL.search(rest), _REASON.search(rest)
        self.names = tuple(_names(match))
        self.until = until[1] if until else None
        self.reason = reason[1].removesuffix("-->").strip() if reason else ""
        self.line = None if match["file"] else _line(file, start)
        self.silenced: set[str] = set()
        self.active_names: frozenset[str] = frozenset()

    @property
    def expiry(self) -> date | None:
        """The date after which the comment has no effect; None without one or with a broken one."""
        try:
            return date.fromisoformat(self.until) if self.until else None
        except ValueError:
            return None

    def in_force(self, today: date) -> bool:
        """Say whether the comment still silences on `today`."""
        return self.until is None or (self.expiry is not None and today <= self.expiry)


class NamedRule(NamedTuple):
    """A rule name inside an ignore comment, and where it stands."""

    name: str
    start: int
    end: int


def read_ignores(file: SourceFile) -> list[IgnoreComment]:
    """Return the ignore comments of a file in source order."""
    if "rollsafe:" not in file.text:
        return []
    return [
        IgnoreComment(file, match.start("open"), match.end(), match) for match in _COMMENT.finditer(file.text)
    ]


def _names(match: re.Match[str]) -> Iterator[NamedRule]:
    listed = match["names"]
    if listed is None:
        return
    at = match.start("names")
    for part in listed.split(","):
        name = part.strip()
        if name:
            start = at + part.index(name)
            yield NamedRule(name, start, start + len(name))
        at += len(part) + 1


def _line(file: SourceFile, offset: int) -> int:
    """Return the 1-based line the comment at `offset` speaks of."""
    lines = file.lines
    at = lines.line_of(offset)
    if file.text[lines.line_start(at) : offset].strip():
        return at + 1
    for line in range(at + 1, len(lines)):
        if not _BLANK_OR_COMMENT.match(lines.line_text(line)):
            return line + 1
    return at + 1
