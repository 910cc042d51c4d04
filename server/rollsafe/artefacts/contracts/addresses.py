"""Names in braces: parameters of paths and channels, variables of servers."""

from collections.abc import Iterator
from typing import NamedTuple

from rollsafe.artefacts.contracts.document import (
    ApiDocument,
    ContractDocument,
    EventDocument,
    entries_of,
    mappings_in,
)
from rollsafe.artefacts.contracts.references import Resolver, reference_in
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, resolve
from rollsafe.text.patterns import lazily

_NAME = lazily(r"\{([^{}]+)\}")
_STYLED = lazily(r"^[;?]+|\*$")


class Declared(NamedTuple):
    """A parameter of a path: the node that declares it here, and what it says (elsewhere, perhaps)."""

    name: str
    where: Node
    node: Mapping
    is_here: bool


class Server(NamedTuple):
    """A server: the key or the item it is, and the way to it."""

    path: tuple[str, ...]
    node: Mapping


def names_in(address: str) -> list[str]:
    """Return the names in braces, in order, repeated ones too."""
    return [_STYLED.sub("", one) for one in _NAME.findall(address)]


def parameters_of(node: Mapping, path: str, resolver: Resolver) -> list[Declared] | None:
    """Return the path parameters of a path item or an operation; None where one cannot be followed."""
    found: list[Declared] = []
    for item in node.items_at("parameters"):
        target = resolver.value(item, path)
        if target is None:
            return None
        name = target.node.text_at("name")
        if isinstance(target.node, Mapping) and target.node.text_at("in") == "path" and name is not None:
            found.append(Declared(name, item, target.node, target.node is item))
    return found


def servers_of(document: ContractDocument) -> Iterator[Server]:
    """Yield the servers of a document: its own, those of paths, operations and links, and components."""
    root = document.root
    if isinstance(document, EventDocument):
        for above in (("servers",), ("components", "servers")):
            for entry, node in mappings_in(root.at(*above)):
                yield Server((*above, entry.name), node)
        return
    if not isinstance(document, ApiDocument) or document.is_swagger:
        return
    yield from _listed(root, ())
    for path, item in document.paths:
        yield from _listed(item, ("paths", path.name))
    for operation in document.operations:
        yield from _listed(operation.node, ("paths", operation.path.name, operation.method))


def _listed(node: Mapping, path: tuple[str, ...]) -> Iterator[Server]:
    for at, item in enumerate(node.items_at("servers")):
        if isinstance(item, Mapping) and reference_in(item) is None:
            yield Server((*path, "servers", str(at)), item)


def channels_of(document: EventDocument) -> Iterator[tuple[tuple[str, ...], str, Mapping]]:
    """Yield the channels of a document with the way to each and its address."""
    for above in (("channels",), ("components", "channels")):
        for entry, node in mappings_in(document.root.at(*above)):
            if reference_in(node) is None:
                name = entry.name if document.numbers[0] == 2 else ""
                yield (*above, entry.name), node.text_at("address") or name, node


def entry_at(node: Mapping, key: str) -> Entry | None:
    """Return an entry by name, own or merged."""
    if node.is_simple:
        return node.entry(key)
    return next((one for one in entries_of(node) if one.name == key), None)


def text_node(node: Mapping, key: str) -> Scalar | None:
    """Return the text of a key as a node."""
    entry = entry_at(node, key)
    value = resolve(entry.value) if entry is not None else None
    return value if isinstance(value, Scalar) and not value.is_null else None
