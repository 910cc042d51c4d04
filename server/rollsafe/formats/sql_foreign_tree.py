"""sqlglot's parser for MySQL and SQLite behind a small typed surface; the only module that knows the library.

The library is imported at the first parse, because that takes 100 ms. It recurses into what it reads, so
statements are measured before they are handed over.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

from rollsafe.formats.sql_foreign import MAX_KEPT, Token
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple

if TYPE_CHECKING:
    from sqlglot import Dialect
    from sqlglot.expressions import Expr

MAX_DEPTH: Final = 30
"""Most brackets within brackets; the library takes some 30 calls for each."""


class Shift(NamedTuple):
    """Where the text that was parsed lies in the statement: from `at` on it is `by` further on."""

    at: int
    by: int


class ForeignNode:
    """A node of the tree: typed access to its fields by name, absent ones giving empty values."""

    __slots__ = ("_expression", "_shift")

    def __init__(self, expression: "Expr", shift: Shift) -> None:
        self._expression = expression
        self._shift = shift

    def __repr__(self) -> str:
        return f"ForeignNode({self.kind})"

    @property
    def kind(self) -> str:
        """The node's type as the library names it, such as `ColumnDef`."""
        return type(self._expression).__name__

    @property
    def name(self) -> str:
        """The name it is about, unquoted words in lower case; empty for none."""
        identifier = self._identifier()
        if identifier is None:
            return ""
        name = str(identifier.this)
        return name if identifier.args.get("quoted") else name.lower()

    @property
    def place(self) -> Span | None:
        """Where its name stands in the statement, quotes included."""
        identifier = self._identifier()
        meta = identifier.meta if identifier is not None else {}
        if "start" not in meta:
            return None
        start, end = int(meta["start"]), int(meta["end"]) + 1
        by = self._shift.by if start >= self._shift.at else 0
        return Span(start + by, end + by)

    def _identifier(self) -> "Expr | None":
        """Return the first name in it: its own, that of the column it holds, and so on."""
        one: object = self._expression
        for _ in range(MAX_DEPTH):
            if type(one).__name__ == "Identifier":
                return cast("Expr", one)
            one = getattr(one, "args", {}).get("this")
        return None

    def sql(self, dialect: str) -> str:
        """Return it as the library writes it."""
        try:
            return str(self._expression.sql(dialect=dialect))
        except (RecursionError, ValueError, TypeError, AttributeError):
            return ""

    def child(self, field: str) -> "ForeignNode | None":
        """Return the node in `field`, else None."""
        value: object = self._expression.args.get(field)
        return ForeignNode(cast("Expr", value), self._shift) if hasattr(value, "args") else None

    def children(self, field: str) -> "list[ForeignNode]":
        """Return the nodes of a repeated field."""
        values: object = self._expression.args.get(field)
        found = cast("list[object]", values) if isinstance(values, list) else []
        return [ForeignNode(cast("Expr", one), self._shift) for one in found if hasattr(one, "args")]

    def text(self, field: str) -> str:
        """Return a string field."""
        value: object = self._expression.args.get(field)
        return value if isinstance(value, str) else ""

    def texts(self, field: str) -> tuple[str, ...]:
        """Return the strings of a repeated field."""
        values: object = self._expression.args.get(field)
        found = cast("list[object]", values) if isinstance(values, list) else []
        return tuple(one for one in found if isinstance(one, str))

    def flag(self, field: str) -> bool:
        """Return a boolean field."""
        return bool(self._expression.args.get(field))


_UNMOVED: Final = Shift(0, 0)


def is_bounded(tokens: Sequence[Token]) -> bool:
    """Say whether a statement is small and flat enough to be parsed."""
    if len(tokens) >= MAX_KEPT:
        return False
    depth = deepest = 0
    for one in tokens:
        depth += (one.text in "([{") - (one.text in ")]}") if len(one.text) == 1 else 0
        deepest = max(deepest, depth)
    return deepest <= MAX_DEPTH


def parse(text: str, dialect: str, shift: Shift = _UNMOVED) -> ForeignNode | None:
    """Parse one statement; None if the library does not understand all of it.

    `text` has been measured with `is_bounded`.
    """
    library = _library(dialect)
    try:
        found: Iterable[Any] = library.dialect.parse(text)
        tree = next(iter(found), None)
    except (library.rejected, RecursionError, ValueError, TypeError, AttributeError, IndexError, KeyError):
        # The library is no parser of hostile text: what it trips over, it does not understand.
        return None
    if tree is None or any(isinstance(one, library.opaque) for one in tree.walk()):
        return None
    return ForeignNode(tree, shift)


class _Library(NamedTuple):
    dialect: "Dialect"
    rejected: type[Exception]
    opaque: "type[Expr]"


@cache
def _library(dialect: str) -> _Library:
    import logging

    import sqlglot
    from sqlglot.errors import SqlglotError
    from sqlglot.expressions import Command

    # It tells of what it passes over; that is known from the tree.
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL + 1)
    return _Library(sqlglot.Dialect.get_or_raise(dialect), SqlglotError, Command)
