"""Functions of charts that choose, compare, count and look at versions."""

from collections.abc import Callable
from typing import Final

from rollsafe.text.patterns import lazily
from rollsafe.workspace.system.charts.answers import (
    TABLE,
    Arguments,
    UnanswerableError,
    named,
    number_in,
    plain_in,
    text_in,
)
from rollsafe.workspace.system.charts.values import (
    NOTHING,
    UNKNOWN,
    Items,
    Leaf,
    Table,
    Value,
    first_place,
    holds,
)

_VERSION = lazily(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?")
_BOUND = lazily(r"\s*(?P<sign>>=|<=|!=|=|>|<|\^|~)?\s*v?(?P<version>\d[\w.+-]*)")
_MOST: Final = 2_000


@named("default")
def _default(args: Arguments) -> Value:
    return args[1] if len(args) > 1 and holds(args[1]) else args[0]


@named("coalesce")
def _coalesce(args: Arguments) -> Value:
    return next((one for one in args if holds(one)), NOTHING)


@named("empty")
def _empty(args: Arguments) -> Value:
    return Leaf(not holds(args[0]))


@named("not")
def _not(args: Arguments) -> Value:
    return Leaf(not holds(args[0]))


@named("ternary")
def _ternary(args: Arguments) -> Value:
    return args[0] if holds(args[2]) else args[1]


@named("required")
def _required(args: Arguments) -> Value:
    return args[1] if holds(args[1]) else UNKNOWN


@named("eq")
def _eq(args: Arguments) -> Value:
    return Leaf(any(plain_in(args[0]) == plain_in(other) for other in args[1:]))


@named("ne")
def _ne(args: Arguments) -> Value:
    return Leaf(plain_in(args[0]) != plain_in(args[1]))


def _ordered(name: str, holds_for: Callable[[float, float], bool]) -> None:
    def answer(args: Arguments) -> Value:
        return Leaf(holds_for(number_in(args[0]), number_in(args[1])))

    TABLE[name] = answer


_ordered("lt", lambda one, other: one < other)
_ordered("le", lambda one, other: one <= other)
_ordered("gt", lambda one, other: one > other)
_ordered("ge", lambda one, other: one >= other)


# Numbers ---


@named("int", "int64", "toDecimal", "atoi", "float64")
def _int(args: Arguments) -> Value:
    return Leaf(number_in(args[0]), first_place(args[0]))


@named("add")
def _add(args: Arguments) -> Value:
    return Leaf(sum(map(number_in, args)))


@named("add1")
def _add1(args: Arguments) -> Value:
    return Leaf(number_in(args[0]) + 1)


@named("sub")
def _sub(args: Arguments) -> Value:
    return Leaf(number_in(args[0]) - number_in(args[1]))


@named("mul")
def _mul(args: Arguments) -> Value:
    product = 1
    for one in args:
        product *= number_in(one)
    return Leaf(product)


@named("div")
def _div(args: Arguments) -> Value:
    return Leaf(number_in(args[0]) // number_in(args[1]))


@named("max")
def _max(args: Arguments) -> Value:
    return Leaf(max(map(number_in, args)))


@named("min")
def _min(args: Arguments) -> Value:
    return Leaf(min(map(number_in, args)))


@named("len")
def _len(args: Arguments) -> Value:
    match args[0]:
        case Table() as table:
            return Leaf(len(table.entries))
        case Items(items):
            return Leaf(len(items))
        case other:
            return Leaf(len(text_in(other)))


@named("until")
def _until(args: Arguments) -> Value:
    return Items(tuple(Leaf(number) for number in range(min(number_in(args[0]), _MOST))))


# Versions ---


@named("semverCompare")
def _semver_compare(args: Arguments) -> Value:
    version = _version(text_in(args[1]))
    wanted = text_in(args[0])
    return Leaf(any(_is_within(version, bound) for bound in wanted.split("||")))


def _version(text: str) -> tuple[int, ...]:
    match = _VERSION.match(text)
    if match is None:
        raise UnanswerableError
    return tuple(int(part or 0) for part in match.groups())


def _is_within(version: tuple[int, ...], bounds: str) -> bool:
    found = list(_BOUND.finditer(bounds.replace(",", " ")))
    if not found:
        raise UnanswerableError
    return all(_fits(version, match["sign"] or "=", _version(match["version"])) for match in found)


def _fits(version: tuple[int, ...], sign: str, bound: tuple[int, ...]) -> bool:
    match sign:
        case ">=":
            return version >= bound
        case "<=":
            return version <= bound
        case ">":
            return version > bound
        case "<":
            return version < bound
        case "!=":
            return version != bound
        case "^":
            return version >= bound and version[0] == bound[0]
        case "~":
            return version >= bound and version[:2] == bound[:2]
        case _:
            return version == bound
