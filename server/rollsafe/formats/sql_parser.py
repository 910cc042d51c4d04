"""PostgreSQL's own parser behind a small typed surface; the only module that knows the library.

The library is imported at the first parse, because that takes about 50 ms. It may overflow the C stack on
nested input, so statements are measured before they are handed over.
"""

import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from itertools import accumulate
from typing import Any, Final

from rollsafe.formats.sql_mask import Masked, mask
from rollsafe.formats.sql_tokens import Token, tokens
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

MAX_STATEMENT: Final = 20_000
"""Longest statement, in characters, that is parsed."""
MAX_PARENS: Final = 100
MAX_CHAIN: Final = 500
"""Most operators that may nest; each takes 0.5 kB of stack, of which a thread may have only 512 kB."""
_HARMLESS: Final = 600
"""A statement of at most so many characters cannot nest deeply enough to do harm."""
_MAX_VISITED: Final = 5_000

_NESTING = lazily(
    "NOT|IS|ISNULL|NOTNULL|JOIN|UNION|INTERSECT|EXCEPT|CASE|SELECT|COLLATE|AT|BETWEEN|LIKE|ILIKE"
    "|SIMILAR|IN|OPERATOR|OVERLAPS|ANY|ALL|SOME"
)
_SIGNS: Final = "+-*/<>=~!@#%^&|?`:'\"{$"
_NOT_ASCII = lazily(r"[^\x00-\x7f]")


class _Library(NamedTuple):
    parse: Callable[[str], Any]
    rejected: type[Exception]
    undecodable: type[Exception]


class Rejected(NamedTuple):
    """Why a statement was not parsed; `offset` is a code-point offset in it.

    `is_refusal` tells that it was not even tried, because of its size.
    """

    offset: int
    message: str
    is_refusal: bool = False


class Source:
    """What turns the parser's byte offsets and masked names back into those of the written text."""

    __slots__ = ("_ascii", "_wide", "names", "text")

    def __init__(self, text: str, names: dict[str, str]) -> None:
        self.names = names
        self.text = text
        self._ascii = text.isascii()
        self._wide: tuple[list[int], list[int]] | None = None

    def offset(self, byte: int) -> int:
        """Return the code-point offset that belongs to the byte offset `byte`."""
        if self._ascii:
            return byte
        if self._wide is None:
            self._wide = self._widths()
        ends, extra = self._wide
        return byte - extra[bisect_right(ends, byte)]

    def _widths(self) -> tuple[list[int], list[int]]:
        """The byte offsets after each wide character, and how many bytes more than characters so far."""
        wide = list(_NOT_ASCII.finditer(self.text))
        extra = [0, *accumulate(len(match[0].encode()) - 1 for match in wide)]
        ends = [match.end() + more for match, more in zip(wide, extra[1:], strict=True)]
        return ends, extra


class SqlNode:
    """A node of the parse tree: typed access to its fields by name, absent ones giving empty values."""

    __slots__ = ("_message", "_source")

    def __init__(self, message: Any, source: Source) -> None:
        self._message = message
        self._source = source

    def __repr__(self) -> str:
        return f"SqlNode({self.kind})"

    @property
    def parsed_text(self) -> str:
        """The text of the whole statement as the parser saw it: a tool's placeholder is one name."""
        return self._source.text

    @property
    def kind(self) -> str:
        """The node's type as PostgreSQL names it, such as `AlterTableStmt`."""
        return type(self._message).__name__

    @property
    def start(self) -> int:
        """Code-point offset of the node in its statement; -1 where the parser recorded none."""
        byte = int(self._message.location)
        return self._source.offset(byte) if byte >= 0 else -1

    def text(self, field: str) -> str:
        """Return a string field; placeholders in names are put back."""
        value: str = getattr(self._message, field)
        names = self._source.names
        return names.get(value, value) if names else value

    def flag(self, field: str) -> bool:
        """Return a boolean field."""
        return bool(getattr(self._message, field))

    def number(self, field: str) -> int:
        """Return an integer field."""
        return int(getattr(self._message, field))

    def choice(self, field: str) -> str:
        """Return the name of an enumeration field's value, such as `AT_AddColumn`."""
        message = self._message
        return _choices(message.DESCRIPTOR, field)[getattr(message, field)]

    def has(self, field: str) -> bool:
        """Say whether there is a node in `field`."""
        return bool(self._message.HasField(field))

    def has_any(self, field: str) -> bool:
        """Say whether a repeated field holds anything."""
        return bool(getattr(self._message, field))

    def child(self, field: str) -> "SqlNode | None":
        """Return the node in `field`, else None."""
        if not self._message.HasField(field):
            return None
        return _unwrapped(getattr(self._message, field), self._source)

    def children(self, field: str) -> "list[SqlNode]":
        """Return the nodes of a repeated field."""
        items = getattr(self._message, field)
        if not items:
            return []
        source, found = self._source, list["SqlNode"]()
        for item in items:
            if type(item).__name__ == "Node":
                held = item.WhichOneof("node")
                if held:
                    found.append(SqlNode(getattr(item, held), source))
            else:
                found.append(SqlNode(item, source))
        return found

    def names(self, field: str) -> tuple[str, ...]:
        """Return the strings of a repeated field, nested lists flattened."""
        return tuple(_strings(self.children(field)))

    def walk(self) -> "Iterator[SqlNode]":
        """Yield this node and those below it, at most a fixed number."""
        pending: list[Any] = [self._message]
        for _ in range(_MAX_VISITED):
            if not pending:
                return
            message = pending.pop()
            if type(message).__name__ != "Node":
                yield SqlNode(message, self._source)
            for field, value in message.ListFields():
                if field.message_type is not None:
                    pending += [value] if hasattr(value, "DESCRIPTOR") else value


