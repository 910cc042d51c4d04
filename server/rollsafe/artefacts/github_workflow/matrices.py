"""Literal values of a matrix, and what one of them says about another."""

from typing import Final

from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve

_DEEPEST: Final = 20
_MAX_ITEMS: Final = 500
_LONGEST: Final = 40


def literal(node: Node, depth: int = 0) -> object | None:
    """Return a value to compare by; None for one that an expression makes, or too deep a one."""
    found = resolve(node)
    if isinstance(found, Scalar):
        return None if "${{" in found.text else ("text", found.text)
    if depth > _DEEPEST:
        return None
    if isinstance(found, Sequence):
        items = tuple([literal(item, depth + 1) for item in found.items[:_MAX_ITEMS]])
        return None if None in items else ("list", items)
    if isinstance(found, Mapping):
        pairs = tuple(sorted((name.lower(), literal(value, depth + 1)) for name, value in found.pairs()))
        return None if any(value is None for _, value in pairs) else ("mapping", pairs)
    return None


def covers(value: Node, excluded: Node, depth: int = 0) -> bool:
    """Say whether `value` of a row may be one that `excluded` takes out: of a mapping, its part is enough.

    Values that differ in case may be the same: comparisons of expressions leave it out, and no page of
    GitHub says what counts here.
    """
    one, other = resolve(value), resolve(excluded)
    if depth > _DEEPEST or one is None or other is None:
        return True
    if any(isinstance(node, Scalar) and "${{" in node.text for node in (one, other)):
        return True
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        values = {name.lower(): node for name, node in one.pairs()}
        return all(
            name.lower() in values and covers(values[name.lower()], node, depth + 1)
            for name, node in other.pairs()
        )
    if isinstance(one, Sequence) and isinstance(other, Sequence):
        pairs = zip(one.items, other.items, strict=False)
        return len(one.items) == len(other.items) and all(covers(a, b, depth + 1) for a, b in pairs)
    return isinstance(one, Scalar) and isinstance(other, Scalar) and one.text.lower() == other.text.lower()


def rows_of(matrix: Mapping) -> dict[str, list[Node] | None] | None:
    """Return the values of each row by its lower-case name, with those that `include` brings in.

    None instead of values that an expression makes, and instead of all where it makes `include`.
    """
    rows: dict[str, list[Node] | None] = {}
    for name, value in matrix.pairs():
        if name not in ("include", "exclude"):
            found = resolve(value)
            rows[name.lower()] = list(found.items[:_MAX_ITEMS]) if isinstance(found, Sequence) else None
    included = resolve(matrix.at("include"))
    if included is not None and not isinstance(included, Sequence):
        return None
    for item in included.items[:_MAX_ITEMS] if isinstance(included, Sequence) else ():
        leg = resolve(item)
        if not isinstance(leg, Mapping):
            return None
        for name, value in leg.pairs():
            row = rows.setdefault(name.lower(), [])
            if row is not None:
                row.append(value)
    return rows


def told(node: Node) -> str:
    """Return in words what a value is: a short one itself, else its kind."""
    found = resolve(node)
    if isinstance(found, Scalar):
        return f"`{found.text[:_LONGEST]}`"
    if isinstance(found, Mapping):
        pairs = ", ".join(
            f"{name}: {value.text}" for name, value in found.pairs() if isinstance(value, Scalar)
        )
        return f"`{{{pairs[:_LONGEST]}}}`"
    return "a list"
