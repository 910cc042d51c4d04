"""Where the parts of a statement begin and end: what the parse tree does not record.

Works on the tokens of one statement; offsets are those of the statement.
"""

import re
from bisect import bisect_left, bisect_right
from typing import Final

from rollsafe.formats.sql_tokens import NAME, STRING, WORD, Token, find_words, tokens
from rollsafe.text import Span
from rollsafe.text.patterns import lazily

_OPENING: Final = frozenset({"(", "["})
_CLOSING: Final = frozenset({")", "]"})
_TYPE_WORDS: Final = frozenset({"PRECISION", "VARYING", "ARRAY", "CHAR", "CHARACTER"})
_INTERVAL_WORDS: Final = frozenset({"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "TO"})
_DROP_WORDS = lazily(
    r"""
    DROP | TABLE | INDEX | VIEW | MATERIALIZED | FOREIGN | SEQUENCE | TYPE | DOMAIN | SCHEMA |
    FUNCTION | PROCEDURE | ROUTINE | AGGREGATE | EXTENSION | COLLATION | CONCURRENTLY | TRUNCATE
    | ONLY
    """,
    re.X,
)


_TO_COMMAND = lazily(r"""(?:[\w$]++|"[^"]++")(?:\.(?:[\w$]++|"[^"]++"))?+[ \t\r\n]++(?=\w)""")
"""A name, and all that stands between it and the first word of a command."""
_BLANKS: Final = " \t\n\r\f\v"
_PLAIN_REST = lazily(r"[\w$ \t\n\r]++\Z")
_PLAIN_NAME = lazily(r"[\w$]++(?=[ \t\n\r]++\w|[ \t\n\r]*+\Z)")


def only_command(text: str, relation: int) -> Span | None:
    """Return the command of an ALTER that has one, and whose name begins at `relation`.

    None where it takes the tokens to tell.
    """
    if "," in text or "--" in text or "/*" in text:
        return None
    found = _TO_COMMAND.match(text, relation)
    return Span(found.end(), _end(text)) if found is not None else None


def plain_end(text: str, start: int) -> int | None:
    """Return where the words from `start` on end; None if there is anything but words to the end."""
    return _end(text) if _PLAIN_REST.match(text, start) is not None else None


def plain_name_end(text: str, start: int) -> int | None:
    """Return where the name at `start` ends; None if it is not one word with a word or nothing behind it."""
    found = _PLAIN_NAME.match(text, start)
    return found.end() if found is not None else None


def _end(text: str) -> int:
    return len(text.rstrip(_BLANKS))


class Clauses:
    """The tokens of one statement and questions about them."""

    __slots__ = ("_ends", "_starts", "text", "tokens")

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(tokens(text))
        self._starts = [token.start for token in self.tokens]
        self._ends = [token.end for token in self.tokens]

    def word_at(self, index: int) -> str:
        """Return the upper-cased word (or the sign) at a token index; empty past the end."""
        return self.tokens[index].word if 0 <= index < len(self.tokens) else ""

    def index(self, offset: int) -> int:
        """Return the index of the first token that starts at or after `offset`."""
        return bisect_left(self._starts, offset)

    def end_before(self, offset: int) -> int:
        """Return where the last token that ends at or before `offset` ends."""
        at = bisect_right(self._ends, offset) - 1
        return self._ends[at] if at >= 0 else 0

    def words(self, span: Span, *words: str) -> Span | None:
        """Return the place of the first run of `words` within `span`."""
        return find_words(self.tokens[self.index(span.start) : self.index(span.end)], *words)

    def element_end(self, start: int) -> int:
        """Return where the list element that begins at `start` ends: before its comma or `)`."""
        depth, end = 0, start
        for at in range(self.index(start), len(self.tokens)):
            token = self.tokens[at]
            if token.word in _OPENING:
                depth += 1
            elif token.word in _CLOSING:
                depth -= 1
            if depth < 0 or (depth == 0 and token.word == ","):
                break
            end = token.end
        return end

    def elements(self, start: int) -> list[Span]:
        """Return the comma-separated elements from the token at `start` to the statement's end."""
        found: list[Span] = []
        at = self.index(start)
        while at < len(self.tokens):
            begin = self.tokens[at].start
            end = self.element_end(begin)
            if end <= begin:
                break
            found.append(Span(begin, end))
            at = self.index(end) + 1
        return found

    def commands(self, relation: int) -> list[Span]:
        """Return the commands of an ALTER whose (qualified) name begins at `relation`."""
        at = self.index(self.name_end(relation))
        if self.word_at(at) == "*":
            at += 1
        return self.elements(self.tokens[at].start) if at < len(self.tokens) else []

    def name_end(self, start: int) -> int:
        """Return where the dotted name at `start` ends."""
        at = self.index(start)
        while self.word_at(at + 1) == ".":
            at += 2
        return self._ends[min(at, len(self._ends) - 1)] if self._ends else start

    def dropped(self) -> list[Span]:
        """Return the names listed by a DROP or TRUNCATE, each up to its comma."""
        at = 0
        while _DROP_WORDS.fullmatch(self.word_at(at)):
            at += 1
        if self.word_at(at) == "IF":
            at += 2
        return self.elements(self.tokens[at].start) if at < len(self.tokens) else []

    def type_end(self, start: int) -> int:
        """Return where the type that begins at `start` ends, its modifiers and brackets included."""
        at = self.index(self.name_end(start)) - 1
        more = _INTERVAL_WORDS if self.word_at(at) == "INTERVAL" else _TYPE_WORDS
        while at + 1 < len(self.tokens):
            word = self.word_at(at + 1)
            if word in _OPENING:
                at = self._closing(at + 1)
            elif word in more:
                at += 1
            elif word in ("WITH", "WITHOUT") and self.word_at(at + 2) == "TIME":
                at += 3
            else:
                break
        return self._ends[min(at, len(self._ends) - 1)] if self._ends else start

    def literal(self) -> Token | None:
        """Return the first string or dollar-quoted body."""
        return next((t for t in self.tokens if t.kind not in (WORD, NAME) and _is_text(t)), None)

    def _closing(self, at: int) -> int:
        depth = 0
        for index in range(at, len(self.tokens)):
            word = self.tokens[index].word
            depth += (word in _OPENING) - (word in _CLOSING)
            if depth == 0:
                return index
        return len(self.tokens) - 1


def _is_text(token: Token) -> bool:
    return token.kind in (STRING, "body")
