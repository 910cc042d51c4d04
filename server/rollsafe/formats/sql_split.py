"""Cutting an SQL text into statements and comments, by PostgreSQL's lexical rules.

Quotes, dollar quotes, nested comments, `BEGIN ATOMIC` bodies, rules with several actions, `COPY` data and
psql's backslash commands are understood. A quote that is never closed makes every later one pair up
wrongly, so the text is then cut again with a limit: no quote reaches past a `;` that is followed by a line
which begins a statement.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping
from typing import Final

from rollsafe.formats.problems import Problem
from rollsafe.text.cached import cached_property
from rollsafe.text.likeness import same_end, same_start
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

MAX_PIECES: Final = 30_000
"""Statements, comments and quotes that are looked at one by one before the rest is given up."""
MAX_STATEMENTS: Final = 3_000
_MAX_COMMENT_DEPTH: Final = 200
_MAX_UNTERMINATED: Final = 50
_LONG: Final = 2_000
"""Characters from which on it pays to remember how a text was cut."""

_WHITE: Final = " \t\n\r\f\v"
_INK = lazily(r"[^ \t\n\r\f\v]")
_WORDY = lazily(r"[\w$]")
_CODE = lazily(r"[^;'\"$/\\\-]++|\$(?=\d)|-(?!-)|/(?!\*)")
_PLAIN = lazily(rf"(?:{_CODE.pattern}|\"[^\"]*+\"|'[^'\\]*+')*+")
_PLAIN_UNQUOTED = lazily(rf"(?:{_CODE.pattern})*+")
_STRING = lazily(r"'[^']*+'")
_ESCAPE_STRING = lazily(r"'(?:[^'\\]++|\\.|'')*+'", re.S)
_IDENTIFIER = lazily(r'"[^"]*+"')
_DOLLAR = lazily(r"\$(?:[^\W\d]\w*+)?+\$")
_LINE = lazily(r"[^\r\n]*+")
_COMMENT_EDGE = lazily(r"/\*|\*/")
_HOLDING = lazily(r"CREATE\s+(?:OR\s+REPLACE\s+)?(FUNCTION|PROCEDURE|RULE)\b", re.I)
_ATOMIC = lazily(r"\bBEGIN\s+ATOMIC\b", re.I)
_ATOMIC_EMPTY = lazily(r"\bATOMIC\s+END\s*\Z", re.I)
_ATOMIC_END = lazily(r";\s*+END(?=\s*+;)", re.I)
_PAREN = lazily(r"[()]")
_COPY = lazily(r"COPY\b[^;']*?\bFROM\s+STDIN\b", re.I)
_COPY_END = lazily(r"^\\\.[ \t]*+$", re.M)

_DDL: Final = "CREATE|ALTER|DROP|TRUNCATE|GRANT|REVOKE|COMMENT|DO"
_DML: Final = "INSERT|UPDATE|DELETE|SELECT|WITH|SET|BEGIN|COMMIT|REINDEX|LOCK|COPY|VACUUM|REFRESH"
_EDGE: Final = r";[ \t]*+(?:--[^\r\n]*+)?+[\r\n]"
_STATEMENT_EDGE = lazily(rf"{_EDGE}\s*+(?=(?:--|(?:{_DDL}|{_DML})\b))", re.I)
_OUTER_EDGE = lazily(rf"{_EDGE}[\r\n]*+(?=(?:-- \+|-- migrate:|(?:{_DDL})\b))", re.I)


class Cut(NamedTuple):
    """One statement: from its first to its last token; `semicolon` is where the `;` is, or None."""

    start: int
    end: int
    semicolon: int | None


class SqlComment(NamedTuple):
    """A comment with its markers, outside of any statement or within one."""

    start: int
    end: int
    text: str

    @property
    def body(self) -> str:
        """The words of the comment, markers and surrounding blanks left out."""
        inner = self.text[2:-2] if self.text.startswith("/*") else self.text.lstrip("-")
        return inner.strip()


class Pieces(NamedTuple):
    """What a text was cut into."""

    statements: list[Cut]
    comments: list[SqlComment]
    problems: list[Problem]


class _Known(NamedTuple):
    """A text that was cut, every statement of it by what stands before its end; at most so many `steps`."""

    text: str
    pieces: Pieces
    steps: int


_known: list[_Known] = []
"""The long text that was cut last: the next one is often what an edit made of it."""


def split(text: str) -> Pieces:
    """Cut `text` into statements; never raises."""
    if len(text) < _LONG:
        return _split(text)[0]
    known = _known[0] if _known else None
    pieces, steps = (_split_again(known, text) if known is not None else None) or _split(text)
    _known[:] = [_Known(text, pieces, steps)] if steps else []
    return pieces


def _split(text: str) -> tuple[Pieces, int]:
    """Cut a text; return in how many steps, 0 where what is cut rests on what stands behind it."""
    cutter = _Cutter(text)
    try:
        cutter.run(int(text.startswith("\ufeff")))
    except _UnterminatedError:
        cutter = _BoundedCutter(text)
        cutter.is_local = False
        cutter.run(int(text.startswith("\ufeff")))
    pieces = Pieces(cutter.statements, cutter.comments, cutter.problems)
    return pieces, cutter.steps if cutter.is_local and not cutter.problems else 0


def _split_again(known: _Known, text: str) -> tuple[Pieces, int] | None:
    """Cut what an edit made of a known text: from the statement it touches to the next end of one.

    None where the whole text has to be looked at.
    """
    old, (statements, comments, _), steps = known
    low = same_start(old, text, min(len(old), len(text)))
    by = len(text) - len(old)
    high = len(old) - same_end(old, text, min(len(old), len(text)) - low)
    ends = [len(old) if one.semicolon is None else one.semicolon for one in statements]
    first, last = bisect_left(ends, low), bisect_left(ends, high)
    cutter = _PartCutter(text, {end + by: at for at, end in enumerate(ends[last:], last) if end < len(old)})
    try:
        cutter.run(ends[first - 1] + 1 if first else int(text.startswith("\ufeff")))
    except _UnterminatedError:
        return None
    rest = len(statements) if cutter.met is None else cutter.met + 1
    count, steps = first + len(cutter.statements) + len(statements) - rest, steps + cutter.steps
    if cutter.problems or not cutter.is_local or count >= MAX_STATEMENTS or steps >= MAX_PIECES:
        return None
    begun = bisect_left(comments, ends[first - 1] if first else 0, key=_start)
    left = len(comments) if cutter.met is None else bisect_left(comments, ends[cutter.met], key=_start)
    cuts = [*statements[:first], *cutter.statements, *_moved(statements[rest:], by)]
    said = [SqlComment(one.start + by, one.end + by, one.text) for one in comments[left:]]
    return Pieces(cuts, [*comments[:begun], *cutter.comments, *said], []), steps


def _start(one: SqlComment) -> int:
    return one.start


def _moved(cuts: list[Cut], by: int) -> list[Cut]:
    if not by:
        return cuts
    return [Cut(start + by, end + by, None if at is None else at + by) for start, end, at in cuts]


def block_comment_end(text: str, start: int) -> int:
    """Return the offset after the (nested) comment that opens at `start`, or -1 if it never ends."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, start):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
        if depth > _MAX_COMMENT_DEPTH:
            return -1
    return -1


