"""The SQL of MySQL and SQLite into statements of tokens; never raises.

Only what their grammars share is known here: quotes, comments, and where a statement ends.
"""

import re
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import Final

from rollsafe.formats.sql_split import SqlComment
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

MAX_CHARS: Final = 1_048_576
MAX_STATEMENTS: Final = 10_000
MAX_KEPT: Final = 4_001
"""So many tokens of a statement are kept: one more than anybody reads."""


class Kind(StrEnum):
    """What a token is; a `NAME` is one in quotes."""

    WORD = "word"
    NAME = "name"
    STRING = "string"
    NUMBER = "number"
    SIGN = "sign"


class Token(NamedTuple):
    """A token: `text` as written, `word` in upper case, or the name without its quotes."""

    kind: Kind
    start: int
    end: int
    text: str
    word: str


class Cut(NamedTuple):
    """A statement: where its first token begins and its last one ends, the `;` left out."""

    start: int
    end: int


# What is not closed goes on to the end of the text, so that nothing is looked through twice.
_TOKEN = lazily(
    r"""(?P<comment>--[^\r\n]*|\#[^\r\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z))
      | (?P<string>'(?:[^'\\]|''|\\.)*+(?:'|\\?\Z))
      | (?P<name>"(?:[^"]|"")*+(?:"|\Z)|`(?:[^`]|``)*+(?:`|\Z))
      | (?P<word>(?:[^\W\d]|\$\{\w++\})(?:[\w$]|\$\{\w++\})*+)
      | (?P<number>\d[\w.]*+)
      | (?P<sign>\S)""",
    re.S | re.X,
)
_BLANK = lazily(r"(?:[\s\ufeff]++|--[^\r\n]*+|\#[^\r\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z))*+", re.S)
_STATEMENT = lazily(
    r"""(?:[^;'"`\#/\-]++
      | --[^\r\n]*+ | \#[^\r\n]*+ | /\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)
      | '(?:[^'\\]|''|\\.)*+(?:'|\\?\Z)
      | "(?:[^"]|"")*+(?:"|\Z) | `(?:[^`]|``)*+(?:`|\Z)
      | [/-])*+""",
    re.S | re.X,
)
_ROUTINE = lazily(r"CREATE\b.*\b(?:TRIGGER|PROCEDURE|FUNCTION|EVENT)\b", re.S | re.I)
_LONGEST_HEAD: Final = 400
_KINDS: Final = {kind.value: kind for kind in Kind}
_ROUTINES: Final = frozenset({"TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"})
_INNER: Final = frozenset({"IF", "LOOP", "WHILE", "REPEAT", "CASE"})
_HEAD: Final = 10


def comments_of(text: str) -> list[SqlComment]:
    """Return the comments of `text`; after `DELIMITER` too."""
    found = (one for one in _TOKEN.finditer(text[:MAX_CHARS]) if one.lastgroup == "comment")
    return [SqlComment(one.start(), one.end(), one[0]) for one in found]


def cut(text: str) -> list[Cut]:
    """Cut `text` into statements; after `DELIMITER` nothing is read."""
    text = text[:MAX_CHARS]
    statements: list[Cut] = []
    at = 0
    while at < len(text) and len(statements) < MAX_STATEMENTS:
        start = _end(_BLANK, text, at)
        end = _end(_STATEMENT, text, start)
        if _ROUTINE.match(text, start, min(end, start + _LONGEST_HEAD)) is not None:
            end = _routine_end(text, start)
        found = tokens_of(text[start:end])
        if found and found[0].word == "DELIMITER":
            break
        if found:
            statements.append(Cut(start, end if len(found) >= MAX_KEPT else start + found[-1].end))
        at = end + 1
    return statements


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match is not None else start


@lru_cache(maxsize=4_096)
def tokens_of(text: str) -> tuple[Token, ...]:
    """Return the tokens of a statement, with its own offsets; of a long one only the first."""
    found = (one for one in _TOKEN.finditer(text) if one.lastgroup != "comment")
    return tuple(islice(map(_token, found), MAX_KEPT))


def _token(match: re.Match[str]) -> Token:
    kind, found = match.lastgroup or "", match[0]
    return Token(_KINDS[kind], match.start(), match.end(), found, _word(kind, found))


def _routine_end(text: str, start: int) -> int:
    """Return where a routine ends: at the first `;` that is not within its body."""
    routine = _Routine()
    for match in _TOKEN.finditer(text, start):
        if match.lastgroup == "word":
            routine.take(match[0].upper())
        elif match[0] == ";" and not routine.is_open:
            return match.start()
    return len(text)


class _Routine:
    """Tells whether a `;` ends a statement inside of a routine, and not the routine."""

    def __init__(self) -> None:
        self._head: list[str] = []
        self._is_one = False
        self._depth = 0
        self._last = ""

    @property
    def is_open(self) -> bool:
        """Whether the body of a routine has begun and not ended."""
        return self._depth > 0

    def take(self, word: str) -> None:
        """Go on with the next word of the statement."""
        if len(self._head) < _HEAD:
            self._head.append(word)
            self._is_one = self._head[0] == "CREATE" and not _ROUTINES.isdisjoint(self._head)
        if self._is_one:
            opens = word == "BEGIN" or (word in _INNER and self._last != "END" and self._depth > 0)
            self._depth += opens - (word == "END" and self._depth > 0)
        self._last = word


def _word(kind: str, found: str) -> str:
    if kind == "name":
        quote = found[0]
        return found[1:-1].replace(quote * 2, quote)
    return found.upper() if kind == "word" else found
