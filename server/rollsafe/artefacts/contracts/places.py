"""What there is in a document and where: its schemas, its references, values with examples."""

from typing import Final, NamedTuple, cast

from rollsafe.artefacts.contracts.document import ApiDocument, ContractDocument, EventDocument, entries_of
from rollsafe.artefacts.contracts.references import reference_in
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve, walk

_MOST: Final = 60_000
_MAPS: Final = frozenset({"properties", "patternProperties", "definitions", "$defs", "dependentSchemas"})
_INNER: Final = frozenset({
    "items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "allOf",
    "anyOf", "oneOf", "prefixItems", "unevaluatedProperties", "additionalItems",
})  # fmt: skip
_FREE: Final = frozenset({
    "paths", "webhooks", "channels", "operations", "messages", "responses", "callbacks", "links",
    "requestBodies", "headers", "parameters", "securitySchemes", "securityDefinitions", "content", "encoding",
    "variables", "pathItems", "messageTraits", "operationTraits", "servers", "correlationIds", "examples",
    "replies",
})  # fmt: skip
"""Mappings whose keys are names that somebody chose."""


class Place(NamedTuple):
    """A mapping and the way to it."""

    path: tuple[str, ...]
    node: Mapping


class Places(NamedTuple):
    """What a walk over a document found, in no order.

    `schemas` are all schemas, nested ones included; `holders` have a `schema` beside other things;
    `references` are the mappings with a `$ref`, `typed` those that are no schemas and say a `type`.
    """

    schemas: list[Place]
    holders: list[Place]
    typed: list[Place]
    references: list[Place]


def places_of(document: ContractDocument) -> Places:
    """Return what there is in a document; examples and extensions are left out."""
    found = document.kept.get(places_of)
    if found is None:
        found = document.kept[places_of] = _Walk(document).run()
    return cast("Places", found)


def pointers_in(document: ContractDocument) -> frozenset[str]:
    """Return all texts that lead to a place in the document itself, such as `#/components/schemas/Pet`."""
    found = document.kept.get(pointers_in)
    if found is None:
        texts = (one.text for one in walk(document.root) if isinstance(one, Scalar))
        found = document.kept[pointers_in] = frozenset(one for one in texts if one.startswith("#/"))
    return cast("frozenset[str]", found)


class _Walk:
    """One walk over a document; each mapping is seen once in each role."""

    def __init__(self, document: ContractDocument) -> None:
        self._is_event = isinstance(document, EventDocument)
        self._is_swagger = isinstance(document, ApiDocument) and document.is_swagger
        self._stack: list[tuple[Node | None, str, tuple[str, ...]]] = [(document.root, "any", ())]
        self._found = Places([], [], [], [])

    def run(self) -> Places:
        """Return what was found."""
        seen: set[tuple[int, str]] = set()
        left = _MOST
        while self._stack and left > 0:
            left -= 1
            node, role, path = self._stack.pop()
            node = resolve(node)
            if node is None or isinstance(node, Scalar) or (id(node), role) in seen:
                continue
            seen.add((id(node), role))
            if isinstance(node, Sequence):
                inner = "any" if role == "free" else role
                self._stack += [(item, inner, (*path, str(at))) for at, item in enumerate(node.items)]
            elif isinstance(node, Mapping):
                self._mapping(node, role, path)
        return self._found

    def _mapping(self, node: Mapping, role: str, path: tuple[str, ...]) -> None:
        place = Place(path, node)
        if role in ("any", "schema", "parameter", "free") and reference_in(node) is not None:
            self._found.references.append(place)
        if role in ("schema", "parameter"):
            self._found.schemas.append(place)
        if role in ("any", "parameter") and node.entry("schema") is not None:
            self._found.holders.append(place)
        if role == "any" and node.entry("type") is not None:
            self._found.typed.append(place)
        for entry in entries_of(node):
            inner = self._role(role, entry.name, path)
            if inner:
                self._stack.append((entry.value, inner, (*path, entry.name)))

    def _role(self, role: str, name: str, path: tuple[str, ...]) -> str:
        if role == "names":
            return "schema"
        if role in ("free", "parameters"):
            return "any" if role == "free" else "parameter"
        if name.startswith("x-"):
            return ""
        if role == "schema" or (role == "parameter" and name != "schema"):
            return "names" if name in _MAPS else "schema" if name in _INNER else ""
        return self._other(name, path)

    def _other(self, name: str, path: tuple[str, ...]) -> str:
        if name in ("schema", "payload") or (self._is_event and name == "headers"):
            return "schema"
        if name in ("schemas", "definitions"):
            return "names"
        if name == "parameters" and self._is_swagger:
            return "parameter" if path else "parameters"
        if name == "examples":
            return "free" if path[:1] == ("components",) else ""
        if name in _FREE:
            return "free"
        return "" if name in ("example", "value", "default", "enum") else "any"
