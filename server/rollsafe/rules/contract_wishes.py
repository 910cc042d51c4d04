"""What people like to find in the parts of a contract, and which peers ask for it."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from rollsafe.artefacts.contracts import ApiDocument, ContractDocument, EventDocument
from rollsafe.artefacts.contracts.events import all_operations
from rollsafe.artefacts.contracts.examples import messages_of
from rollsafe.formats.nodes import Mapping, Node


class Wish(NamedTuple):
    """A key and the rules of peers that ask for it."""

    key: str
    peers: tuple[str, ...]


class Part(NamedTuple):
    """A part of a document, what it is called in a message, and what it may lack."""

    path: tuple[str, ...]
    node: Mapping
    name: str
    wishes: tuple[Wish, ...]


def _wish(key: str, *peers: str) -> Wish:
    return Wish(key, peers)


_LICENCE: Final = _wish("url", "spectral:license-url")
_CONTACT: Final = tuple(_wish(key, "spectral:contact-properties") for key in ("name", "url", "email"))
_INFO: Final = (
    _wish("contact", "spectral:info-contact"),
    _wish("description", "spectral:info-description"),
    _wish("license", "spectral:info-license"),
)
_OPERATION: Final = (
    _wish("description", "spectral:operation-description"),
    _wish("operationId", "spectral:operation-operationId"),
    _wish("tags", "spectral:operation-tags"),
)
_SWAGGER: Final = (
    _wish("host", "spectral:oas2-api-host"),
    _wish("schemes", "spectral:oas2-api-schemes"),
    _wish("tags", "spectral:openapi-tags"),
)
_OPENAPI: Final = (
    _wish("servers", "spectral:oas3-api-servers"),
    _wish("tags", "spectral:openapi-tags"),
)


def wishes_of(document: ContractDocument) -> Iterator[Part]:
    """Yield the parts of a document with what they may lack."""
    if isinstance(document, ApiDocument):
        yield from _of_api(document)
    elif isinstance(document, EventDocument):
        yield from _of_events(document)


def _of_api(document: ApiDocument) -> Iterator[Part]:
    root = document.root
    yield Part((), root, "The document", _SWAGGER if document.is_swagger else _OPENAPI)
    info = root.at("info")
    yield from _part(("info",), info, "`info`", _INFO)
    yield from _part(
        ("info", "contact"), info.at("contact") if info is not None else None, "`contact`", _CONTACT
    )
    licence = info.at("license") if info is not None else None
    yield from _part(("info", "license"), licence, "`license`", (_LICENCE,))
    tag = (_wish("description", "spectral:tag-description"),)
    for at, node in enumerate(root.items_at("tags")):
        yield from _part(("tags", str(at)), node, f"Tag `{node.text_at('name') or ''}`", tag)
    for operation in document.operations:
        path = ("paths", operation.path.name, operation.method)
        yield Part(path, operation.node, f"`{operation.label}`", _OPERATION)


def _of_events(document: EventDocument) -> Iterator[Part]:
    root, is_new = document.root, document.numbers[0] == 3
    both = ("spectral:asyncapi-servers", *(() if is_new else ("asyncapi-parser:asyncapi-servers",)))
    own = (
        _wish("defaultContentType", "asyncapi-parser:asyncapi-defaultContentType"),
        _wish("id", "asyncapi-parser:asyncapi-id"),
        _wish("tags", "spectral:asyncapi-tags", "asyncapi-parser:asyncapi2-tags"),
    )
    yield Part((), root, "The document", (Wish("servers", both), *(() if is_new else own)))
    info = root.at("info")
    yield from _part(("info",), info, "`info`", _event_info(is_new))
    contact = tuple(Wish(key, _both("info-contact-properties", is_new)) for key in ("name", "url", "email"))
    licence = (_wish("url", "spectral:asyncapi-info-license-url"),)
    if info is not None:
        yield from _part(("info", "contact"), info.at("contact"), "`contact`", contact)
        yield from _part(("info", "license"), info.at("license"), "`license`", licence)
    yield from _tags(document, is_new)
    yield from _operations(document, is_new)


def _both(name: str, is_new: bool) -> tuple[str, ...]:
    own = (f"spectral:asyncapi-{name}",)
    return own if is_new else (*own, f"asyncapi-parser:asyncapi-{name}")


def _event_info(is_new: bool) -> tuple[Wish, ...]:
    keys = ("contact", "description", "license")
    wishes = tuple(Wish(key, _both(f"info-{key}", is_new)) for key in keys)
    return (*wishes, _wish("tags", "spectral:asyncapi-3-tags")) if is_new else wishes


def _tags(document: EventDocument, is_new: bool) -> Iterator[Part]:
    above = ("info",) if is_new else ()
    tag = (_wish("description", f"spectral:asyncapi-{'3-' if is_new else ''}tag-description"),)
    for at, node in enumerate(document.root.items_at(*above, "tags")):
        yield from _part((*above, "tags", str(at)), node, f"Tag `{node.text_at('name') or ''}`", tag)


def _operations(document: EventDocument, is_new: bool) -> Iterator[Part]:
    old = (
        _wish("description", "spectral:asyncapi-operation-description"),
        _wish(
            "operationId",
            "spectral:asyncapi-operation-operationId",
            "asyncapi-parser:asyncapi2-operation-operationId",
        ),
    )
    new = (_wish("description", "spectral:asyncapi-3-operation-description"),)
    for operation in all_operations(document):
        name_ = f"Operation `{operation.path[-1]}`"
        yield Part(operation.path, operation.node, name_, new if is_new else old)
    message = (_wish("messageId", "asyncapi-parser:asyncapi2-message-messageId"),)
    if (2, 4) <= document.numbers < (3, 0):
        for way, one in messages_of(document):
            if "traits" not in way and "messageTraits" not in way:
                yield Part(way, one, "The message", message)


def _part(path: tuple[str, ...], node: Node | None, name: str, wishes: tuple[Wish, ...]) -> Iterator[Part]:
    if isinstance(node, Mapping) and node.value("$ref") is None:
        yield Part(path, node, name, wishes)
