"""Whether the default of a field is a value of its type."""

from collections.abc import Callable
from typing import Final

from rollsafe.artefacts.contracts.avro.model import AvroField, AvroFlaw, AvroSchema, FlawKind, quoted
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve

_DEPTH: Final = 24
_NO_NUMBERS: Final = frozenset({"NaN", "Infinity", "-Infinity", "INF", "-INF"})
"""Texts that some versions take for a number."""
_BITS: Final = {"int": 31, "long": 63}

Find = Callable[[AvroSchema], AvroSchema | None]


def default_flaw(field: AvroField, find: Find) -> AvroFlaw | None:
    """Return what is wrong with the default of a field; None where it fits, or nobody knows."""
    node, schema = field.default, field.schema
    if node is None or fits(schema, node, find, 0):
        return None
    written = _shown(node)
    if schema.kind == "union" and any(fits(one, node, find, 0) for one in schema.inside):
        first = schema.inside[0].shown
        message = f"the default of {quoted(field.name)} is {written}, and no {quoted(first)}, its first type"
        return AvroFlaw(FlawKind.LATE_DEFAULT, node, message, field)
    message = f"the default of {quoted(field.name)} is {written}, which is no {quoted(schema.shown)}"
    return AvroFlaw(FlawKind.DEFAULT, node, message, field)


def fits(schema: AvroSchema, node: Node, find: Find, depth: int) -> bool:
    """Say whether a value is one of a type; of a union, of its first. What is unknown fits."""
    if depth > _DEPTH:
        return True
    if schema.kind == "reference":
        found = find(schema)
        return found is None or fits(found, node, find, depth + 1)
    if schema.kind == "union":
        return not schema.inside or fits(schema.inside[0], node, find, depth + 1)
    if schema.kind == "record":
        return _is_record(schema, node, find, depth)
    if schema.kind == "array":
        return isinstance(node, Sequence) and all(_holds(schema, one, find, depth) for one in node.items)
    if schema.kind == "map":
        return isinstance(node, Mapping) and all(_holds(schema, one, find, depth) for _, one in node.pairs())
    return isinstance(node, Scalar) and _is_scalar(schema, node)


def _holds(schema: AvroSchema, node: Node, find: Find, depth: int) -> bool:
    inner = resolve(node)
    return inner is None or not schema.inside or fits(schema.inside[0], inner, find, depth + 1)


def _is_record(schema: AvroSchema, node: Node, find: Find, depth: int) -> bool:
    if not isinstance(node, Mapping):
        return False
    for field in schema.fields:
        value = node.value(field.name)
        inner = resolve(value)
        if inner is None and field.default is None:
            return False
        if inner is not None and not fits(field.schema, inner, find, depth + 1):
            return False
    return True


def _is_scalar(schema: AvroSchema, node: Scalar) -> bool:
    text = node.text
    match schema.kind:
        case "null":
            return node.plain and text == "null"
        case "boolean":
            return node.plain and text in ("true", "false")
        case "int" | "long":
            number = node.as_int()
            limit = 1 << _BITS[schema.kind]
            return number is not None and -limit <= number < limit
        case "float" | "double":
            return (node.plain and _is_number(text)) or text in _NO_NUMBERS
        case "enum":
            return not node.plain and text in schema.symbols
        case "string" | "bytes" | "fixed":
            return not node.plain
        case _:
            return True


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _shown(node: Node) -> str:
    if isinstance(node, Mapping):
        return "an object"
    if isinstance(node, Sequence):
        return "a list"
    if not isinstance(node, Scalar):
        return "nothing"
    return quoted(node.text) if node.plain else "the text " + quoted(f'"{node.text[:60]}"')
