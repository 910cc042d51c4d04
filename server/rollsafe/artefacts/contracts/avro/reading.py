"""Reads Avro schemas out of positioned JSON, as Avro's specification says; what is wrong is told."""

import re
from typing import Final

from rollsafe.artefacts.contracts.avro.defaults import default_flaw
from rollsafe.artefacts.contracts.avro.model import (
    COMPLEX,
    NAMED,
    PRIMITIVES,
    AvroField,
    AvroFlaw,
    AvroSchema,
    AvroText,
    FlawKind,
    find,
    quoted,
)
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve

_NAME = re.compile(r"[^\W\d]\w*\Z")
"""Newer versions take letters of every script, older ones only those of English."""
_DEPTH: Final = 48
_MOST: Final = 5_000


def read_avro(root: Node | None, *, is_json: bool = True) -> AvroText:
    """Return the schemas that a value describes; in YAML names need no quotes."""
    reading = _Reading(is_json=is_json)
    whole = reading.read(root if root is not None else Scalar(0, 0, ""), "", 0)
    for field in reading.fields:
        flaw = default_flaw(field, lambda one: find(reading.named, one))
        if flaw is not None:
            reading.flaws.append(flaw)
    return AvroText(whole, reading.named, tuple(reading.references), tuple(reading.flaws))


