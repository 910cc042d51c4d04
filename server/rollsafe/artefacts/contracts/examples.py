"""Examples and defaults held against the schemas they stand beside."""

from collections.abc import Iterator
from typing import Final, NamedTuple, cast

from rollsafe.artefacts.contracts.document import ApiDocument, ContractDocument, EventDocument, mappings_in
from rollsafe.artefacts.contracts.flaws import Flaw, Options, Schema
from rollsafe.artefacts.contracts.places import places_of
from rollsafe.artefacts.contracts.references import Resolver, read_reference
from rollsafe.artefacts.contracts.validation import flaws_in
from rollsafe.artefacts.contracts.values import Value, whole
from rollsafe.formats.nodes import Mapping, Node, Scalar, resolve

_MOST: Final = 3_000
_LARGEST: Final = 10_000
"""Nodes of a schema that is read; a larger one allows anything."""
_MOST_NODES: Final = 300_000
"""Nodes of all schemas of a document that are read."""


class Sample(NamedTuple):
    """An example or a default, the schema it is to fit, and the way to it.

    `of` says where it stands: `schema`, `default` (of a schema), `media`, `message`.
    """

    node: Node
    schema: Node
    path: tuple[str, ...]
    of: str
    schema_path: str


class WrongSample(NamedTuple):
    """What is wrong with a sample."""

    sample: Sample
    flaw: Flaw


def wrong_samples(document: ContractDocument, resolver: Resolver) -> Iterator[WrongSample]:
    """Yield what does not fit in the examples and defaults of a document."""
    schemas = _Schemas(document, resolver)
    for count, sample in enumerate(_samples(document, resolver)):
        if count >= _MOST:
            return
        schema = schemas.read(sample.schema, sample.schema_path)
        for flaw in flaws_in(sample.node, schema, schemas.options(sample), sample.path):
            yield WrongSample(sample, flaw)


class _Schemas:
    """Schemas of documents as the validation reads them; references in them are told from the root."""

    def __init__(self, document: ContractDocument, resolver: Resolver) -> None:
        self._resolver = resolver
        self._left = _MOST_NODES
        self._known: dict[tuple[int, str], Schema] = {}
        major, minor = document.numbers
        is_api = isinstance(document, ApiDocument)
        self._is_alone = is_api and (major, minor) < (3, 1)
        self._null = "" if not is_api or not self._is_alone else "x-nullable" if major == 2 else "nullable"

    def options(self, sample: Sample) -> Options:
        """Return how schemas of the document are read; what is only sent or only answered may be left out."""
        is_media = sample.of == "media"
        optional = frozenset({"readOnly", "writeOnly"}) if is_media else frozenset[str]()
        return Options(self.find, None, self._null, self._is_alone, None, optional)

    def read(self, node: Node, path: str) -> Schema:
        """Return a schema in the file at `path`."""
        key = (id(node), path)
        found = self._known.get(key)
        if found is None:
            value, count = whole(node, min(_LARGEST, self._left))
            self._left -= abs(count)
            rooted = _rooted(value, path) if count >= 0 else True
            found = self._known[key] = rooted if isinstance(rooted, bool | dict) else True
        return found

    def find(self, text: str) -> "Schema | None":
        """Return the schema a reference leads to."""
        target = self._resolver.target(text, "")
        return self.read(target.node, target.path) if target is not None else None


def _rooted(value: Value, path: str) -> Value:
    """Return a schema whose references are told from the root of the project."""
    if isinstance(value, list):
        return [_rooted(one, path) for one in value]
    if not isinstance(value, dict):
        return value
    found = {
        name: one if name in ("example", "examples", "default", "enum") else _rooted(one, path)
        for name, one in value.items()
    }
    text = value.get("$ref")
    if isinstance(text, str):
        reference = read_reference(text, path)
        _, mark, pointer = text.partition("#")
        found["$ref"] = "urn:elsewhere" if reference.is_remote else f"{reference.path}{mark}{pointer}"
    required = found.get("required")
    if isinstance(required, bool):
        del found["required"]
    return found


