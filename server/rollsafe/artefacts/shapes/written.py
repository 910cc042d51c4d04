"""Shapes that a file of the workspace says itself: the `openAPIV3Schema` of a CustomResourceDefinition."""

from typing import Final

from rollsafe.artefacts.shapes.shape import RawShape, Shape
from rollsafe.formats.nodes import Mapping, Node, Scalar

_LETTERS: Final = {"string": "s", "integer": "i", "number": "n", "boolean": "b"}
_DEEPEST: Final = 60


def shape_of_schema(schema: Node, metadata: RawShape) -> Shape:
    """Return the shape of a structural schema; its `metadata` is that of any object."""
    raw = _raw(schema, 0)
    if not isinstance(raw, str) and isinstance(raw.get("p"), dict):
        known: dict[str, RawShape] = raw["p"]  # type: ignore[assignment]
        raw = {**raw, "p": {**known, "apiVersion": "s", "kind": "s", "metadata": metadata, "status": "*"}}
        required: tuple[str, ...] = raw.get("q", ())  # type: ignore[assignment]
        raw["q"] = tuple(name for name in required if name == "spec")
    return _find(raw)


def _find(raw: RawShape) -> Shape:
    return Shape(raw if not isinstance(raw, str) else {"s": raw.replace("*", "")}, _find)


def _raw(schema: Node, depth: int) -> RawShape:
    """Return a schema as a table writes it; what is not understood allows anything."""
    if depth > _DEEPEST or not isinstance(schema, Mapping):
        return "*"
    if schema.bool_at("x-kubernetes-int-or-string") is True:
        return "is"
    kind = schema.text_at("type")
    if kind in _LETTERS:
        return _scalar(schema, _LETTERS[kind])
    if kind == "array":
        items = schema.at("items")
        return {"l": _raw(items, depth + 1) if items is not None else "*"}
    if kind == "object" or schema.map_at("properties") is not None:
        return _mapping(schema, depth)
    return "*"


def _scalar(schema: Mapping, letters: str) -> RawShape:
    if schema.text_at("format") == "int-or-string":
        return "is"
    words = tuple(item.text for item in schema.items_at("enum") if isinstance(item, Scalar))
    return {"s": letters, "e": words} if words else letters


def _mapping(schema: Mapping, depth: int) -> RawShape:
    properties = schema.map_at("properties")
    if properties is None or not properties.entries:
        values = schema.map_at("additionalProperties")
        return {"p": {}, "v": _raw(values, depth + 1) if values is not None else "*"}
    found: dict[str, object] = {"p": {name: _raw(value, depth + 1) for name, value in properties.pairs()}}
    if schema.bool_at("x-kubernetes-embedded-resource") is True:
        return "*"
    if schema.bool_at("x-kubernetes-preserve-unknown-fields") is True or schema.at("additionalProperties"):
        found["v"] = "*"
    found["q"] = tuple(item.text for item in schema.items_at("required") if isinstance(item, Scalar))
    return found
