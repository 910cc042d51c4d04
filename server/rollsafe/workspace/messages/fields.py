"""Fields of an object as JSON Schema writes them, in a file of its own or within another document."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text import Located
from rollsafe.workspace.messages.model import MessageField
from rollsafe.workspace.system.facts import place_of

_HOPS: Final = 8
_MOST: Final = 200
_LONGEST: Final = 60


class Document:
    """A file with its root; references within it are followed, those into others are told by `outside`."""

    def __init__(self, file: SourceFile, root: Mapping) -> None:
        self.file = file
        self.root = root

    def resolved(self, node: Node | None) -> Mapping | None:
        """Return the mapping behind local references; None where there is none, or one leads elsewhere."""
        for _ in range(_HOPS):
            if not isinstance(node, Mapping):
                return None
            reference = node.text_at("$ref")
            if reference is None:
                return node
            node = self._local(reference)
        return None

    def outside(self, node: Node | None) -> str | None:
        """Return the reference into another file that stands for a node; None where it is here."""
        for _ in range(_HOPS):
            reference = node.text_at("$ref") if isinstance(node, Mapping) else None
            if reference is None:
                return None
            if not reference.startswith("#"):
                return reference
            node = self._local(reference)
        return None

    def name_of(self, node: Node | None) -> str:
        """Return the last part of a reference: what the thing is called where it is defined."""
        reference = node.text_at("$ref") if isinstance(node, Mapping) else None
        return _unescaped(reference.rpartition("/")[2]) if reference else ""

    def _local(self, reference: str) -> Node | None:
        if not reference.startswith("#/"):
            return self.root if reference == "#" else None
        return self.root.at(*(_unescaped(part) for part in reference[2:].split("/")[:20]))


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def fields_of(document: Document, schema: Node | None) -> tuple[MessageField, ...] | None:
    """Return the fields of an object; None where the schema is not here or describes no object."""
    found: dict[str, MessageField] = {}
    is_object = False
    for part in _parts(document, schema, 0):
        is_object = is_object or part.text_at("type") == "object" or part.map_at("properties") is not None
        required = {one.text for one in part.items_at("required") if isinstance(one, Scalar)}
        properties = part.map_at("properties")
        for entry in properties.entries if properties is not None else ():
            if entry.name and len(found) < _MOST:
                found[entry.name] = _field(
                    document, entry.name, entry.value, entry.key, entry.name in required
                )
        for name in required & found.keys():
            found[name] = found[name]._replace(required=True)
    return tuple(found.values()) if is_object else None


def _parts(document: Document, schema: Node | None, depth: int) -> Iterator[Mapping]:
    """Yield a schema and those it is put together from by `allOf`."""
    part = document.resolved(schema)
    if part is None or depth > _HOPS:
        return
    for inner in part.items_at("allOf")[:20]:
        yield from _parts(document, inner, depth + 1)
    yield part


def _field(document: Document, name: str, value: Node, key: Located, required: bool) -> MessageField:
    part = document.resolved(value)
    kind = _type(document, part) if part is not None else document.name_of(value)
    detail = "" if part is None else part.text_at("format") or _range(part)
    return MessageField(name, kind[:_LONGEST], required, detail[:_LONGEST], place_of(document.file, key))


def _type(document: Document, part: Mapping) -> str:
    several = [one.text for one in part.items_at("type") if isinstance(one, Scalar)]
    kind = part.text_at("type") or " or ".join(several[:4])
    if kind == "array":
        item = document.resolved(part.at("items"))
        inner = (item.text_at("type") if item is not None else None) or document.name_of(part.at("items"))
        return f"array of {inner}" if inner else "array"
    if kind:
        return kind
    if part.at("enum") is not None or part.at("const") is not None:
        return "enum" if part.at("enum") is not None else "constant"
    kinds = [document.name_of(one) for word in ("oneOf", "anyOf") for one in part.items_at(word)]
    return " or ".join(one for one in kinds[:4] if one)


def _range(part: Mapping) -> str:
    choices = [one.text for one in part.items_at("enum") if isinstance(one, Scalar)]
    if choices:
        return "one of " + ", ".join(choices[:6]) + (" …" if len(choices) > 6 else "")
    words = (("minimum", "≥"), ("maximum", "≤"), ("maxLength", "length ≤"))
    return ", ".join(f"{sign} {value}" for key, sign in words if (value := part.text_at(key)) is not None)
