"""Files of environment variables: `.env` and its relatives.

Reads what Compose and the common libraries agree on: `NAME=value`, an `export` before it, single and
double quotes that may span lines, comments after a blank. A name alone is kept: with Compose's `env_file`
it means the variable of the surrounding environment. Values are credentials more often than not, so no
repr shows them.
"""

import re
from typing import Final

from rollsafe.formats.problems import Problem
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

MAX_CHARS: Final = 1_048_576
MAX_ENTRIES: Final = 5_000

_SPACE = lazily(r"[ \t\f\v\r\n]*")
_LINE = lazily(r"[^\r\n]*")
_NAME = lazily(
    r"(?P<export>export[ \t]+)?(?P<name>[A-Za-z_][\w.-]*)[ \t]*"
    r"(?P<separator>=|:(?=[ \t])|(?=[\r\n#]|\Z))[ \t]*",
    re.A,
)
_QUOTED: Final = {
    '"': re.compile(r'"((?:[^"\\]|\\.)*+)"', re.S),
    "'": re.compile(r"'([^']*+)'"),
}
_BARE = lazily(r"[^\r\n]*")
_REST = lazily(r"[ \t]*(?:#|[\r\n]|\Z)")
_COMMENT = lazily(r"(?:\A|[ \t])#")
_ESCAPE = lazily(r"\\(.)", re.S)
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t"}


class EnvEntry(NamedTuple):
    """A `NAME=value`; `value` is None for a name alone.

    `start` and `end` bound the entry from the name to the value; `value_span` leaves quotes out.
    `expands` tells that variables in the value are replaced (it is not in single quotes).
    """

    name: str
    start: int
    end: int
    name_span: Span
    value: str | None
    value_span: Span
    expands: bool

    def __repr__(self) -> str:
        return f"EnvEntry({self.name!r})"


class EnvComment(NamedTuple):
    """A comment line from its `#` on."""

    start: int
    end: int
    text: str


class DotenvTree:
    """What the dotenv reader made of a text: entries, comment lines and problems in source order."""

    __slots__ = ("comments", "entries", "problems")

    def __init__(
        self,
        entries: tuple[EnvEntry, ...],
        comments: tuple[EnvComment, ...],
        problems: tuple[Problem, ...],
    ) -> None:
        self.entries = entries
        self.comments = comments
        self.problems = problems

    def __repr__(self) -> str:
        return f"DotenvTree({len(self.entries)} entries)"


def read_dotenv(text: str) -> DotenvTree:
    """Read an environment file; never raises.

    A text that is too large gives an empty tree and a fatal problem, one with too many lines the first
    ones and a fatal problem.
    """
    if len(text) > MAX_CHARS:
        problem = Problem(0, 0, f"larger than {MAX_CHARS} characters", fatal=True)
        return DotenvTree((), (), (problem,))
    return _Reader(text).read()


class _Reader:
    """The state of one pass: the next offset, and what was found before it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._entries: list[EnvEntry] = []
        self._comments: list[EnvComment] = []
        self._problems: list[Problem] = []
        self._unclosed: set[str] = set()

    def read(self) -> DotenvTree:
        text = self._text
        at = 1 if text.startswith("\ufeff") else 0
        while (at := _end(_SPACE, text, at)) < len(text):
            if len(self._entries) + len(self._comments) + len(self._problems) >= MAX_ENTRIES:
                self._problems.append(Problem(at, at, f"more than {MAX_ENTRIES} lines", fatal=True))
                break
            at = self._comment(at) if text[at] == "#" else self._entry(at)
        return DotenvTree(tuple(self._entries), tuple(self._comments), tuple(self._problems))

    def _comment(self, start: int) -> int:
        end = _end(_LINE, self._text, start)
        self._comments.append(EnvComment(start, end, self._text[start + 1 : end].strip()))
        return end

    def _entry(self, start: int) -> int:
        """Read the entry at `start`; return the offset behind it."""
        match = _NAME.match(self._text, start)
        if match is None:
            end = _end(_LINE, self._text, start)
            self._problems.append(Problem(start, end, "line without a variable name"))
            return end
        name = Span(*match.span("name"))
        if not match["separator"]:
            entry = EnvEntry(match["name"], name.start, name.end, name, None, Span.at(name.end), True)
            self._entries.append(entry)
            return match.end() if match["export"] is None else self._finish(match.end())
        quoted = self._quoted(match.end())
        if quoted is None:
            return self._bare(match["name"], name, match.end())
        quote = self._text[match.end()]
        inner = Span(*quoted.span(1))
        value = _unescaped(quoted[1]) if quote == '"' else quoted[1]
        self._entries.append(
            EnvEntry(match["name"], name.start, quoted.end(), name, value, inner, quote == '"')
        )
        return self._finish(quoted.end())

    def _quoted(self, at: int) -> re.Match[str] | None:
        """Match a quoted value at `at`; report a quote that is never closed."""
        quote = self._text[at : at + 1]
        pattern = _QUOTED.get(quote)
        if pattern is None:
            return None
        # Once no closing quote was found there is none further on, so it is looked for only once.
        match = pattern.match(self._text, at) if quote not in self._unclosed else None
        if match is None:
            self._unclosed.add(quote)
        elif "\n" in match[0] and not self._is_rest_blank(match.end()):
            # The quote that would close it belongs to another line: somebody is typing.
            match = None
        if match is None:
            self._problems.append(Problem(at, at + 1, "quote is not closed"))
        return match

    def _bare(self, name: str, name_span: Span, start: int) -> int:
        """Take an unquoted value: up to a comment or the end of the line."""
        end = _end(_BARE, self._text, start)
        line = self._text[start:end]
        comment = _COMMENT.search(line)
        value = (line[: comment.start()] if comment is not None else line).rstrip()
        span = Span(start, start + len(value))
        self._entries.append(EnvEntry(name, name_span.start, span.end, name_span, value, span, True))
        return end

    def _finish(self, at: int) -> int:
        """Skip what is left of the line: nothing, blanks or a comment; report anything else."""
        end = _end(_LINE, self._text, at)
        if not self._is_rest_blank(at):
            self._problems.append(Problem(at, end, "text after the value"))
        return end

    def _is_rest_blank(self, at: int) -> bool:
        return _REST.match(self._text, at) is not None


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match is not None else at


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), text)
