"""Messages as schemas by themselves: JSON Schema, Avro, OpenAPI webhooks and components, proto."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence
from rollsafe.text import Span
from rollsafe.workspace.messages.fields import Document, fields_of
from rollsafe.workspace.messages.model import Language, Message, MessageField, Use
from rollsafe.workspace.system.facts import Place, place_of

_MOST: Final = 500
_VERSION = re.compile(r"(?:^|[/._-])v(?P<version>\d+(?:[._]\d+)*)(?=$|[/._-])", re.I)
_SUFFIX = re.compile(r"(?:[._-]schema)?\.(?:json|ya?ml|avsc)$|[._-]v\d+(?=[._-]|$)", re.I)


def stem_of(path: str) -> str:
    """Return what a file of a schema is called after: its name without ending and version."""
    name = path.rpartition("/")[2]
    while (shorter := _SUFFIX.sub("", name)) != name:
        name = shorter
    return name


def _version_in(*texts: str) -> str:
    return next((match["version"] for text in texts if (match := _VERSION.search(text)) is not None), "")


# JSON Schema -------------------------------------------------------------------------------------


def json_schema_in(document: Document) -> Iterator[Message]:
    """Yield the object a JSON Schema is about."""
    root, file = document.root, document.file
    id_ = root.text_at("$id") or ""
    stem = stem_of(file.path)
    names = [one for one in (root.text_at("title"), stem, stem_of(id_) if id_ else "") if one]
    fields = fields_of(document, root)
    if fields is not None:
        version = root.text_at("version") or _version_in(file.path.rpartition("/")[2], id_, file.path)
        place = place_of(file, root)
        names = list(dict.fromkeys(names))
        yield Message(names[0], tuple(names[1:]), version, Language.JSON_SCHEMA, place, fields)


# OpenAPI -----------------------------------------------------------------------------------------


def openapi_in(document: Document) -> Iterator[Message]:
    """Yield what an OpenAPI document says is sent: its webhooks, and the objects it defines."""
    root, file = document.root, document.file
    version = root.text_at("info", "version") or ""
    title = root.text_at("info", "title") or ""
    for name, node in _pairs(root.at("webhooks")):
        item = document.resolved(node)
        content = document.resolved(item.at("post", "requestBody")) if item is not None else None
        bodies = _pairs(content.at("content") if content is not None else None)
        schema = bodies[0][1].at("schema") if bodies else None
        place = _place(file, root.at("webhooks"), name, node)
        use = Use(title, "sends", "webhook", place)
        aliases = tuple(one for one in (document.name_of(schema),) if one and one != name)
        yield Message(
            name, aliases, version, Language.OPENAPI, place, fields_of(document, schema), ("webhook",), (use,)
        )
    defined = root.at("components", "schemas") or root.at("definitions")
    for name, node in _pairs(defined):
        fields = fields_of(document, node)
        if fields is not None:
            yield Message(name, (), version, Language.OPENAPI, _place(file, defined, name, node), fields)


def _place(file: SourceFile, around: Node | None, name: str, node: Node) -> Place:
    """Return where a name is given to something."""
    return place_of(file, (around.key_at(name) if around is not None else None) or node)


# Avro --------------------------------------------------------------------------------------------


def avro_in(document: Document) -> Iterator[Message]:
    """Yield the record of an Avro schema."""
    root, file = document.root, document.file
    name = root.text_at("name")
    if root.text_at("type") != "record" or name is None:
        return
    space = root.text_at("namespace") or ""
    listed = root.items_at("fields")[:_MOST]
    fields = tuple(_avro_field(file, one) for one in listed if isinstance(one, Mapping))
    aliases = [f"{space}.{name}"] if space else []
    aliases += [one.text for one in root.items_at("aliases") if isinstance(one, Scalar)]
    version = root.text_at("version") or _version_in(space, file.path)
    yield Message(name, tuple(aliases), version, Language.AVRO, place_of(file, root), fields)


def _avro_field(file: SourceFile, node: Mapping) -> MessageField:
    kind = node.at("type")
    kinds = [_avro_type(one) for one in (kind.items if isinstance(kind, Sequence) else [kind])]
    named = [one for one in kinds if one and one != "null"]
    logical = kind.text_at("logicalType") if isinstance(kind, Mapping) else None
    # A reader fills in a default for what is not there; without one the field has to be.
    required = node.at("default") is None
    place = place_of(file, node.at("name") or node)
    return MessageField(node.text_at("name") or "", " or ".join(named[:4]), required, logical or "", place)


def _avro_type(node: Node | None) -> str:
    if isinstance(node, Scalar):
        return node.text
    if not isinstance(node, Mapping):
        return ""
    kind = node.text_at("type") or _avro_type(node.at("type"))
    if kind == "array":
        return f"array of {_avro_type(node.at('items')) or 'unknown'}"
    if kind == "map":
        return f"map of {_avro_type(node.at('values')) or 'unknown'}"
    return node.text_at("name") or kind


# Protocol Buffers --------------------------------------------------------------------------------

_ASIDE = re.compile(r"""//[^\n]*|/\*|"[^"\n]{0,500}"|'[^'\n]{0,500}'""")
_PACKAGE = re.compile(r"^[ \t]*package[ \t]+([\w.]+)[ \t]*;", re.M)
_HEAD = re.compile(r"\bmessage[ \t\n]+(\w+)[ \t\n]*\{")
_LINE = re.compile(
    r"(?<![\w.])(?:(?P<label>optional|required|repeated)\s{1,40})?"
    r"(?P<type>map\s{0,9}<\s{0,9}[\w.]{1,200}\s{0,9},\s{0,9}[\w.]{1,200}\s{0,9}>|[\w.]{1,200})\s{1,40}"
    r"(?P<name>\w{1,200})\s{0,40}=\s{0,40}\d"
)
_NOT_A_FIELD: Final = frozenset(
    {"option", "reserved", "extensions", "syntax", "package", "import", "returns"}
)


