"""As much of JSON Schema as the plan's schema uses, so that the tests need no library for it."""

from collections.abc import Iterator
from typing import Any

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int,
}  # fmt: skip
_KNOWN = frozenset(
    {
        *(
            "type",
            "properties",
            "required",
            "additionalProperties",
            "items",
            "enum",
            "const",
            "anyOf",
            "$ref",
        ),
        *("minimum", "maximum", "title", "description", "default", "readOnly", "$defs", "$schema"),
    }
)


def mistakes(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "$") -> Iterator[str]:
    """Yield where `value` is not what `schema` says."""
    unknown = schema.keys() - _KNOWN
    assert not unknown, f"the schema uses what this reader does not know: {unknown}"
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from mistakes(value, root["$defs"][name], root, at)
        return
    if "anyOf" in schema:
        if all(list(mistakes(value, option, root, at)) for option in schema["anyOf"]):
            yield f"{at}: none of the alternatives"
        return
    kind = schema.get("type")
    if kind and not isinstance(value, _TYPES[kind]):
        yield f"{at}: not {kind}"
        return
    yield from _limits(value, schema, at)
    if kind == "object":
        yield from _object(value, schema, root, at)
    elif kind == "array":
        for number, item in enumerate(value):
            yield from mistakes(item, schema["items"], root, f"{at}[{number}]")


def _limits(value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        yield f"{at}: {value!r} is not allowed"
    low, high = schema.get("minimum"), schema.get("maximum")
    if (low is not None and value < low) or (high is not None and value > high):
        yield f"{at}: {value!r} is out of range"


def _object(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in value:
            yield f"{at}.{name}: missing"
    for name, inside in value.items():
        if name in properties:
            yield from mistakes(inside, properties[name], root, f"{at}.{name}")
        elif schema.get("additionalProperties") is False:
            yield f"{at}.{name}: not in the schema"
