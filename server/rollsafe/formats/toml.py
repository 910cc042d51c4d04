"""TOML into the positioned model of `nodes`; tolerant, because a file in an editor is half typed.

What tells tables and keys apart is read as TOML 1.0 has it; of numbers and dates only the text is kept. A
line that cannot be read is a problem and costs nothing else. A table's node reaches from its header to the
last entry written below that header, so that its `end` is where another entry goes.
"""

import re
from typing import Final

from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence, Tree
from rollsafe.formats.problems import Problem
from rollsafe.text import Span
from rollsafe.text.patterns import lazily

MAX_CHARS: Final = 1_048_576
MAX_NODES: Final = 50_000
MAX_DEPTH: Final = 50

_BLANK = lazily(r"(?:[ \t\r\n\ufeff]+|#[^\r\n]*)*+")
_SPACES = lazily(r"[ \t]*")
_LINE = lazily(r"[^\r\n]*")
_REST = lazily(r"[ \t]*(?:#[^\r\n]*)?(?=[\r\n]|\Z)")
_KEY = lazily(r"""[ \t]*(?:([\w-]+)|"((?:[^"\\\r\n]|\\.)*+)"|'([^'\r\n]*+)')[ \t]*""")
_BARE = lazily(r"[^\s,\]}#]+(?: \d{2}:\d{2}[^\s,\]}#]*)?")
_STRINGS: Final = (
    ('"""', lazily(r'"""(?:\r?\n)?((?:[^"\\]|\\.|"{1,2}(?!"))*+"{0,2})"""', re.S)),
    ("'''", lazily(r"'''(?:\r?\n)?((?:[^']|'{1,2}(?!'))*+'{0,2})'''", re.S)),
    ('"', lazily(r'"((?:[^"\\\r\n]|\\.)*+)"')),
    ("'", lazily(r"'([^'\r\n]*+)'")),
)
_ESCAPE = lazily(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([ \t]*\r?\n\s*)|(.))", re.S)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "e": "\x1b"}
_LARGEST: Final = 0x10FFFF


class _UnreadableError(Exception):
    """The line at hand is no TOML; caught where lines are counted."""


def read_toml(text: str) -> Tree:
    """Read a TOML text into one document, a mapping; never raises.

    Of a text with too many values the first ones are kept, and of one that is too large nothing; both are a
    fatal problem.
    """
    if len(text) > MAX_CHARS:
        return Tree([], [Problem(0, 0, f"larger than {MAX_CHARS} characters", fatal=True)])
    reader = _Reader(text)
    reader.read()
    return Tree([reader.root], reader.problems)


