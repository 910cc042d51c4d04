"""References to variables inside a text: `$NAME`, `${NAME}`, `${NAME:-default}`, nested ones too.

Compose, dotenv files and Dockerfiles share the notation; they differ in how a `$` is escaped. Command
substitutions and arithmetic are not references and are passed over.
"""

import re
from collections.abc import Callable
from enum import Enum
from itertools import islice
from typing import Final

from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

MAX_REFERENCES: Final = 10_000
MAX_TOKENS: Final = 50_000
MAX_DEPTH: Final = 32
MAX_EXPANDED: Final = 65_536
_EXPANSIONS: Final = 8
"""How deep defaults inside defaults are followed when a text is expanded."""


class DollarEscape(Enum):
    """How a `$` is written that begins no reference."""

    DOUBLED = "$$"
    BACKSLASH = "\\$"


class Reference(NamedTuple):
    """One variable reference between `start` and `end`.

    `operator` is what follows the name (`:-`, `-`, `:+`, `+`, `:?`, `?`; empty for a plain reference)
    and `operand` the raw text behind it. `depth` is 0 unless the reference is part of another's operand.
    """

    name: str
    operator: str
    operand: str
    start: int
    end: int
    depth: int

    @property
    def default(self) -> str | None:
        """The text used when the variable is unset; None when there is none."""
        return self.operand if self.operator in (":-", "-") else None

    @property
    def is_required(self) -> bool:
        """Whether reading fails with a message when the variable is unset."""
        return self.operator in (":?", "?")

    @property
    def name_span(self) -> Span:
        """Where the name itself stands."""
        start = self.end - len(self.name)
        if self.end - self.start > len(self.name) + 1:
            start = self.start + 2
        return Span(start, start + len(self.name))


class References(NamedTuple):
    """What was found: `found` ordered by start, `malformed` places where a `$` begins nothing valid."""

    found: tuple[Reference, ...]
    malformed: tuple[Span, ...]


Lookup = Callable[[str], str | None]
"""Answers the value of a variable; None when it is not set or not known."""

_DOUBLED = lazily(r"\$\$|\$\{|\$[A-Za-z_]\w*|[${}]", re.A)
_BACKSLASHED = lazily(r"\\.|\$\{|\$[A-Za-z_]\w*|[${}]", re.A | re.S)
_INSIDE = lazily(r"([A-Za-z_]\w*)(?:(:?[-+?])(.*))?", re.A | re.S)
_INSIDE_LOOSELY = lazily(r"([A-Za-z_]\w*)(?:(:?[-+?]|[#%/^,@:])(.*))?", re.A | re.S)

NOTHING: Final = References((), ())


def read_references(text: str, escape: DollarEscape, start: int = 0, end: int | None = None) -> References:
    """Find the references in `text[start:end]`; offsets are those of `text`. Never raises.

    Reading stops early where there are too many of them or they are nested too deep.
    """
    end = len(text) if end is None else end
    if text.find("$", start, end) < 0:
        return NOTHING
    scan = _Scan(text, escape)
    for token in islice(scan.tokens.finditer(text, start, end), MAX_TOKENS):
        if not scan.take(token):
            break
    return scan.result()


class _Scan:
    """The state of one pass: references found, and what is open (-1 stands for a plain brace)."""

    __slots__ = ("_depth", "_found", "_inside", "_malformed", "_open", "_strict", "_text", "tokens")

    def __init__(self, text: str, escape: DollarEscape) -> None:
        self._text = text
        # Compose refuses a lone `$`; a shell, and with it a Dockerfile, takes it as it is.
        self._strict = escape is DollarEscape.DOUBLED
        self.tokens = _DOUBLED if self._strict else _BACKSLASHED
        self._inside = _INSIDE if self._strict else _INSIDE_LOOSELY
        self._found: list[Reference] = []
        self._malformed: list[Span] = []
        self._open: list[int] = []
        self._depth = 0

    def take(self, token: re.Match[str]) -> bool:
        """Read one token; False when a limit is reached."""
        kind = token[0]
        if kind == "${":
            self._open.append(token.start())
            self._depth += 1
        elif kind == "{" and self._open:
            self._open.append(-1)
        elif kind == "}" and self._open:
            self._close(token.end())
        elif kind == "$" and self._strict:
            self._malformed.append(Span(token.start(), token.end()))
        elif len(kind) > 1 and kind[0] == "$" and kind != "$$":
            self._add(kind[1:], "", "", token.start(), token.end())
        return len(self._open) <= MAX_DEPTH and len(self._found) < MAX_REFERENCES

    def result(self) -> References:
        self._malformed += (Span(at, at + 2) for at in self._open if at >= 0)
        self._found.sort(key=lambda reference: reference.start)
        return References(tuple(self._found), tuple(sorted(self._malformed)))

    def _close(self, end: int) -> None:
        start = self._open.pop()
        if start < 0:
            return
        self._depth -= 1
        match = self._inside.fullmatch(self._text, start + 2, end - 1)
        if match is None:
            self._malformed.append(Span(start, end))
        else:
            self._add(match[1], match[2] or "", match[3] or "", start, end)

    def _add(self, name: str, operator: str, operand: str, start: int, end: int) -> None:
        self._found.append(Reference(name, operator, operand, start, end, self._depth))


def expand(text: str, escape: DollarEscape, lookup: Lookup) -> str | None:
    """Return `text` with its references replaced.

    None when one of them has no value and no default, and when the result would be longer than
    `MAX_EXPANDED`: a variable doubled thirty times over is an attack.
    """
    return _expand(text, escape, lookup, _EXPANSIONS)


def _expand(text: str, escape: DollarEscape, lookup: Lookup, depth: int) -> str | None:
    if "$" not in text:
        return text
    references = read_references(text, escape)
    if depth == 0 or references.malformed:
        return None
    parts: list[str] = []
    at = length = 0
    for reference in references.found:
        if reference.depth > 0:
            continue
        value = _value(reference, escape, lookup, depth)
        length += reference.start - at + len(value or "")
        if value is None or length > MAX_EXPANDED:
            return None
        parts += (_unescape(text[at : reference.start], escape), value)
        at = reference.end
    parts.append(_unescape(text[at:], escape))
    return "".join(parts)


def _value(reference: Reference, escape: DollarEscape, lookup: Lookup, depth: int) -> str | None:
    value = lookup(reference.name)
    match reference.operator:
        case "" | ":?" | "?":
            return value
        case ":-" | "-":
            is_set = value is not None and (value != "" or reference.operator == "-")
            return value if is_set else _expand(reference.operand, escape, lookup, depth - 1)
        case ":+" | "+":
            is_set = value is not None and (value != "" or reference.operator == "+")
            return _expand(reference.operand, escape, lookup, depth - 1) if is_set else ""
        case _:
            return None


def _unescape(text: str, escape: DollarEscape) -> str:
    return text.replace("$$", "$") if escape is DollarEscape.DOUBLED else text
