"""Values of charts held against `values.schema.json`, as Helm does before it renders.

Helm holds all values together against the schema, a file holds a part of them. So a file is asked for what it
says, and only the values that come of it over the defaults for what is missing.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from rollsafe.artefacts.contracts.flaws import Flaw, FlawKind, Options, Schema
from rollsafe.artefacts.contracts.validation import flaws_in
from rollsafe.artefacts.contracts.values import Value, whole
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml import read_yaml
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.system.charts.deployed import DeployedValues
from rollsafe.workspace.system.charts.values import NOTHING, Table, at
from rollsafe.workspace.system.charts.values_file import Keys

_LARGEST: Final = 50_000
"""Nodes of a schema that is read."""

_DEEPEST: Final = 30
_NAMED: Final = frozenset({"properties", "patternProperties", "$defs", "definitions"})
"""Keywords whose keys are names."""

_ONE: Final = frozenset({"additionalProperties", "additionalItems", "contains"})
"""Keywords that hold one schema."""

_OF_THE_WHOLE: Final = frozenset({
    "required", "minProperties", "dependentRequired", "dependentSchemas", "dependencies", "not", "if", "then",
    "else", "unevaluatedProperties", "propertyNames", "errorMessage", "default", "examples",
})  # fmt: skip
"""Keywords that a part of the values can break although the whole does not, and words that check nothing."""


class LackingKey(NamedTuple):
    """A key that the schema requires and the values do not have, by its path."""

    path: tuple[str, ...]


def wrong_values(values: DeployedValues) -> Iterator[Flaw]:
    """Yield what a file says that the chart's schema does not allow."""
    schemas = _schemas_of(values)
    if schemas is None:
        return
    for flaw in flaws_in(values.root, schemas.of_parts, Options(schemas.find_part)):
        if not _is_lenient(flaw) and not _is_replaced(values, flaw.path):
            yield flaw


def lacking_keys(values: DeployedValues) -> Iterator[LackingKey]:
    """Yield the keys that the chart's schema requires and nothing gives."""
    schemas = _schemas_of(values)
    if schemas is not None:
        yield from schemas.lacking(schemas.whole, values.values, (), 0)


class _Schemas:
    """A schema as it is, and what of it holds for parts of the values."""

    def __init__(self, schema: dict[str, Value]) -> None:
        self.whole: Schema = schema
        part = _of_parts(schema, 0)
        self.of_parts: Schema = part if isinstance(part, dict) else True

    def find_part(self, text: str) -> "Schema | None":
        """Return what a reference within the schema leads to, for parts; others allow anything."""
        return _at(self.of_parts, text)

    def lacking(
        self, schema: Schema, table: Table, path: tuple[str, ...], depth: int
    ) -> Iterator[LackingKey]:
        """Yield the required keys that are missing in mappings that are there."""
        if not isinstance(schema, dict) or depth > _DEEPEST:
            return
        target = schema.get("$ref")
        found = _at(self.whole, target) if isinstance(target, str) else None
        if found is not None:
            yield from self.lacking(found, table, path, depth + 1)
        required, properties = schema.get("required"), schema.get("properties")
        for key in required if isinstance(required, list) else ():
            if isinstance(key, str) and key not in table.entries:
                yield LackingKey((*path, key))
        for key, inner in properties.items() if isinstance(properties, dict) else ():
            below = table.entries.get(key)
            if isinstance(inner, dict) and isinstance(below, Table):
                yield from self.lacking(inner, below, (*path, key), depth + 1)


def _schemas_of(values: DeployedValues) -> _Schemas | None:
    return _read(values.schema.text) if values.schema is not None else None


@lru_cache(maxsize=32)
def _read(text: str) -> _Schemas | None:
    tree = read_yaml(text)
    if tree.problems or not tree.documents:
        return None
    value, count = whole(tree.documents[0], _LARGEST)
    return _Schemas(value) if count >= 0 and isinstance(value, dict) else None


def _of_parts(value: Value, depth: int) -> Value:
    """Return what of a schema any part of the values has to fit."""
    if depth > 2 * _DEEPEST:
        return True
    if isinstance(value, list):
        return [_of_parts(one, depth + 1) for one in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, Value] = {}
    for key, inner in value.items():
        if key in _OF_THE_WHOLE:
            continue
        if key in _NAMED and isinstance(inner, dict):
            found[key] = {name: _schema(_of_parts(one, depth + 1)) for name, one in inner.items()}
        elif key in _ONE or (key == "items" and not isinstance(inner, list)):
            found[key] = _schema(_of_parts(inner, depth + 1))
        elif key in ("enum", "const"):
            found[key] = inner
        else:
            # Without what the whole has to have, several of the alternatives may fit.
            found["anyOf" if key == "oneOf" and "anyOf" not in value else key] = _of_parts(inner, depth + 1)
    return found


def _schema(value: Value) -> Value:
    """Return what stands in the place of a schema; what is none allows anything."""
    return value if isinstance(value, bool | dict) else True


def _at(schema: Schema, text: str) -> "Schema | None":
    """Return what a reference within a schema leads to."""
    if not text.startswith("#"):
        return True
    found = schema
    steps = [
        one.replace("~1", "/").replace("~0", "~") for one in text.removeprefix("#").strip("/").split("/")
    ]
    for step in filter(None, steps):
        inner = found.get(step) if isinstance(found, dict) else None
        found = inner if isinstance(inner, bool | dict) else True
    return found


def _is_lenient(flaw: Flaw) -> bool:
    """Say whether Helm takes a value all the same, or the flaw hangs on what it does with others."""
    node = flaw.where
    if flaw.kind in (FlawKind.FORMAT, FlawKind.MISSING, FlawKind.REFERENCE):
        return True
    if flaw.kind is FlawKind.UNKNOWN:
        return flaw.key in ("global", "<<")
    if not isinstance(node, Scalar):
        return False
    if node.is_null:
        return True
    if flaw.kind is FlawKind.TYPE:
        is_whole = "integer" in flaw.names and node.text.rstrip("0").endswith(".")
        return is_whole or ("boolean" in flaw.names and node.plain and node.as_bool() is not None)
    return False


def _is_replaced(values: DeployedValues, path: Keys) -> bool:
    """Say whether a default is never deployed, since every environment has something else in its place."""
    keys = tuple(str(one) for one in path)
    others = values.others
    return values.is_default and bool(others) and all(_says(one, keys) for one in values.overriding)


def _says(table: Table, path: tuple[str, ...]) -> bool:
    return at(table, path) != NOTHING
