"""How a function of charts is looked up, and what it takes from its arguments."""

from collections.abc import Callable, Sequence
from typing import Final

from rollsafe.workspace.system.charts.values import (
    NOTHING,
    Items,
    Leaf,
    Plain,
    Rendered,
    Table,
    Value,
    first_place,
    text_of,
)

Arguments = Sequence[Value]
Answer = Callable[[Arguments], Value]
_LONGEST: Final = 100_000

TABLE: Final[dict[str, Answer]] = {}
"""The functions by name."""


class UnanswerableError(Exception):
    """A function got what it does not take."""


def named(*names: str) -> Callable[[Answer], Answer]:
    """Put a function into the table, under all of its names."""

    def register(answer: Answer) -> Answer:
        TABLE.update(dict.fromkeys(names, answer))
        return answer

    return register


# Arguments ---------------------------------------------------------------------------------------


def text_in(value: Value) -> str:
    """Return the text a value is."""
    if isinstance(value, Leaf | Rendered):
        return text_of(value)
    raise UnanswerableError


def number_in(value: Value) -> int:
    """Return the whole number a value is."""
    plain = value.value if isinstance(value, Leaf) else text_in(value)
    return int(float(plain or 0))


def table_in(value: Value) -> Table:
    """Return the table a value is; an empty one for nothing."""
    if isinstance(value, Table):
        return value
    if value == NOTHING or (isinstance(value, Leaf) and value.value is None):
        return Table()
    raise UnanswerableError


def items_in(value: Value) -> tuple[Value, ...]:
    """Return the items of a list; none for nothing."""
    if isinstance(value, Items):
        return value.items
    if isinstance(value, Leaf) and value.value is None:
        return ()
    raise UnanswerableError


def plain_in(value: Value) -> Plain:
    """Return what a value is compared by."""
    return value.value if isinstance(value, Leaf) else text_in(value)


def made_of(text: str, *sources: Value) -> Value:
    """Return a text that functions have made of `sources`, at the place of the first of them."""
    place = next((found for one in sources if (found := first_place(one)) is not None), None)
    return Leaf(text[:_LONGEST], place)