class _Reading:
    """What is found by now."""

    def __init__(self, *, is_json: bool) -> None:
        self._is_json = is_json
        self.named: dict[str, AvroSchema] = {}
        self.references: list[AvroSchema] = []
        self.fields: list[AvroField] = []
        self.flaws: list[AvroFlaw] = []
        self._count = 0

    def read(self, node: Node | None, space: str, depth: int) -> AvroSchema:
        """Return the type a value describes, one of no kind where it describes none or too much is read."""
        node = resolve(node)
        self._count += 1
        if node is None or depth > _DEPTH or self._count > _MOST:
            blank = node or Scalar(0, 0, "")
            return AvroSchema("", blank, blank)
        if isinstance(node, Scalar):
            return self._called(node, space)
        if isinstance(node, Sequence):
            return self._union(node, space, depth)
        return (
            self._described(node, space, depth) if isinstance(node, Mapping) else AvroSchema("", node, node)
        )

    def _is_bare(self, node: Scalar) -> bool:
        """Say whether a scalar of JSON is a literal and no text."""
        return node.plain and self._is_json

    def _tell(self, kind: FlawKind, where: Node, message: str) -> None:
        if len(self.flaws) < _MOST:
            self.flaws.append(AvroFlaw(kind, where, message))

    def _called(self, node: Scalar, space: str) -> AvroSchema:
        if self._is_bare(node):
            self._tell(FlawKind.VALUE, node, f"{quoted(node.text)} stands where the name of a type is due")
            return AvroSchema("", node, node)
        if node.text in PRIMITIVES:
            return AvroSchema(node.text, node, node)
        if node.text in COMPLEX:
            self._tell(
                FlawKind.VALUE, node, f"{quoted(node.text)} is described nowhere: it takes more than its name"
            )
            return AvroSchema("", node, node)
        name = node.text if "." in node.text or not space else f"{space}.{node.text}"
        found = AvroSchema("reference", node, node, name, space)
        self.references.append(found)
        return found

    def _union(self, node: Sequence, space: str, depth: int) -> AvroSchema:
        found = AvroSchema("union", node, node.items[0] if node.items else node)
        found.inside = tuple(self.read(item, space, depth + 1) for item in node.items)
        seen: set[str] = set()
        for one in found.inside:
            key = one.name or one.kind
            if one.kind == "union":
                self._tell(FlawKind.UNION, one.mark, "a union stands directly inside of a union")
            elif key in seen and key:
                self._tell(FlawKind.UNION, one.mark, f"the union has {quoted(one.shown)} twice")
            seen.add(key)
        return found

    def _described(self, node: Mapping, space: str, depth: int) -> AvroSchema:
        entry = node.entry("type")
        kind = resolve(entry.value) if entry is not None else None
        if kind is None:
            self._tell(FlawKind.MISSING, node, "a type is described without `type`")
            return AvroSchema("", node, _first(node))
        if not isinstance(kind, Scalar) or self._is_bare(kind) or kind.text not in (*PRIMITIVES, *COMPLEX):
            found = self.read(kind, space, depth + 1)
            return found
        word = "record" if kind.text == "error" else kind.text
        found = AvroSchema(word, node, kind)
        found.form = _form(node)
        if kind.text in NAMED:
            space = self._name(found, node, space)
        if word == "record":
            found.fields = tuple(self._fields(found, node, space, depth))
        elif word == "enum":
            self._symbols(found, node)
        elif word == "fixed":
            self._size(found, node)
        elif word in ("array", "map"):
            self._held(found, node, space, depth)
        return found

    def _name(self, found: AvroSchema, node: Mapping, space: str) -> str:
        """Take the name of a type; return the namespace of what stands inside of it."""
        name = node.at("name")
        if not isinstance(name, Scalar) or self._is_bare(name):
            self._tell(FlawKind.MISSING, found.mark, f"the {found.kind} has no `name`")
            return space
        found.mark = name
        written = node.text_at("namespace")
        if "." in name.text:
            space = name.text.rpartition(".")[0]
        elif written is not None:
            space = written
        found.space, simple = space, name.text.rpartition(".")[2]
        found.name = f"{space}.{simple}" if space else simple
        self._check_name(name, f"the {found.kind}")
        found.aliases = tuple(
            one.text if "." in one.text or not space else f"{space}.{one.text}"
            for one in node.items_at("aliases")
            if isinstance(one, Scalar)
        )
        if simple in PRIMITIVES:
            self._tell(
                FlawKind.NAME, name, f"the {found.kind} is called {quoted(simple)}, as a type of Avro is"
            )
        elif found.name in self.named:
            self._tell(FlawKind.DUPLICATE, name, f"{quoted(found.name)} is defined a second time")
        else:
            self.named[found.name] = found
        return space

    def _check_name(self, name: Scalar, what: str) -> None:
        if not all(_NAME.match(part) for part in name.text.split(".")):
            self._tell(FlawKind.NAME, name, f"{what} is called {quoted(name.text)}, which is no name in Avro")

    def _fields(self, found: AvroSchema, node: Mapping, space: str, depth: int) -> list[AvroField]:
        held = node.at("fields")
        if not isinstance(held, Sequence):
            word = "no `fields`" if node.entry("fields") is None else "`fields` that are no list"
            self._tell(FlawKind.MISSING, found.mark, f"the record {quoted(found.simple)} has {word}")
            return []
        seen: set[str] = set()
        fields: list[AvroField] = []
        for item in held.items:
            field = self._field(found, resolve(item), space, depth)
            if field is None:
                continue
            if field.name in seen:
                what = f"the record {quoted(found.simple)} has the field {quoted(field.name)} twice"
                self._tell(FlawKind.DUPLICATE, field.mark, what)
            seen.add(field.name)
            fields.append(field)
        self.fields += fields
        return fields

    def _field(self, owner: AvroSchema, node: Node | None, space: str, depth: int) -> AvroField | None:
        if not isinstance(node, Mapping):
            if node is not None:
                self._tell(FlawKind.VALUE, node, f"a field of {quoted(owner.simple)} is no object")
            return None
        name, entry = node.at("name"), node.entry("type")
        if not isinstance(name, Scalar) or self._is_bare(name):
            self._tell(FlawKind.MISSING, _first(node), f"a field of {quoted(owner.simple)} has no `name`")
            return None
        if "." in name.text or not _NAME.match(name.text):
            what = (
                f"a field of {quoted(owner.simple)} is called {quoted(name.text)}, which is no name in Avro"
            )
            self._tell(FlawKind.NAME, name, what)
        if entry is None:
            what = f"the field {quoted(name.text)} of {quoted(owner.simple)} has no `type`"
            self._tell(FlawKind.MISSING, name, what)
        schema = self.read(entry.value, space, depth + 1) if entry is not None else AvroSchema("", node, name)
        aliases = tuple(one.text for one in node.items_at("aliases") if isinstance(one, Scalar))
        default = node.entry("default")
        return AvroField(
            name.text, aliases, schema, resolve(default.value) if default is not None else None, node, name
        )

    def _symbols(self, found: AvroSchema, node: Mapping) -> None:
        held = node.at("symbols")
        if not isinstance(held, Sequence):
            self._tell(
                FlawKind.MISSING, found.mark, f"the enum {quoted(found.simple)} has no list of `symbols`"
            )
            return
        owner = f"the enum {quoted(found.simple)}"
        symbols = [one for one in held.items if isinstance(one, Scalar)]
        seen: set[str] = set()
        for one in symbols:
            if not _NAME.match(one.text) or self._is_bare(one):
                what = f"{owner} has the symbol {quoted(one.text)}, which is no name in Avro"
                self._tell(FlawKind.NAME, one, what)
            elif one.text in seen:
                self._tell(FlawKind.DUPLICATE, one, f"{owner} has the symbol {quoted(one.text)} twice")
            seen.add(one.text)
        found.symbols = tuple(one.text for one in symbols)
        default = node.at("default")
        found.default = default.text if isinstance(default, Scalar) else ""
        if default is not None and found.default not in found.symbols:
            what = f"the default of {owner} is {quoted(found.default)}, which is none of its symbols"
            self._tell(FlawKind.DEFAULT, default, what)

    def _size(self, found: AvroSchema, node: Mapping) -> None:
        size = node.int_at("size")
        if size is None or size < 0:
            self._tell(
                FlawKind.MISSING, found.mark, f"the fixed type {quoted(found.simple)} has no `size` in bytes"
            )
        found.size = size or 0

    def _held(self, found: AvroSchema, node: Mapping, space: str, depth: int) -> None:
        key = "items" if found.kind == "array" else "values"
        entry = node.entry(key)
        if entry is None:
            self._tell(FlawKind.MISSING, found.mark, f"the {found.kind} has no {quoted(key)}")
            return
        found.inside = (self.read(entry.value, space, depth + 1),)


def _form(node: Mapping) -> str:
    """Return the logical type with its numbers, empty where there is none."""
    logical = node.text_at("logicalType") or ""
    if logical != "decimal":
        return logical
    return f"decimal({node.int_at('precision') or 0}, {node.int_at('scale') or 0})"


def _first(node: Mapping) -> Node:
    return node.entries[0].key if node.entries else node
