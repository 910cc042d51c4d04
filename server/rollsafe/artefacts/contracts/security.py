"""What a document asks of its callers: security schemes and who wants which."""

from collections.abc import Iterator
from typing import NamedTuple

from rollsafe.artefacts.contracts.document import (
    ApiDocument,
    ContractDocument,
    EventDocument,
    entries_of,
    mappings_in,
)
from rollsafe.artefacts.contracts.events import operations_of
from rollsafe.artefacts.contracts.references import reference_in
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence, resolve


class Asked(NamedTuple):
    """A scheme that is asked for, by name, with the scopes."""

    entry: Entry
    scopes: list[Node]
    is_of_server: bool


def schemes_of(document: ContractDocument) -> Mapping | None:
    """Return the security schemes by name, an empty mapping where there are none.

    None where they are written elsewhere.
    """
    is_swagger = isinstance(document, ApiDocument) and document.is_swagger
    way = ("securityDefinitions",) if is_swagger else ("components", "securitySchemes")
    node: Node | None = document.root
    for name in way:
        if reference_in(node) is not None:
            return None
        node = node.at(name) if node is not None else None
    if reference_in(node) is not None:
        return None
    return node if isinstance(node, Mapping) else Mapping(0, 0)


def scopes_of(document: ContractDocument, scheme: Mapping) -> tuple[str, ...] | None:
    """Return the scopes of a scheme; None where a text cannot tell: other kinds, other places."""
    kind = scheme.text_at("type")
    is_api = isinstance(document, ApiDocument)
    if kind != "oauth2":
        is_closed = is_api and document.numbers < (3, 1) and kind in ("apiKey", "http", "basic")
        return () if is_closed else None
    if is_api and document.numbers[0] == 2:
        return _names(scheme.at("scopes"))
    return tuple(name for _, flow in mappings_in(scheme.at("flows")) for name in _names(flow.at("scopes")))


def _names(node: Node | None) -> tuple[str, ...]:
    if isinstance(node, Sequence):
        return tuple(one.text for one in node.items if isinstance(one, Scalar))
    return tuple(entry.name for entry in entries_of(node))


def asked_of(document: ContractDocument) -> Iterator[Asked]:
    """Yield what a document, its operations and its servers ask for by name."""
    if isinstance(document, EventDocument):
        if document.numbers[0] == 2:
            for _, server in mappings_in(document.root.at("servers")):
                yield from _in(server, is_of_server=True)
            for operation in operations_of(document):
                yield from _in(operation.node, is_of_server=False)
        return
    yield from _in(document.root, is_of_server=False)
    for one in document.operations if isinstance(document, ApiDocument) else ():
        yield from _in(one.node, is_of_server=False)


def _in(node: Mapping, *, is_of_server: bool) -> Iterator[Asked]:
    for requirement in node.items_at("security"):
        for entry in entries_of(requirement):
            scopes = resolve(entry.value)
            yield Asked(entry, scopes.items if isinstance(scopes, Sequence) else [], is_of_server)
