"""The SQL of MySQL and SQLite into statements of tokens; never raises.

Only what their grammars share is known here: quotes, comments, and where a statement ends.
"""

import re
from enum import StrEnum
from typing import Final, NamedTuple

from rollsafe.formats.sql_split import SqlComment
from rollsafe.text.patterns import lazily

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
    """A statement: its first tokens, the `;` left out."""

    tokens: tuple[Token, ...]

    @property
    def start(self) -> int:
        """Offset of the first token."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """Offset after the last of its tokens that are kept."""
        return self.tokens[-1].end


# What is not closed goes on to the end of the text, so that nothing is looked through twice.
_TOKEN = lazily(
    r"""(?P<comment>--[^\r\n]*|\#[^\r\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z))
      | (?P<string>'(?:[^'\\]|''|\\.)*+(?:'|\\?\Z))
      | (?P<name>"(?:[^"]|"")*+(?:"|\Z)|`(?:[^`]|``)*+(?:`|\Z))
      | (?P<word>[^\W\d][\w$]*+)
      | (?P<number>\d[\w.]*+)
      | (?P<sign>\S)""",
    re.S | re.X,
)
_ROUTINES: Final = frozenset({"TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"})
_INNER: Final = frozenset({"IF", "LOOP", "WHILE", "REPEAT", "CASE"})
_HEAD: Final = 10


def comments_of(text: str) -> list[SqlComment]:
    """Return the comments of `text`; after `DELIMITER` too."""
    found = (one for one in _TOKEN.finditer(text[:MAX_CHARS]) if one.lastgroup == "comment")
    return [SqlComment(one.start(), one.end(), one[0]) for one in found]


def cut(text: str) -> list[Cut]:
    """Cut `text` into statements; after `DELIMITER` nothing is read, of a long one only how it begins."""
    statements: list[Cut] = []
    current: list[Token] = []
    routine = _Routine()
    for match in _TOKEN.finditer(text[:MAX_CHARS]):
        kind = match.lastgroup or ""
        word = _word(kind, match[0])
        if word == "DELIMITER" or len(statements) >= MAX_STATEMENTS:
            break
        if word == ";" and kind == "sign" and not routine.is_open:
            if current:
                statements.append(Cut(tuple(current)))
            current, routine = [], _Routine()
        elif kind != "comment":
            if len(current) < MAX_KEPT:
                current.append(Token(Kind(kind), match.start(), match.end(), match[0], word))
            if kind == "word":
                routine.take(word)
    if current:
        statements.append(Cut(tuple(current)))
    return statements


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