def parse(text: str) -> SqlNode | Rejected | None:
    """Parse one statement, in which placeholders may stand for names.

    None means that the parser takes it but that its tree is too deep to look at.
    """
    if len(text) > MAX_STATEMENT:
        return Rejected(0, f"statement of more than {MAX_STATEMENT} characters", is_refusal=True)
    masked = mask(text)
    too_deep = _too_deep(tokens(text)) if _may_nest(text) else None
    return too_deep or _parse(masked)


def _parse(masked: Masked) -> SqlNode | Rejected | None:
    text, names = masked
    library = _library()
    try:
        result = library.parse(text)
    except library.rejected as error:
        at = int(getattr(error, "cursorpos", 0)) - 1  # counted in code points, from 1
        return Rejected(max(0, min(at, len(text))), str(error))
    except library.undecodable:
        return None
    if not result.stmts:
        return None
    return _unwrapped(result.stmts[0].stmt, Source(text, names))


@cache
def _library() -> _Library:
    _skip_rest_of_package()
    rejected: type[Exception] = import_module("postgast.errors").PgQueryError
    undecodable: type[Exception] = import_module("google.protobuf.message").DecodeError
    return _Library(import_module("postgast.parse").parse, rejected, undecodable)


def _skip_rest_of_package() -> None:
    """Let modules of the package be imported one by one.

    Importing the package itself imports its writer, its node classes and its helpers, of which nothing is
    used here; that takes as long as all the rest.
    """
    spec = find_spec("postgast")
    if spec is not None and spec.submodule_search_locations is not None:
        sys.modules.setdefault("postgast", module_from_spec(spec))


@cache
def _choices(descriptor: Any, field: str) -> dict[int, str]:
    """Return the names of the values that an enumeration field of a kind of messages has."""
    values = descriptor.fields_by_name[field].enum_type.values_by_number
    return {number: str(value.name) for number, value in values.items()}


def _unwrapped(message: Any, source: Source) -> SqlNode | None:
    if type(message).__name__ != "Node":
        return SqlNode(message, source)
    field = message.WhichOneof("node")
    return SqlNode(getattr(message, field), source) if field else None


def _strings(nodes: list[SqlNode]) -> Iterator[str]:
    for node in nodes:
        if node.kind == "String":
            yield node.text("sval")
        elif node.kind == "List":
            yield from (item.text("sval") for item in node.children("items") if item.kind == "String")


def _may_nest(text: str) -> bool:
    """Say whether `text` holds enough words, signs or parentheses to be worth measuring."""
    if len(text) <= _HARMLESS:
        return False
    brackets = text.count("(") + text.count("[")
    # A word that nests follows a blank or one of these.
    return brackets > MAX_PARENS or brackets + len(text.split()) + sum(map(text.count, _SIGNS)) > MAX_CHAIN


def _too_deep(found: Iterable[Token]) -> Rejected | None:
    """Bound the depth of the tree from the tokens.

    Operators nest unless a comma parts them, and parentheses add what is inside them to what is around.
    """
    chain, around = 0, 0
    open_chains: list[int] = []
    for token in found:
        word = token.word
        if word == "(" or word == "[":
            open_chains.append(chain)
            around += chain
            chain = 0
        elif word == ")" or word == "]":
            if open_chains:
                chain = open_chains.pop()
                around -= chain
        elif word == "," or word == ";":
            chain = 0
        elif token.kind == "sign" or _NESTING.fullmatch(word):
            chain += 1
        if len(open_chains) > MAX_PARENS or around + chain > MAX_CHAIN:
            return Rejected(token.start, "expression nested too deeply")
    return None
