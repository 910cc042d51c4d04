"""What of an expression ends up in its value: contexts, constants and computed indexes."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.expressions.evaluation import UNKNOWN, Value, evaluate
from rollsafe.artefacts.expressions.syntax import (
    Call,
    Comparison,
    Expr,
    Index,
    Literal,
    Logical,
    Name,
    Not,
    Property,
    Star,
    children,
    walk,
)

_PASSES_ON: Final = frozenset({"tojson", "fromjson", "format", "join"})
_PURE: Final = frozenset({"format", "contains", "startswith", "endswith", "tojson", "fromjson", "join"})


def flowing(node: Expr) -> Iterator[Expr]:
    """Yield the accesses whose text may become part of the value of `node`, in source order.

    Conditions decide which value it is, and are no part of it.
    """
    match node:
        case Name() | Property() | Index() | Star():
            yield node
        case Call():
            yield from _flowing_call(node)
        case Logical():
            last = node.operands[-1:] if node.operator == "&&" else node.operands
            for operand in last:
                yield from flowing(operand)
        case _:
            return


def _flowing_call(node: Call) -> Iterator[Expr]:
    name = node.name.lower()
    passed = node.arguments if name in _PASSES_ON else ()
    if name == "case":
        passed = tuple(
            argument
            for index, argument in enumerate(node.arguments)
            if index % 2 or index == len(node.arguments) - 1
        )
    for argument in passed:
        yield from flowing(argument)


def outcomes(node: Expr) -> Iterator[Expr]:
    """Yield the operands of which `node` is one when it is evaluated, in source order."""
    if not isinstance(node, Logical):
        yield node
        return
    for operand in node.operands[-1:] if node.operator == "&&" else node.operands:
        yield from outcomes(operand)


def constant_value(node: Expr) -> Value:
    """Return what `node` always is, `UNKNOWN` when that depends on a context or is no plain value."""
    for part in walk(node):
        if isinstance(part, Call):
            if part.name.lower() not in _PURE:
                return UNKNOWN
        elif not isinstance(part, Literal | Not | Comparison | Logical):
            return UNKNOWN
    found = evaluate(node, lambda _: UNKNOWN, {})
    return UNKNOWN if isinstance(found, tuple) else found


def constant_parts(node: Expr) -> Iterator[tuple[Expr, Value]]:
    """Yield the outermost parts below `node` that are computed and always the same, with what they are."""
    stack = list(reversed(children(node)))
    while stack:
        part = stack.pop()
        if isinstance(part, Literal):
            continue
        value = constant_value(part)
        if value is UNKNOWN:
            stack += reversed(children(part))
        else:
            yield part, value


def computed_indexes(node: Expr) -> Iterator[Index]:
    """Yield the accesses by an index that is only known when the expression is evaluated."""
    for part in walk(node):
        if isinstance(part, Index) and not isinstance(part.index, Literal | Star):
            yield part
