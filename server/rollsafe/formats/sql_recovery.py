"""What can be read of a statement that PostgreSQL does not take.

The list of a `CREATE TABLE` or an `ALTER TABLE` is cut into its elements, each is parsed alone, and those
that fail are left blank: the text keeps its length, so what is read of the others keeps its place. Where a
`;` is missing, the next statement begins with a line of its own.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from rollsafe.formats.problems import Problem
from rollsafe.formats.sql_mask import leading_placeholders, mask
from rollsafe.formats.sql_parser import Rejected, SqlNode, parse
from rollsafe.formats.sql_tokens import NAME, STRING, WORD, Token, tokens
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

MAX_RECOVERED: Final = 16_384
"""Longest statement, in characters, of which parts are looked for."""
_MAX_TRIES: Final = 400
"""Elements, and lines of broken ones, that are parsed alone."""
_MAX_JOINED: Final = 4
"""Lines that are taken together for one element where it is not clear where elements end."""
_MAX_UNCLOSED: Final = 5
_OPENING: Final = frozenset({"(", "["})
_CLOSING: Final = frozenset({")", "]"})
_CREATING: Final = frozenset({"GLOBAL", "LOCAL", "TEMP", "TEMPORARY", "UNLOGGED", "FOREIGN"})
_MAX_PARTS: Final = 20
"""Statements without a `;` between them that are told apart."""
_LINE = lazily(r"[\r\n]")
_LINE_END = lazily(r"[\r\n]|\Z")
_STATEMENT = lazily(
    r"""(?:CREATE|DROP|ALTER)\s+(?:OR\s+REPLACE\s+|UNIQUE\s+|TEMP(?:ORARY)?\s+|UNLOGGED\s+|MATERIALIZED\s+)?
          (?:TABLE|INDEX|VIEW|TYPE|SEQUENCE|SCHEMA|EXTENSION|FUNCTION|PROCEDURE|TRIGGER|POLICY|DOMAIN|ROLE)\b
      |  INSERT\s+INTO\b | DELETE\s+FROM\b | UPDATE\s+\S+\s+SET\b | TRUNCATE\b | COMMENT\s+ON\b
      |  (?:GRANT|REVOKE)\s | REFRESH\s+MATERIALIZED\b | (?:BEGIN|COMMIT)\s*\Z""",
    re.I | re.X,
)
_NEXT = lazily(rf"[\r\n](?:{_STATEMENT.pattern})", re.I | re.X)


class Recovered(NamedTuple):
    """What was made of a rejected statement.

    `readable` is its text with what is not understood left blank, `node` its tree. `problem` is None where
    all that was left out is filled in by a template.
    """

    readable: str
    node: SqlNode
    problem: Rejected | None


class _List(NamedTuple):
    """The list of a statement; an element parses by itself between `frame` and `closing`.

    It begins at the offset `start` with the token of index `first`. Without `closing` it ends where the
    statement does.
    """

    frame: str
    closing: str
    first: int
    start: int


class _Element(NamedTuple):
    """A part of a list by its tokens; `is_sure` tells that nothing of another element is in it."""

    first: int
    last: int
    is_sure: bool


def parted(text: str) -> list[Span]:
    """Cut a rejected statement where a line begins a statement of its own; one part where none does."""
    if len(text) > MAX_RECOVERED:
        return [Span(0, len(text))]
    begin = end = leading_placeholders(text)
    if not begin and _NEXT.search(text) is None:
        return [Span(0, len(text))]
    parts = [Span(0, len(text[:begin].rstrip()))] if begin else []
    for token in _tokens(text, begin):
        if begin < token.start and _begins_statement(text, token) and len(parts) < _MAX_PARTS:
            parts.append(Span(begin, end))
            begin = token.start
        end = token.end
    return [*parts, Span(begin, len(text))]


def _begins_statement(text: str, token: Token) -> bool:
    is_first = token.kind == WORD and text[token.start - 1] in "\r\n"
    return is_first and _STATEMENT.match(text, token.start) is not None


def missing_semicolon(text: str, at: int) -> Problem:
    """Return the problem that a statement begins at `at` before the last one has ended."""
    word = re.compile(r"\w+").match(text, at)
    end = word.end() if word is not None else at + 1
    return Problem(at, end, f'missing ";" before "{text[at:end]}"')


def recover(text: str, rejected: Rejected) -> Recovered | None:
    """Read what can be read of a CREATE TABLE or ALTER TABLE that was rejected; None if that is nothing."""
    if len(text) > MAX_RECOVERED or rejected.is_refusal:
        return None
    masked = mask(text).text
    row = _tokens(masked)
    found = _created_list(row) or _altered_list(row)
    return _Recovery(text, masked, row, found).run(rejected) if found is not None else None


def _tokens(text: str, start: int = 0) -> list[Token]:
    """Return the tokens of a statement from `start` on; a quote that is never closed ends with its line."""
    row = list(tokens(text, start))
    for _ in range(_MAX_UNCLOSED):
        last = row[-1] if row else None
        if last is None or last.kind not in (STRING, NAME) or not _is_open(last):
            break
        end = _LINE_END.search(text, last.start)
        at = end.start() if end is not None else len(text)
        row[-1] = Token(last.kind, last.start, at, text[last.start : at])
        row += tokens(text, at)
    return row


def _is_open(token: Token) -> bool:
    quote = "'" if token.kind == STRING else '"'
    return token.word.count(quote) % 2 == 1


def _created_list(row: list[Token]) -> _List | None:
    at = 1
    if not row or row[0].word != "CREATE":
        return None
    while _word(row, at) in _CREATING:
        at += 1
    if _word(row, at) != "TABLE":
        return None
    at = _after_name(row, at + (4 if _word(row, at + 1) == "IF" else 1))
    frame = "CREATE TABLE t ("
    if _word(row, at) in ("OF", "PARTITION"):
        at = _after_name(row, at + (1 if row[at].word == "OF" else 2))
        frame = "CREATE TABLE t OF u ("
    return _List(frame, ")", at + 1, row[at].end) if _word(row, at) == "(" else None


def _altered_list(row: list[Token]) -> _List | None:
    if _word(row, 0) != "ALTER" or _word(row, 1) != "TABLE":
        return None
    at = 4 if _word(row, 2) == "IF" else 2
    at = _after_name(row, at + (_word(row, at) == "ONLY"))
    at += _word(row, at) == "*"
    return _List("ALTER TABLE t ", "", at, row[at].start) if at < len(row) else None


def _word(row: list[Token], at: int) -> str:
    return row[at].word if at < len(row) else ""


def _after_name(row: list[Token], at: int) -> int:
    """Return the index after the dotted name that begins at `at`."""
    while _word(row, at + 1) == ".":
        at += 2
    return at + 1


@lru_cache(maxsize=4_096)
def _refused(framed: str) -> Rejected | None:
    """Say why an element does not parse by itself, behind its frame; remembered by its text."""
    result = parse(framed)
    return result if isinstance(result, Rejected) else None


class _Recovery:
    """Finds out which elements of one list parse, and reads the statement with those."""

    def __init__(self, text: str, masked: str, row: list[Token], found: _List) -> None:
        self._text, self._masked, self._row, self._list = text, masked, row, found
        self._tries = 0
        self._close: int | None = None
        self._broken: list[Span] = []

    def run(self, rejected: Rejected) -> Recovered | None:
        """Return the statement without its broken elements; None where too little of it is left."""
        good = [piece for element in self._elements() for piece in self._good_of(element)]
        if self._tries > _MAX_TRIES or not self._is_worth_it(good):
            return None
        closing = self._list.closing if self._close is None else ""
        for readable, gaps in self._readings(good):
            node = parse(readable + closing)
            if isinstance(node, SqlNode):
                return Recovered(readable, node, self._problem(rejected, gaps))
        return None

    def _elements(self) -> list[_Element]:
        """Cut the list at its commas, parentheses respected, up to where it is closed."""
        row, depth, begin, found = self._row, 0, self._list.first, list[tuple[int, int]]()
        for at in range(begin, len(row)):
            word = row[at].word
            if word in _OPENING:
                depth += 1
            elif word in _CLOSING and depth:
                depth -= 1
            elif word == ")" and self._list.closing and _word(row, at + 1) != ",":
                self._close = at
                break
            elif word == "," and depth == 0:
                found.append((begin, at))
                begin = at + 1
        found.append((begin, len(row) if self._close is None else self._close))
        # Where the list is not closed, a parenthesis of the last element may be the one that is missing.
        is_closed = self._close is not None or (not self._list.closing and depth == 0)
        last = len(found) - 1
        return [_Element(*pair, is_closed or at < last) for at, pair in enumerate(found) if pair[0] < pair[1]]

    def _good_of(self, element: _Element) -> list[Span]:
        """Return what of an element can be read: all of it, or the lines that are elements themselves."""
        whole = self._span(element.first, element.last)
        if self._reads(element.first, element.last):
            return [whole]
        found, broken = self._lines_of(element)
        self._broken += broken or [whole]
        return found

    def _lines_of(self, element: _Element) -> tuple[list[Span], list[Span]]:
        starts = self._line_starts(element)
        found: list[Span] = []
        broken: list[Span] = []
        at, is_open = 0, False  # whether the last piece that was taken may go on
        while at < len(starts) - 1:
            end = next((end for end in self._ends(starts, at) if self._reads(starts[at], end)), None)
            if end is None:
                if self._row[starts[at]].word not in _CLOSING:
                    span = self._span(starts[at], starts[at + 1])
                    broken.append(Span(found.pop().start, span.end) if is_open else span)
                at, is_open = at + 1, False
            else:
                found.append(self._span(starts[at], self._trimmed(starts[at], end)))
                at, is_open = starts.index(end), self._row[end - 1].word != ","
        return found, broken

    def _line_starts(self, element: _Element) -> list[int]:
        """Return the indexes of the tokens that begin a line of an element, and the one after it."""
        row, depth, found = self._row, 0, [element.first]
        for at in range(element.first, element.last):
            is_line = at > element.first and _LINE.search(self._masked, row[at - 1].end, row[at].start)
            if is_line and (depth == 0 or not element.is_sure):
                found.append(at)
            depth += (row[at].word in _OPENING) - (row[at].word in _CLOSING)
        return [*found, element.last]

    def _ends(self, starts: list[int], at: int) -> list[int]:
        """Return where a piece that begins with a line may end, the longest one first."""
        return starts[at + 1 : at + 1 + _MAX_JOINED][::-1]

    def _reads(self, first: int, last: int) -> bool:
        """Say whether the tokens `[first, last)` are an element, or several, by themselves."""
        last = self._trimmed(first, last)
        if first >= last or not _is_balanced(self._row[first:last]):
            return False
        self._tries += 1
        return self._tries <= _MAX_TRIES and _refused(self._framed(self._span(first, last))) is None

    def _framed(self, span: Span) -> str:
        return f"{self._list.frame}{self._text[span.start : span.end]}{self._list.closing}"

    def _trimmed(self, first: int, last: int) -> int:
        return last - 1 if last > first and self._row[last - 1].word == "," else last

    def _span(self, first: int, last: int) -> Span:
        return Span(self._row[first].start, self._row[max(first, last - 1)].end)

    def _is_worth_it(self, good: list[Span]) -> bool:
        """Say whether the broken elements are few; an ALTER TABLE of which none is left does nothing."""
        if not self._list.closing and not good:
            return False
        return len(self._broken) <= max(1, len(good))

    def _readings(self, good: list[Span]) -> Iterator[tuple[str, list[Span]]]:
        """Yield the statement with the elements that can be read, then without what follows the list.

        With each comes what lies between those elements.
        """
        text = self._text
        close = len(text) if self._close is None else self._row[self._close].start
        parts, gaps = [text[: self._list.start]], list[Span]()
        at, comma = self._list.start, ""
        for span in good:
            # Between two elements there is a comma, or the end of a line that lacks one.
            parts += [comma.ljust(span.start - at), text[span.start : span.end]]
            gaps.append(Span(at, span.start))
            at, comma = span.end, ","
        head = "".join([*parts, " " * (close - at)])
        gaps.append(Span(at, close))
        yield head + text[close:], gaps
        if self._close is not None:
            yield head + text[close : close + 1].ljust(len(text) - close), [*gaps, Span(close, len(text))]

    def _problem(self, rejected: Rejected, gaps: list[Span]) -> Rejected | None:
        """Return what is wrong with the first broken element, or with the statement."""
        written = [span for span in self._broken if not self._is_template(span)]
        if not written:
            is_closed = self._close is not None or not self._list.closing
            return None if is_closed and any(map(self._is_template, gaps)) else rejected
        span = written[0]
        why = _refused(self._framed(span))
        if why is None:
            return rejected
        at = span.start + why.offset - len(self._list.frame)
        return Rejected(max(span.start, min(at, span.end - 1)), why.message)

    def _is_template(self, span: Span) -> bool:
        """Say whether a part of the statement is written by a template, as far as it shows."""
        return self._text[span.start : span.end] != self._masked[span.start : span.end]


def _is_balanced(row: list[Token]) -> bool:
    depth = 0
    for token in row:
        depth += (token.word in _OPENING) - (token.word in _CLOSING)
        if depth < 0:
            return False
    return depth == 0