def proto_in(file: SourceFile) -> Iterator[Message]:
    """Yield the messages of a proto file, nested ones included."""
    text = _without_asides(file.text)
    package = found[1] if (found := _PACKAGE.search(text)) is not None else ""
    heads = list(_HEAD.finditer(text))[:_MOST]
    ends = [_closing(text, head.end()) for head in heads]
    for head, end in zip(heads, ends, strict=True):
        inner = [
            (h.start(), e) for h, e in zip(heads, ends, strict=True) if head.end() <= h.start() and e <= end
        ]
        fields = tuple(_proto_fields(file, text, head.end(), end, inner))
        aliases = (f"{package}.{head[1]}",) if package else ()
        place = place_of(file, Span(head.start(), head.end()))
        yield Message(head[1], aliases, _version_in(package), Language.PROTO, place, fields)


def _without_asides(text: str) -> str:
    """Return a text whose comments and quotations are blanks: offsets stay those of the file."""
    parts: list[str] = []
    at = 0
    while (match := _ASIDE.search(text, at)) is not None:
        end = match.end()
        if match[0] == "/*":
            closing = text.find("*/", end)
            end = closing + 2 if closing >= 0 else len(text)
        parts += (text[at : match.start()], re.sub(r"[^\n]", " ", text[match.start() : end]))
        at = end
    return "".join((*parts, text[at:]))


def _closing(text: str, at: int) -> int:
    depth = 1
    for match in re.finditer(r"[{}]", text[at:]):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return at + match.start()
    return len(text)


def _proto_fields(
    file: SourceFile, text: str, start: int, end: int, inner: list[tuple[int, int]]
) -> Iterator[MessageField]:
    for match in _LINE.finditer(text, start, end):
        if match["type"] in _NOT_A_FIELD or any(a <= match.start() < b for a, b in inner):
            continue
        kind = " ".join(match["type"].split())
        label = match["label"]
        shown = f"repeated {kind}" if label == "repeated" else kind
        place = place_of(file, Span(match.start("name"), match.end("name")))
        # In proto3 every field may be left out, and its reader sees a zero.
        yield MessageField(match["name"], shown, label == "required", "", place)


def _pairs(node: Node | None) -> list[tuple[str, Node]]:
    return list(node.pairs())[:_MOST] if isinstance(node, Mapping) else []