def _samples(document: ContractDocument, resolver: Resolver) -> Iterator[Sample]:
    path = document.file.path
    for place in places_of(document).schemas:
        if document.language == "AsyncAPI" and not _is_read(place.path):
            continue
        for name in ("example", "x-example", "default"):
            node = place.node.value(name)
            if node is None:
                continue
            if name == "default" or isinstance(document, ApiDocument):
                of = "default" if name == "default" else "schema"
                yield Sample(node, place.node, (*place.path, name), of, path)
        for at, node in enumerate(place.node.items_at("examples")):
            yield Sample(node, place.node, (*place.path, "examples", str(at)), "schema", path)
    if isinstance(document, EventDocument):
        yield from _of_messages(document, resolver)
    else:
        yield from _of_media(document, resolver)


def _is_text_of_other_kind(path: tuple[str, ...], node: Node) -> bool:
    """Say whether an example is a text in a language that is no JSON: a form, XML."""
    kind = next((one for one in reversed(path) if "/" in one and not one.startswith("/")), "json")
    return isinstance(resolve(node), Scalar) and "json" not in kind


def _is_read(path: tuple[str, ...]) -> bool:
    """Say whether a schema of an AsyncAPI document is one by itself, and not a part of another."""
    return not {"properties", "items", "allOf", "oneOf", "anyOf"} & set(path[3:])


def _of_media(document: ContractDocument, resolver: Resolver) -> Iterator[Sample]:
    for place in places_of(document).holders:
        schema = resolver.value(place.node.value("schema"), document.file.path)
        if schema is None:
            continue
        example = place.node.value("example")
        if example is not None and not _is_text_of_other_kind(place.path, example):
            yield Sample(example, schema.node, (*place.path, "example"), "media", schema.path)
        is_old = isinstance(document, ApiDocument) and document.is_swagger
        for entry, one in mappings_in(place.node.value("examples")):
            where = (*place.path, "examples", entry.name)
            value = one if is_old else one.value("value")
            if value is None or one.value("$ref") is not None:
                continue
            if not _is_text_of_other_kind((*place.path, entry.name), value):
                yield Sample(value, schema.node, where if is_old else (*where, "value"), "media", schema.path)


def _of_messages(document: EventDocument, resolver: Resolver) -> Iterator[Sample]:
    for path, message in messages_of(document):
        if message.value("schemaFormat") is not None:
            continue
        for at, example in enumerate(message.items_at("examples")):
            for part in ("payload", "headers"):
                value = example.at(part)
                schema = resolver.value(message.value(part), document.file.path)
                if value is not None and schema is not None and schema.node.at("schemaFormat") is None:
                    where = (*path, "examples", str(at), part)
                    yield Sample(value, schema.node, where, "message", schema.path)


def messages_of(document: EventDocument) -> list[tuple[tuple[str, ...], Mapping]]:
    """Return the messages and traits of messages that are written in a document, with the way to each."""
    found = document.kept.get(messages_of)
    if found is None:
        reader = _Messages()
        reader.read(document.root)
        found = document.kept[messages_of] = reader.found
    return cast("list[tuple[tuple[str, ...], Mapping]]", found)


class _Messages:
    """Collects messages: of operations, of channels, among the components."""

    def __init__(self) -> None:
        self.found: list[tuple[tuple[str, ...], Mapping]] = []
        self._seen: set[int] = set()

    def read(self, root: Mapping) -> None:
        for above in ((), ("components",)):
            for entry, channel in mappings_in(root.at(*above, "channels")):
                way = (*above, "channels", entry.name)
                for word in ("publish", "subscribe"):
                    self._take((*way, word, "message"), channel.at(word, "message"))
                self._take_all((*way, "messages"), channel.at("messages"))
        for word in ("messages", "messageTraits"):
            self._take_all(("components", word), root.at("components", word))

    def _take_all(self, path: tuple[str, ...], node: Node | None) -> None:
        for entry, _ in mappings_in(node):
            self._take((*path, entry.name), node.at(entry.name) if node is not None else None)

    def _take(self, path: tuple[str, ...], node: Node | None) -> None:
        node = resolve(node)
        if not isinstance(node, Mapping) or id(node) in self._seen:
            return
        self._seen.add(id(node))
        for at, one in enumerate(node.items_at("oneOf")):
            self._take((*path, "oneOf", str(at)), one)
        if node.value("$ref") is None and node.value("oneOf") is None:
            self.found.append((path, node))
        for at, one in enumerate(node.items_at("traits")):
            self._take((*path, "traits", str(at)), one)
