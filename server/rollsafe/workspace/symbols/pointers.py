"""What `$ref` and its like lead to: JSON pointers in YAML and JSON, in the same file and in others."""

from collections.abc import Callable
from typing import Final

from rollsafe.artefacts.contracts.references import Resolver, read_reference, steps_of
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence, resolve, walk
from rollsafe.formats.yaml import read_yaml
from rollsafe.text import Span
from rollsafe.workspace.symbols.model import (
    FILE,
    POINTER,
    Mention,
    Mentions,
    Symbol,
    entries,
    inner,
    inside,
    items,
    scalar,
    texts,
    value,
)

_OPERATION, _TAG, _SCHEMA = "operation", "tag", "schema"
_ANCHORS: Final = ("$anchor", "$dynamicAnchor")
_SCHEMES: Final = {
    "openapi": ("components", "securitySchemes"),
    "swagger": ("securityDefinitions",),
    "asyncapi": ("components", "securitySchemes"),
}
"""Where documents declare what a security requirement names."""


def mentions(file: SourceFile) -> tuple[Mention, ...]:
    """Return the references of a file, and what a description of an interface names without `$ref`."""
    into = Mentions(file)
    root = root_of(file)
    for node in walk(root) if root is not None else ():
        if isinstance(node, Mapping):
            _of_mapping(into, node)
    if isinstance(root, Mapping):
        _of_document(into, root)
    return tuple(into.found)


def root_of(file: SourceFile) -> Node | None:
    """Return the value of a file."""
    documents = read_yaml(file.text).documents
    return documents[0] if documents else None


def pointer(path: str, steps: tuple[str, ...]) -> Symbol:
    """Return what a way in a file leads to."""
    written = "/".join(one.replace("~", "~0").replace("/", "~1") for one in steps)
    return Symbol(path, POINTER, f"/{written}") if steps else Symbol(path, FILE)


def _of_mapping(into: Mentions, node: Mapping) -> None:
    for key in ("$ref", "operationRef"):
        _refer(into, value(node, key))
    for one in entries(inner(node, "discriminator", "mapping")):
        target = scalar(one.value)
        if target is not None and any(sign in target.text for sign in "#/."):
            _refer(into, target)
    id_ = scalar(value(node, "$id"))
    named = _by_id(id_.text) if id_ is not None else None
    if id_ is not None and named is not None:
        into.define_as(id_, named)
    for key in _ANCHORS:
        anchor = scalar(value(node, key))
        if anchor is not None:
            into.define_as(anchor, pointer(into.file.path, (anchor.text,)))


def _refer(into: Mentions, node: Node | None) -> None:
    written = scalar(node)
    reference = read_reference(written.text, into.file.path) if written is not None else None
    if written is None or reference is None:
        return
    if not reference.is_remote:
        into.refer(written, pointer(reference.path, reference.steps))
    elif (named := _by_id(written.text)) is not None:
        into.refer(written, named)


def _by_id(text: str) -> Symbol | None:
    """Return the schema that calls itself by a URL, wherever its file lies; nothing is fetched."""
    url = text.partition("#")[0]
    return Symbol(f"@{url}", _SCHEMA) if "://" in url and not url.endswith("/") else None


def _of_document(into: Mentions, root: Mapping) -> None:
    """Note names that stand without `$ref`: schemes of security, servers of channels, tags, operations."""
    schemes = next((_SCHEMES[key] for key in _SCHEMES if value(root, key) is not None), None)
    if schemes is None:
        return
    for one in items(value(root, "tags")):
        tag = scalar(value(one, "name"))
        if tag is not None:
            into.define(tag, _TAG, tag.text)
    language = scalar(value(root, "asyncapi"))
    # AsyncAPI 3 writes schemes or refers to them.
    is_named = language is None or language.text.startswith("2")
    links: set[int] = set()
    for node in walk(root):
        if isinstance(node, Mapping):
            links.update(one.value.start for one in entries(value(node, "links")))
            _operation(into, node, is_link=node.start in links)
            if is_named:
                _requirements(into, value(node, "security"), schemes)
    for channel in entries(value(root, "channels")):
        for one in texts(value(channel.value, "servers")):
            into.refer(one, pointer(into.file.path, ("servers", one.text)))


def _operation(into: Mentions, node: Mapping, *, is_link: bool) -> None:
    for tag in texts(value(node, "tags")) if value(node, "responses") is not None else ():
        into.refer(tag, into.own(_TAG, tag.text))
    operation = scalar(value(node, "operationId"))
    if operation is not None:
        symbol = into.own(_OPERATION, operation.text)
        (into.refer if is_link else into.define_as)(operation, symbol)


def _requirements(into: Mentions, node: Node | None, schemes: tuple[str, ...]) -> None:
    """Note the schemes that are named."""
    for requirement in items(node):
        for entry in entries(requirement):
            if isinstance(entry.value, Sequence):
                into.refer(entry.key, pointer(into.file.path, (*schemes, entry.name)))


# Where a pointer leads


def place_of(symbol: Symbol, file_at: Callable[[str], SourceFile | None]) -> tuple[str, Span] | None:
    """Return the file and the place of the key or the item that a pointer leads to."""

    def root_at(path: str) -> Node | None:
        file = file_at(path)
        return root_of(file) if file is not None else None

    *above, last = steps_of(symbol.name)
    root = root_at(symbol.home)
    if root is None:
        return None
    if not above and not _has(root, last):
        found = _anchored(root, last)
        return None if found is None else (symbol.home, found)
    prefix = "/" + "/".join(one.replace("~", "~0").replace("/", "~1") for one in above)
    resolver = Resolver(root_at)
    around = resolver.target(f"#{prefix if above else ''}", symbol.home)
    place = _child(resolve(around.node), last) if around is not None else None
    return (around.path, place) if around is not None and place is not None else None


def _has(node: Node, name: str) -> bool:
    return isinstance(node, Mapping) and node.entry(name) is not None


def _child(node: Node | None, name: str) -> Span | None:
    if isinstance(node, Mapping):
        entry = node.entry(name)
        return inside(entry.key) if entry is not None else None
    if isinstance(node, Sequence) and name.isdecimal() and len(name) < 9 and int(name) < len(node.items):
        return inside(node.items[int(name)])
    return None


def _anchored(root: Node, name: str) -> Span | None:
    """Return the `$anchor` of a name, or the `$id` that ends in it."""
    for node in walk(root):
        for key in (*_ANCHORS, "$id"):
            found = scalar(value(node, key))
            if found is not None and found.text == (f"#{name}" if key == "$id" else name):
                return inside(found)
    return None


def pointer_at(file: SourceFile, offset: int) -> Symbol | None:
    """Return what leads to the key at an offset."""
    node, steps = root_of(file), list[str]()
    while node is not None:
        found = _step_to(node, offset)
        if found is None:
            return None
        name, entry, node = found
        steps.append(name)
        if entry is not None and entry.key.start <= offset <= entry.key.end:
            return pointer(file.path, tuple(steps))
    return None


def _step_to(node: Node, offset: int) -> tuple[str, Entry | None, Node] | None:
    if isinstance(node, Mapping):
        for entry in node.entries:
            if entry.start <= offset <= max(entry.end, entry.key.end) and isinstance(entry.key, Scalar):
                return entry.name, entry, entry.value
    for index, item in enumerate(items(node)):
        if item.start <= offset <= item.end:
            return str(index), None, item
    return None
