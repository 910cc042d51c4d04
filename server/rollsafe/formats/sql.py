"""PostgreSQL text into positioned statements with their parse trees.

The text is cut into statements first and each is parsed alone, so that one unfinished statement costs one
statement, and of one with a list no more than the element that is unfinished. Parses are remembered by
statement text: after an edit only the statement that changed is parsed again.
"""

import re
from functools import lru_cache
from itertools import pairwise
from typing import Final

from rollsafe.formats.problems import Problem
from rollsafe.formats.sql_mask import is_placeholder
from rollsafe.formats.sql_parser import Rejected, SqlNode, parse
from rollsafe.formats.sql_recovery import missing_semicolon, parted, recover
from rollsafe.formats.sql_split import Cut, SqlComment, split
from rollsafe.text.patterns import lazily

__all__ = ["Parsed", "SqlComment", "SqlNode", "SqlStatement", "SqlTree", "parse_statement", "read_sql"]

MAX_CHARS: Final = 1_048_576
_MAX_REJECTED: Final = 50
"""After so many rejected statements the text is taken for another dialect."""
_SMALL: Final = 8_192
_PLAIN_WHEN_LONG = lazily(
    r"INSERT|SELECT|WITH|COPY|VALUES|DO|CREATE (?:FUNCTION|PROCEDURE|(?:MATERIALIZED )?VIEW)"
)
"""Kinds that may well be long, and of which the leading words say enough."""

_KIND = lazily(
    r"""(?P<verb>CREATE|ALTER|DROP|COMMENT\s+ON)\b
        (?:\s+(?:OR\s+REPLACE|GLOBAL|LOCAL|TEMP|TEMPORARY|UNLOGGED|UNIQUE|CONSTRAINT|TRUSTED|RECURSIVE
               |PROCEDURAL|DEFAULT)\b){0,4}
        \s+(?P<object>(?:MATERIALIZED\s+VIEW|FOREIGN\s+(?:TABLE|DATA\s+WRAPPER)|EVENT\s+TRIGGER
               |TEXT\s+SEARCH\s+\w+|ACCESS\s+METHOD|OPERATOR\s+(?:CLASS|FAMILY)|USER\s+MAPPING)\b
               |\w+)
      |(?P<word>\w+)""",
    re.X | re.I,
)
_FREQUENT: Final = frozenset({"ALTER TABLE", "CREATE TABLE", "CREATE INDEX", "DROP TABLE", "DROP INDEX"})
"""Kinds that most statements are of; nothing else begins with the same two words."""
_TOKEN_AT = lazily(r"\w+|\S|\Z")