class _UnterminatedError(Exception):
    """A quote or comment runs to the end of the text."""


class _Cutter:
    """Walks over the text once; `_start` is where the statement at hand began, or -1."""

    plain = _PLAIN

    def __init__(self, text: str) -> None:
        self.text = text
        self.statements: list[Cut] = []
        self.comments: list[SqlComment] = []
        self.problems: list[Problem] = []
        self._start = -1
        self._last = 0
        self._hold_until = -1
        self._hold_judged = -1
        # Searches that run to the end of the text are not repeated once one found nothing there.
        self._inner_ends = True
        self._copy_ends = True
        self.steps = 0
        self.is_local = True
        """Whether nothing behind the end of a statement had a part in where that is."""

    def run(self, at: int) -> None:
        """Cut the text from `at` on, or as much of it as the limits allow."""
        text, plain, code = self.text, self.plain, self._code
        size = len(text)
        for self.steps in range(1, MAX_PIECES + 1):
            match = plain.match(text, at)
            end = match.end() if match else at
            if end > at:
                code(at, end)
            if end >= size:
                self._close(None)
                return
            at = self._piece(text[end], end)
            if len(self.statements) >= MAX_STATEMENTS:
                self._give_up(at, f"more than {MAX_STATEMENTS} statements")
                return
            if len(self.problems) > _MAX_UNTERMINATED:
                self._give_up(at, f"more than {_MAX_UNTERMINATED} unterminated quotes")
                return
        self._give_up(at, f"more than {MAX_PIECES} quotes, comments and statements")

    def closing_limit(self, start: int) -> int:
        """Return how far a string or identifier opened at `start` may reach."""
        return len(self.text)

    def body_limit(self, start: int) -> int:
        """Return how far a dollar-quoted body opened at `start` may reach."""
        return len(self.text)

    def unterminated(self, start: int, limit: int, what: str) -> int:
        """Deal with something that is not closed before `limit`; return where to go on."""
        raise _UnterminatedError

    def _give_up(self, at: int, message: str) -> None:
        self._start = -1
        self.problems.append(Problem(at, at, message, fatal=True))

    def _code(self, start: int, end: int) -> None:
        """Take `[start, end)` as part of a statement, blanks at its edges aside."""
        text = self.text
        if self._start < 0:
            ink = _INK.search(text, start, end)
            if ink is None:
                return
            self._start = ink.start()
        trimmed = len(text[start:end].rstrip(_WHITE))
        if trimmed:
            self._last = start + trimmed

    def _piece(self, char: str, at: int) -> int:
        """Consume what begins at `at`; return the offset after it."""
        if char == ";":
            return self._semicolon(at)
        if char == "-":
            return self._comment(at, self._line_end(at))
        if char == "/":
            return self._block_comment(at)
        if char == "\\":
            self.is_local = False
            self._close(None)
            return self._line_end(at)
        end = self._dollar(at) if char == "$" else self._quoted(char, at)
        self._code(at, end)
        return end

    def _line_end(self, at: int) -> int:
        match = _LINE.match(self.text, at)
        return match.end() if match else at

    def _comment(self, start: int, end: int) -> int:
        self.comments.append(SqlComment(start, end, self.text[start:end]))
        return end

    def _block_comment(self, at: int) -> int:
        end = block_comment_end(self.text, at)
        if end < 0:
            end = self.unterminated(at, self.closing_limit(at), "comment")
        return self._comment(at, end)

    def _quoted(self, char: str, at: int) -> int:
        pattern, what = _IDENTIFIER, "quoted identifier"
        if char == "'":
            pattern, what = (_ESCAPE_STRING if self._escapes(at) else _STRING), "quoted string"
        limit = self.closing_limit(at)
        match = pattern.match(self.text, at, limit)
        return match.end() if match else self.unterminated(at, limit, what)

    def _escapes(self, at: int) -> bool:
        """Say whether the `'` at `at` belongs to `E'…'`, where a backslash escapes."""
        text = self.text
        return text[at - 1 : at] in ("e", "E") and not _WORDY.match(text[at - 2 : at - 1])

    def _dollar(self, at: int) -> int:
        tag = _DOLLAR.match(self.text, at)
        if tag is None or _WORDY.match(self.text[at - 1 : at]):
            return at + 1
        limit = self.body_limit(at)
        end = self.text.find(tag[0], tag.end(), limit)
        return end + len(tag[0]) if end >= 0 else self.unterminated(at, limit, "dollar quote")

    def _semicolon(self, at: int) -> int:
        if self._start >= 0 and self._holds(at):
            self._last = at + 1
            return at + 1
        is_copy = self._start >= 0 and self.text[self._start] in "cC"
        start = self._start
        self._close(at)
        return self._after_copy_data(start, at + 1) if is_copy else at + 1

    def _close(self, semicolon: int | None) -> None:
        if self._start >= 0:
            self.statements.append(Cut(self._start, self._last, semicolon))
            self._start = -1

    def _holds(self, at: int) -> bool:
        """Say whether the `;` at `at` lies inside a rule's actions or a `BEGIN ATOMIC` body."""
        if self._hold_judged != self._start:
            self._hold_judged = self._start
            self._hold_until = self._inner_end(at)
        return at < self._hold_until

    def _inner_end(self, at: int) -> int:
        """Return where the part of the statement ends in which `;` does not end it, or -1."""
        text, start = self.text, self._start
        head = _HOLDING.match(text, start) if text[start] in "cC" and self._inner_ends else None
        if head is None:
            return -1
        if head[1].upper() == "RULE":
            self.is_local = False
            return self._actions_end(start, at)
        if not _ATOMIC.search(text, start, at) or _ATOMIC_EMPTY.search(text[max(start, at - 80) : at]):
            return -1
        self.is_local = False
        end = _ATOMIC_END.search(text, at)
        self._inner_ends = end is not None
        return end.end() if end else -1

    def _actions_end(self, start: int, at: int) -> int:
        """Return the `)` after `at` that closes a rule's actions; -1 when none is open at `at`."""
        depth = self.text.count("(", start, at) - self.text.count(")", start, at)
        if depth <= 0:
            return -1
        for paren in _PAREN.finditer(self.text, at):
            depth += 1 if paren[0] == "(" else -1
            if depth == 0:
                return paren.start()
        self._inner_ends = False
        return -1

    def _after_copy_data(self, start: int, at: int) -> int:
        if not self._copy_ends or not _COPY.match(self.text, start, at):
            return at
        self.is_local = False
        end = _COPY_END.search(self.text, at)
        self._copy_ends = end is not None
        return end.end() if end else at


