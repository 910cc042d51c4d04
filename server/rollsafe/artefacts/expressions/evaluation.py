"""What an expression amounts to when only a part of its contexts is known.

Follows GitHub's rules: strings compare without case, values of different types as numbers, `&&` and `||`
answer one of their operands. What depends on something unknown is `UNKNOWN`, unless the rest decides.
"""

import json
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final, TypeAlias, cast

from rollsafe.artefacts.expressions.syntax import (
    Call,
    Comparison,
    Expr,
    Literal,
    Logical,
    Not,
    context_path,
)
from rollsafe.artefacts.expressions.templates import read_template


class Unknown(Enum):
    """The type of `UNKNOWN`, a value nobody can tell before the workflow runs."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN

Value: TypeAlias = str | float | bool | tuple[str | Unknown, ...] | Unknown | None
Lookup: TypeAlias = Callable[[tuple[str, ...]], Value]
"""Answers for a context path, as `context_path` returns it."""

Functions: TypeAlias = Mapping[str, bool | Unknown]
"""What `always`, `success`, `failure` and `cancelled` answer, by lower-case name."""

_LONGEST_LIST: Final = 4_000


def evaluate(node: Expr, lookup: Lookup, functions: Functions) -> Value:
    """Return the value of an expression."""
    match node:
        case Literal():
            return node.value
        case Not():
            held = truth(evaluate(node.operand, lookup, functions))
            return UNKNOWN if held is None else not held
        case Logical():
            return _logical(node, lookup, functions)
        case Comparison():
            left = evaluate(node.left, lookup, functions)
            return _compared(node.operator, left, evaluate(node.right, lookup, functions))
        case Call():
            return _called(node, lookup, functions)
        case _:
            path = context_path(node)
            return UNKNOWN if path is None else lookup(path)


def truth(value: Value) -> bool | None:
    """Say whether a value counts as true; None when that is not known."""
    if value is UNKNOWN:
        return None
    if isinstance(value, tuple):
        return True
    return bool(value) and value == value  # NaN is false


def fill(text: str, lookup: Lookup, functions: Functions) -> str | None:
    """Return `text` with its `${{ }}` replaced by their values; None when one is not known."""
    parts: list[str] = []
    at = 0
    for one in read_template(text).expressions:
        value = evaluate(one.root, lookup, functions)
        if value is UNKNOWN or isinstance(value, tuple):
            return None
        parts += (text[at : one.start], _written(value))
        at = one.end
    return "".join((*parts, text[at:]))


def _written(value: str | float | bool | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{value:g}"


def _logical(node: Logical, lookup: Lookup, functions: Functions) -> Value:
    """Evaluate a chain: `&&` ends at the first false operand, `||` at the first true one."""
    ends_at = node.operator == "||"
    unknown = False
    value: Value = None
    for operand in node.operands:
        value = evaluate(operand, lookup, functions)
        held = truth(value)
        if held is None:
            unknown = True
        elif held is ends_at:
            # After something unknown only the truth of the chain is known, not which operand it is.
            return value if not unknown or isinstance(value, bool) else (False if not ends_at else UNKNOWN)
    return UNKNOWN if unknown else value


def _compared(operator: str, left: Value, right: Value) -> Value:
    if isinstance(left, Unknown | tuple) or isinstance(right, Unknown | tuple):
        return UNKNOWN
    if isinstance(left, str) and isinstance(right, str):
        return _ordered(operator, left.casefold(), right.casefold())
    if type(left) is type(right) and not isinstance(left, float):
        return _ordered(operator, bool(left), bool(right))
    return _ordered(operator, _number(left), _number(right))


def _ordered(operator: str, left: str | float, right: str | float) -> bool:
    one, other = cast("tuple[float, float]", (left, right))
    if operator == "==":
        return one == other
    if operator == "!=":
        return one != other
    if operator in ("<", "<="):
        return one < other or (operator == "<=" and one == other)
    return one > other or (operator == ">=" and one == other)


def _number(value: str | float | bool | None) -> float:
    if isinstance(value, str):
        try:
            return float(value or 0)
        except ValueError:
            return float("nan")
    return float(value or 0)


def _called(node: Call, lookup: Lookup, functions: Functions) -> Value:
    name = node.name.lower()
    if name in functions:
        return functions[name]
    arguments = [evaluate(argument, lookup, functions) for argument in node.arguments]
    if name == "fromjson" and len(arguments) == 1:
        return _list(arguments[0])
    if name == "format" and arguments:
        return _formatted(arguments)
    if len(arguments) != 2:
        return UNKNOWN
    whole, part = arguments
    if name == "contains":
        return _contains(whole, part)
    if name not in ("startswith", "endswith") or not isinstance(whole, str) or not isinstance(part, str):
        return UNKNOWN
    text, piece = whole.casefold(), part.casefold()
    return text.startswith(piece) if name == "startswith" else text.endswith(piece)


def _contains(whole: Value, part: Value) -> Value:
    if not isinstance(part, str):
        return UNKNOWN
    wanted = part.casefold()
    if isinstance(whole, tuple):
        if any(isinstance(one, str) and one.casefold() == wanted for one in whole):
            return True
        return UNKNOWN if UNKNOWN in whole else False
    if whole is None:
        return not wanted
    return wanted in whole.casefold() if isinstance(whole, str) else UNKNOWN


def _list(value: Value) -> Value:
    if not isinstance(value, str) or len(value) > _LONGEST_LIST or not value.lstrip().startswith("["):
        return UNKNOWN
    try:
        read: object = json.loads(value)
    except (ValueError, RecursionError):
        return UNKNOWN
    items = cast("list[object]", read) if isinstance(read, list) else []
    return tuple(item if isinstance(item, str) else UNKNOWN for item in items)


def _formatted(arguments: list[Value]) -> Value:
    text, *values = arguments
    if not isinstance(text, str):
        return UNKNOWN
    for index, value in enumerate(values):
        if isinstance(value, Unknown | tuple):
            return UNKNOWN
        text = text.replace(f"{{{index}}}", _written(value))
    return text
