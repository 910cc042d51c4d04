"""What a value of an expression may be: the types that GitHub's evaluator tells apart."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, TypeAlias

_SHOWN: Final = 6
"""An object's type is described by so many of its names."""


class Plain(StrEnum):
    """A type without parts. `ANY` is what nothing is known of; every question about it is answered by yes."""

    ANY = "any"
    NULL = "null"
    BOOLEAN = "boolean"
    NUMBER = "number"
    STRING = "string"


class Listed:
    """An array; `is_filter` where it comes from `.*`, so that a name asks each of its items."""

    __slots__ = ("is_filter", "item")

    def __init__(self, item: "Type", *, is_filter: bool = False) -> None:
        self.item = item
        self.is_filter = is_filter


class Named:
    """An object: types by lower-case name, as names ignore case.

    `rest` is the type of names that are not listed; None where there are no others.
    """

    __slots__ = ("names", "rest")

    def __init__(self, names: "Mapping[str, Type]", rest: "Type | None" = None) -> None:
        self.names = names
        self.rest = rest

    def at(self, name: str) -> "Type | None":
        """Return the type of a name; None where there is none."""
        found = self.names.get(name.lower())
        return found if found is not None else self.rest


Type: TypeAlias = Plain | Listed | Named

ANYTHING: Final = Named({}, Plain.ANY)
"""An object of which nothing is known."""
TEXTS: Final = Named({}, Plain.STRING)
"""An object whose values are strings, under names that only the run knows."""


def exactly(names: "Mapping[str, Type]") -> Named:
    """Return the object that has these names and no others; their case is dropped."""
    return Named({name.lower(): one for name, one in names.items()})


def words_for(one: Type) -> str:
    """Return a type in words, such as `an object with linux, win`."""
    if isinstance(one, Listed):
        return "an array"
    if isinstance(one, Named):
        return "an object"
    return {"any": "any value", "null": "null"}.get(one.value, f"a {one.value}")


def shown(names: Iterable[str]) -> str:
    """Return names for a message: the first few, how many more there are."""
    found = sorted(names)
    told = ", ".join(f"`{name}`" for name in found[:_SHOWN])
    more = len(found) - _SHOWN
    return f"{told} and {more} more" if more > 0 else told


def joined(types: Iterable[Type]) -> Type:
    """Return the type of a value that is of one of several."""
    result: Type | None = None
    for one in types:
        result = one if result is None else _either(result, one)
    return Plain.ANY if result is None else result


def _either(one: Type, other: Type) -> Type:
    if one is other:
        return one
    if isinstance(one, Listed) and isinstance(other, Listed):
        return Listed(_either(one.item, other.item), is_filter=one.is_filter and other.is_filter)
    if isinstance(one, Named) and isinstance(other, Named):
        return _merged(one, other)
    return Plain.ANY


def _merged(one: Named, other: Named) -> Named:
    names: dict[str, Type] = dict(one.names)
    for name, found in other.names.items():
        known = names.get(name)
        names[name] = found if known is None else _either(known, found)
    if one.rest is None or other.rest is None:
        return Named(names, one.rest or other.rest)
    return Named(names, _either(one.rest, other.rest))