class _PartCutter(_Cutter):
    """Cuts a text up to where a statement ends at one of `ends`; `met` is what that is in there."""

    def __init__(self, text: str, ends: Mapping[int, int]) -> None:
        super().__init__(text)
        self._ends = ends
        self.met: int | None = None

    def _semicolon(self, at: int) -> int:
        behind = super()._semicolon(at)
        if self._start < 0:
            self.met = self._ends.get(at)
        return behind if self.met is None else len(self.text)


class _BoundedCutter(_Cutter):
    """Cuts a text with an unclosed quote: the quote ends where the next statement seems to begin."""

    plain = _PLAIN_UNQUOTED

    @cached_property
    def _edges(self) -> list[int]:
        return [match.start() for match in _STATEMENT_EDGE.finditer(self.text)]

    @cached_property
    def _outer_edges(self) -> list[int]:
        return [match.start() for match in _OUTER_EDGE.finditer(self.text)]

    def closing_limit(self, start: int) -> int:
        """Return the next `;` that is followed by a line beginning a statement."""
        return self._next(self._edges, start)

    def body_limit(self, start: int) -> int:
        """Return the next such `;` whose following statement is not indented and defines something."""
        return self._next(self._outer_edges, start)

    def unterminated(self, start: int, limit: int, what: str) -> int:
        """Report the opening and go on at `limit`."""
        self.problems.append(Problem(start, start + 1, f"unterminated {what}"))
        return limit

    def _next(self, edges: list[int], start: int) -> int:
        at = bisect_left(edges, start)
        return edges[at] if at < len(edges) else len(self.text)
