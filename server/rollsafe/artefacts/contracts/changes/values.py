"""Values of a description as data that can be compared, whatever they look like in the text."""

from typing import Final, TypeAlias

from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve

Value: TypeAlias = "tuple[str, object]"
"""A kind of value (`string`, `number`, `boolean`, `null`, `object`, `array`) and what it holds."""

_DEPTH: Final = 40
_LARGEST: Final = 5_000
"""Mappings and lists of a value that are looked at."""
_SHOWN: Final = 60
_LISTED: Final = 4
_TRUE: Final = frozenset({"true", "True", "TRUE"})
_FALSE: Final = frozenset({"false", "False", "FALSE"})
_UNKNOWN: Final[Value] = ("unknown", None)
NOTES: Final = frozenset(
    {"description", "title", "example", "examples", "summary", "externalDocs", "$comment"}
)
"""Keys that say something to people and nothing to a validator."""


def value_of(node: Node | None) -> Value:
    """Return what a node says; two nodes that say the same give equal values.

    Of what is very large or deep only a part is looked at.
    """
    return _value(node, 0, [_LARGEST])


def _value(node: Node | None, depth: int, left: list[int]) -> Value:
    node = resolve(node)
    if isinstance(node, Scalar):
        return _scalar(node)
    left[0] -= 1
    if depth > _DEPTH or left[0] < 0:
        return _UNKNOWN
    if isinstance(node, Mapping):
        pairs = ((key, _value(value, depth + 1, left)) for key, value in node.pairs() if key not in NOTES)
        return "object", tuple(sorted(pairs, key=lambda pair: pair[0]))
    if isinstance(node, Sequence):
        return "array", tuple(_value(item, depth + 1, left) for item in node.items)
    return _UNKNOWN


def _scalar(node: Scalar) -> Value:
    text = node.text
    if not node.plain:
        return "string", text
    if node.is_null:
        return "null", None
    if text in _TRUE or text in _FALSE:
        return "boolean", text in _TRUE
    number = number_of(node)
    return ("string", text) if number is None else ("number", number)


def number_of(node: Node | None) -> float | None:
    """Return the number a node is, else None."""
    if not isinstance(node, Scalar) or not node.plain or node.text[-1:] not in "0123456789.":
        return None
    try:
        return float(node.text)
    except ValueError:
        return None


def flag_of(node: Node | None) -> bool | None:
    """Return the boolean a node is, else None."""
    if isinstance(node, Scalar) and node.plain:
        return True if node.text in _TRUE else False if node.text in _FALSE else None
    return None


def text_of(node: Node | None) -> str | None:
    """Return the text of a scalar that is not null."""
    return node.text if isinstance(node, Scalar) and not node.is_null else None


def shown(value: str | float) -> str:
    """Return a text or a number as a message names it, in backticks and cut short."""
    text = value if isinstance(value, str) else f"{value:g}" if value % 1 else f"{value:.0f}"
    text = " ".join(text.replace("`", "'").split())
    return f"`{text[:_SHOWN]}…`" if len(text) > _SHOWN else f"`{text}`"


def told(value: Value) -> str:
    """Return a value as a message names it."""
    kind, inner = value
    if isinstance(inner, bool):
        return shown(str(inner).lower())
    if isinstance(inner, str | float):
        return shown(inner)
    return shown("null") if kind == "null" else f"an {kind}" if kind in ("object", "array") else "a value"


def listed(values: "list[str]") -> str:
    """Return values as a message lists them: the first few, then how many more."""
    more = f" and {len(values) - _LISTED} more" if len(values) > _LISTED else ""
    return ", ".join(values[:_LISTED]) + more