class _Reader:
    """The state of one pass: the table that entries go to, and what was found before."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.root = Mapping(0, 0)
        self.problems: list[Problem] = []
        self._table = self.root
        self._known: dict[tuple[Mapping, str], Node] = {}
        self._nodes = 0
        self._unclosed: set[str] = set()

    def read(self) -> None:
        at = 0
        while (at := self._skip(at)) < len(self._text):
            if self._nodes >= MAX_NODES:
                self.problems.append(Problem(at, at, f"more than {MAX_NODES} values", fatal=True))
                return
            line_end = _end(_LINE, self._text, at)
            try:
                read_to = self._header(at) if self._text[at] == "[" else self._line(at)
                rest = _REST.match(self._text, read_to)
                if rest is None:
                    raise _UnreadableError
                at = rest.end()
            except _UnreadableError:
                self._nodes += 1
                self.problems.append(Problem(at, line_end, "line that is no TOML"))
                at = line_end

    def _skip(self, at: int) -> int:
        return _end(_BLANK, self._text, at)

    def _header(self, start: int) -> int:
        """Open the table, or the next one of a list of tables, that `[…]` or `[[…]]` names."""
        self._nodes += 1
        brackets = 2 if self._text.startswith("[[", start) else 1
        names, at = self._keys(start + brackets)
        if not self._text.startswith("]" * brackets, at):
            raise _UnreadableError
        end = at + brackets
        parent = self._below(self.root, names[:-1])
        self._table = self._opened(parent, names[-1], Span(start, end), is_list=brackets > 1)
        return end

    def _opened(self, parent: Mapping, name: Scalar, header: Span, *, is_list: bool) -> Mapping:
        found = self._known.get((parent, name.text))
        if is_list:
            sequence = found if isinstance(found, Sequence) else Sequence(header.start, header.end)
            if found is None:
                self._put(parent, name, sequence)
            table = Mapping(header.start, header.end)
            sequence.items.append(table)
            self._nodes += 1
            return table
        if isinstance(found, Mapping):
            found.end = header.end
            return found
        table = Mapping(header.start, header.end)
        self._put(parent, name, table)
        return table

    def _below(self, node: Mapping, names: list[Scalar]) -> Mapping:
        """Return the table at `names`; those that nobody wrote yet begin and end with their name."""
        for name in names:
            found = self._known.get((node, name.text))
            if isinstance(found, Sequence) and found.items:
                found = found.items[-1]
            if found is None:
                found = Mapping(name.start, name.end)
                self._put(node, name, found)
            if not isinstance(found, Mapping):
                raise _UnreadableError
            node = found
        return node

    def _put(self, parent: Mapping, key: Scalar, value: Node) -> None:
        self._nodes += 1
        self._known[parent, key.text] = value
        parent.entries.append(Entry(key, value))

    def _line(self, start: int) -> int:
        end = self._entry(self._table, start, 0)
        self._table.end = end
        return end

    def _entry(self, table: Mapping, start: int, depth: int) -> int:
        names, at = self._keys(start)
        if self._text[at : at + 1] != "=":
            raise _UnreadableError
        value = self._value(_end(_SPACES, self._text, at + 1), depth)
        self._put(self._below(table, names[:-1]), names[-1], value)
        return value.end

    def _keys(self, at: int) -> tuple[list[Scalar], int]:
        names: list[Scalar] = []
        while len(names) < MAX_DEPTH:
            found = _KEY.match(self._text, at)
            if found is None:
                raise _UnreadableError
            group = found.lastindex or 1
            quotes = 0 if group == 1 else 1
            text = _unescaped(found[2]) if group == 2 else found[group]
            names.append(Scalar(found.start(group) - quotes, found.end(group) + quotes, text, not quotes))
            at = found.end()
            if self._text[at : at + 1] != ".":
                return names, at
            at += 1
        raise _UnreadableError

    def _value(self, at: int, depth: int) -> Node:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise _UnreadableError
        first = self._text[at : at + 1]
        if first == "[":
            return self._array(at, depth)
        if first == "{":
            return self._inline_table(at, depth)
        if first in ('"', "'"):
            return self._string(at)
        found = _BARE.match(self._text, at)
        if found is None:
            raise _UnreadableError
        return Scalar(at, found.end(), found[0].replace("_", "") if found[0][:1].isdigit() else found[0])

    def _string(self, at: int) -> Scalar:
        for quote, pattern in _STRINGS:
            if not self._text.startswith(quote, at):
                continue
            # Once a closing quote was not found there is none further on.
            found = pattern.match(self._text, at) if quote not in self._unclosed else None
            if found is None:
                if len(quote) > 1:
                    self._unclosed.add(quote)
                raise _UnreadableError
            text = found[1] if quote[0] == "'" else _unescaped(found[1])
            return Scalar(at, found.end(), text, plain=False)
        raise _UnreadableError

    def _array(self, start: int, depth: int) -> Sequence:
        items: list[Node] = []
        at = self._skip(start + 1)
        while self._text[at : at + 1] != "]":
            items.append(self._value(at, depth + 1))
            at = self._skip(items[-1].end)
            if self._text[at : at + 1] == ",":
                at = self._skip(at + 1)
            elif self._text[at : at + 1] != "]":
                raise _UnreadableError
        sequence = Sequence(start, at + 1, flow=True)
        sequence.items = items
        return sequence

    def _inline_table(self, start: int, depth: int) -> Mapping:
        table = Mapping(start, start, flow=True)
        at = self._skip(start + 1)
        while self._text[at : at + 1] != "}":
            at = self._skip(self._entry(table, at, depth + 1))
            if self._text[at : at + 1] == ",":
                at = self._skip(at + 1)
            elif self._text[at : at + 1] != "}":
                raise _UnreadableError
        table.end = at + 1
        return table


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match is not None else at


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(found: re.Match[str]) -> str:
    digits = found[1] or found[2]
    if digits is not None:
        return chr(int(digits, 16)) if int(digits, 16) <= _LARGEST else found[0]
    return "" if found[3] is not None else _ESCAPES.get(found[4], found[4])