class Parsed:
    """What is known of a statement from its text alone; offsets are those of the statement.

    Without `node` and without `problem` it is one that PostgreSQL takes, or that is long by nature, and
    whose tree is not there. With both, `node` is the tree of `readable`: the text with what is not
    understood left blank.
    """

    __slots__ = ("kind", "node", "problem", "readable", "text")

    def __init__(
        self, text: str, kind: str, node: SqlNode | None, problem: Problem | None, readable: str = ""
    ) -> None:
        self.text = text
        self.kind = kind
        self.node = node
        self.problem = problem
        self.readable = readable or text

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it was left out and nothing added."""
        return self.problem is None and self.readable == self.text


class SqlStatement:
    """One statement: `[start, end)` from its first to its last token, the `;` left out.

    `node` is None for a statement the parser does not take or was not given. `kind` is the statement's
    leading words, such as `ALTER TABLE`, known for half-typed ones too. `semicolon` is the offset of the
    `;`, or None.
    """

    __slots__ = ("end", "parsed", "semicolon", "start")

    def __init__(self, cut: Cut, parsed: Parsed) -> None:
        self.start, self.end, self.semicolon = cut
        self.parsed = parsed

    def __repr__(self) -> str:
        return f"SqlStatement({self.text[:40]!r})"

    @property
    def text(self) -> str:
        """The statement as written."""
        return self.parsed.text

    @property
    def node(self) -> SqlNode | None:
        """The root of the parse tree; its offsets are relative to the statement."""
        return self.parsed.node

    @property
    def kind(self) -> str:
        """The leading words in upper case, such as `CREATE INDEX`."""
        return self.parsed.kind

    @property
    def full_end(self) -> int:
        """Offset after the `;`, or after the last token where there is none."""
        return self.end if self.semicolon is None else self.semicolon + 1


class SqlTree:
    """What the SQL reader made of a text."""

    __slots__ = ("comments", "problems", "statements")

    def __init__(
        self,
        statements: list[SqlStatement],
        comments: list[SqlComment],
        problems: list[Problem],
    ) -> None:
        self.statements = statements
        self.comments = comments
        self.problems = problems


def read_sql(text: str) -> SqlTree:
    """Read every statement and comment of a PostgreSQL text; never raises.

    A text that is too large is not read at all; one in which too much is rejected is read up to there.
    Both give a fatal problem.
    """
    if len(text) > MAX_CHARS:
        return SqlTree([], [], [Problem(0, 0, f"larger than {MAX_CHARS} characters", fatal=True)])
    pieces = split(text)
    statements: list[SqlStatement] = []
    rejected: list[Problem] = []
    for cut in pieces.statements:
        found = _read(text, cut)
        statements += found
        if len(found) == 1 and found[0].parsed.problem is None:
            continue
        rejected += _problems(text, found)
        if len(rejected) > _MAX_REJECTED:
            message = f"more than {_MAX_REJECTED} statements PostgreSQL does not take"
            rejected = [Problem(rejected[0].start, rejected[0].end, message, fatal=True)]
            break
    return SqlTree(statements, pieces.comments, [*pieces.problems, *rejected])


def _read(text: str, cut: Cut) -> list[SqlStatement]:
    """Read what was cut as one statement: several, where one does not parse but its parts do."""
    whole = SqlStatement(cut, parse_statement(text[cut.start : cut.end]))
    parts = parted(whole.text) if whole.parsed.problem is not None and whole.node is None else []
    if len(parts) < 2:
        return [whole]
    last = parts[-1]
    cuts = [
        Cut(cut.start + one.start, cut.start + one.end, cut.semicolon if one is last else None)
        for one in parts
    ]
    found = [SqlStatement(one, parse_statement(text[one.start : one.end])) for one in cuts]
    return found if any(one.node is not None for one in found) else [whole]


def _problems(text: str, found: list[SqlStatement]) -> list[Problem]:
    """Return what is wrong with statements, of which each but the last one lacks its `;`."""
    problems = [_moved(one.parsed.problem, one.start) for one in found if one.parsed.problem is not None]
    for before, one in pairwise(found):
        if before.parsed.problem is None and not is_placeholder(before.text):
            problems.append(missing_semicolon(text, one.start))
    return problems


def parse_statement(text: str) -> Parsed:
    """Parse one statement, or remember how it was parsed before."""
    return _parse_small(text) if len(text) <= _SMALL else _parse_large(text)


def _parse(text: str) -> Parsed:
    kind, result = _kind(text), parse(text)
    if not isinstance(result, Rejected):
        return Parsed(text, kind, result, None)
    is_long = result.is_refusal and _PLAIN_WHEN_LONG.fullmatch(kind) is not None
    if is_long or is_placeholder(text):
        return Parsed(text, kind, None, None)
    read = recover(text, result) if len(parted(text)) == 1 else None
    if read is None:
        return Parsed(text, kind, None, _problem(text, result))
    problem = _problem(text, read.problem) if read.problem is not None else None
    return Parsed(text, kind, read.node, problem, read.readable)


_parse_small = lru_cache(maxsize=2_048)(_parse)
_parse_large = lru_cache(maxsize=32)(_parse)


def _problem(text: str, rejected: Rejected) -> Problem:
    """Place a rejection on the token it is about; one at the end of the input, on the last token."""
    match = _TOKEN_AT.match(text, rejected.offset)
    end = match.end() if match else rejected.offset
    start = rejected.offset if end > rejected.offset else max(0, len(text) - 1)
    return Problem(start, max(end, start + 1), rejected.message)


def _moved(problem: Problem, by: int) -> Problem:
    return problem._replace(start=problem.start + by, end=problem.end + by)


def _kind(text: str) -> str:
    first = " ".join(text.split(None, 2)[:2]).upper()
    if first in _FREQUENT:
        return first
    match = _KIND.match(text)
    if match is None:
        return ""
    words = match["word"] or f"{match['verb']} {match['object']}"
    return " ".join(words.split()).upper()
