"""The words and signs of one statement, with their places.

Works on any text; what is not closed runs to the end. Comments and blanks are left out.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final, cast

from rollsafe.formats.sql_split import block_comment_end
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

WORD: Final = "word"
NAME: Final = "name"
STRING: Final = "string"
BODY: Final = "body"
NUMBER: Final = "number"
SIGN: Final = "sign"
_SKIP: Final = "skip"
_COMMENT: Final = "comment"

_TOKEN = lazily(
    r"""
      (?P<skip>[ \t\n\r\f\v]++|--[^\r\n]*+)
    | (?P<comment>/\*)
    | (?P<string>[eE]'(?:[^'\\]++|\\.|'')*+'?|(?:[bBxXnN]|[uU]&)?'(?:[^']++|'')*+'?)
    | (?P<name>(?:[uU]&)?"(?:[^"]++|"")*+"?)
    | (?P<word>[^\W\d][\w$]*+)
    | (?P<number>\d[\w.]*+|\.\d[\w.]*+)
    | (?P<body>\$(?:[^\W\d]\w*+)?+\$)
    | (?P<sign>::|:=|=>|[+*<>=~!@\#%^&|`?]++|-(?!-)|/(?!\*)|.)
    """,
    re.X | re.S,
)


class Token(NamedTuple):
    """One token; `word` is the upper-cased text of a bare word and the text itself of anything else.

    `kind` is one of `word`, `name` (quoted identifier), `string`, `body` (dollar-quoted string),
    `number` and `sign`.
    """

    kind: str
    start: int
    end: int
    word: str


_token: Final = cast("Callable[[type[Token], tuple[str, int, int, str]], Token]", vars(tuple)["__new__"])
"""Makes tokens, of which there are more than of anything else, without a call of Python's own."""


def tokens(text: str, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """Yield the tokens of `text` between `start` and `end`; offsets are those of `text`."""
    stop = len(text) if end is None else end
    at = start
    while at < stop:
        for match in _TOKEN.finditer(text, at, stop):
            kind, begin, at = match.lastgroup, match.start(), match.end()
            if kind == WORD:
                yield _token(Token, (WORD, begin, at, match[0].upper()))
            elif kind == BODY:
                at = _body_end(text, match[0], at, stop)
                yield Token(BODY, begin, at, text[begin:at])
                break
            elif kind == _COMMENT:
                closed = block_comment_end(text, begin)
                at = closed if 0 <= closed <= stop else stop
                break
            elif kind != _SKIP:
                yield _token(Token, (kind or SIGN, begin, at, match[0]))


def _body_end(text: str, tag: str, start: int, stop: int) -> int:
    end = text.find(tag, start, stop)
    return end + len(tag) if end >= 0 else stop


def find_words(found: Iterable[Token], *words: str) -> Span | None:
    """Return the span of the first run of bare `words` (upper case or signs), else None."""
    last = words[-1]
    if len(words) == 1:
        return next((Span(token.start, token.end) for token in found if token.word == last), None)
    row: deque[Token] = deque(maxlen=len(words))
    for token in found:
        row.append(token)
        if token.word == last and tuple([one.word for one in row]) == words:
            return Span(row[0].start, token.end)
    return None
