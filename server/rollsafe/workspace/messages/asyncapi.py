"""Messages of AsyncAPI documents, versions 2 and 3."""

from collections.abc import Callable, Iterator
from typing import Final, Literal

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node
from rollsafe.text.records import field, state
from rollsafe.workspace.messages.fields import Document, fields_of
from rollsafe.workspace.messages.model import Language, Message, MessageField, Use
from rollsafe.workspace.system.facts import place_of

ReadFields = Callable[[SourceFile, str], tuple[MessageField, ...] | None]
"""Reads the fields behind a reference into another file; None where they are not there."""

_Action = Literal["sends", "takes"]
_MOST: Final = 500
_SECOND: Final[tuple[tuple[str, _Action], ...]] = (("publish", "takes"), ("subscribe", "sends"))
_IDENTITIES: Final = (
    "messageid",
    "message-id",
    "eventid",
    "event-id",
    "idempotency-key",
    "idempotencykey",
    "ce-id",
)


@state
class _Found:
    """A message while what is said about it is collected; one definition may be used in several places."""

    node: Mapping
    names: list[str]
    channels: list[str] = field(default_factory=list[str])
    uses: list[Use] = field(default_factory=list[Use])


def messages_in(document: Document, elsewhere: ReadFields) -> Iterator[Message]:
    """Yield the messages of a document, those no channel uses last."""
    reader = _Reader(document)
    if (document.root.text_at("asyncapi") or "").startswith("3"):
        reader.third()
    else:
        reader.second()
    reader.components()
    for found in list(reader.found.values())[:_MOST]:
        yield _message(document, found, elsewhere)


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._title = document.root.text_at("info", "title") or ""
        self.found: dict[int, _Found] = {}

    def second(self) -> None:
        """Read version 2: what clients `publish` the application takes, what they `subscribe` to it sends."""
        for address, node in _pairs(self._document.root.at("channels")):
            channel = self._document.resolved(node)
            for word, action in _SECOND:
                operation = channel.at(word) if channel is not None else None
                if isinstance(operation, Mapping):
                    one = operation.at("message")
                    several = one.items_at("oneOf") if isinstance(one, Mapping) else []
                    for message in several or ([one] if one is not None else []):
                        self._take(message, address, action, operation)

    def third(self) -> None:
        """Read version 3: operations of this application on channels that hold messages."""
        root = self._document.root
        for _, operation in _pairs(root.at("operations")):
            action = operation.text_at("action") if isinstance(operation, Mapping) else None
            channel = self._document.resolved(operation.at("channel"))
            if channel is None or action not in ("send", "receive"):
                continue
            address = channel.text_at("address") or self._document.name_of(operation.at("channel"))
            chosen = operation.items_at("messages") or [node for _, node in _pairs(channel.at("messages"))]
            for message in chosen:
                self._take(message, address, "sends" if action == "send" else "takes", operation)
        for name, node in _pairs(root.at("channels")):
            channel = self._document.resolved(node)
            for key, message in _pairs(channel.at("messages") if channel is not None else None):
                self._take(
                    message, (channel.text_at("address") if channel else None) or name, None, node, key
                )

    def components(self) -> None:
        """Read what is defined and perhaps not used."""
        for name, node in _pairs(self._document.root.at("components", "messages")):
            self._known(node, name)

    def _take(
        self, node: Node | None, channel: str, action: _Action | None, where: Node, name: str = ""
    ) -> None:
        found = self._known(node, name or self._document.name_of(node))
        if found is None:
            return
        if channel not in found.channels:
            found.channels.append(channel)
        if action is not None:
            use = Use(self._title, action, channel, place_of(self._document.file, where))
            found.uses += [] if use in found.uses else [use]

    def _known(self, node: Node | None, name: str) -> _Found | None:
        message = self._document.resolved(node)
        if message is None:
            return None
        found = self.found.setdefault(id(message), _Found(message, []))
        told = (message.text_at("name"), name, message.text_at("title"), message.text_at("messageId"))
        found.names += [one for one in told if one and one not in found.names]
        return found


def _message(document: Document, found: _Found, elsewhere: ReadFields) -> Message:
    node = found.node
    payload = node.at("payload")
    if (
        isinstance(payload, Mapping)
        and payload.at("schemaFormat") is not None
        and payload.at("schema") is not None
    ):
        payload = payload.at("schema")
    reference = document.outside(payload)
    fields = elsewhere(document.file, reference) if reference is not None else fields_of(document, payload)
    called = document.resolved(payload)
    names = list(found.names) or ([called.text_at("title") or ""] if called is not None else [""])
    return Message(
        name=names[0],
        aliases=tuple(names[1:]),
        version=document.root.text_at("info", "version") or "",
        language=Language.ASYNCAPI,
        place=place_of(document.file, node),
        fields=fields,
        channels=tuple(found.channels),
        uses=tuple(found.uses),
        key=_key(document, node),
        identity=_identity(document, node),
    )


def _key(document: Document, node: Mapping) -> str:
    for protocol, binding in _pairs(node.at("bindings")):
        key = document.resolved(binding.at("key"))
        if key is not None:
            words = key.text_at("title") or key.text_at("description") or key.text_at("type") or ""
            return f"{protocol} key{f': {words[:60]}' if words else ''}"
    return ""


def _identity(document: Document, node: Mapping) -> str:
    headers = document.resolved(node.at("headers"))
    for name, _ in _pairs(headers.at("properties") if headers is not None else None):
        if name.lower().replace("_", "-") in _IDENTITIES:
            return f"header `{name}`"
    correlation = document.resolved(node.at("correlationId"))
    location = correlation.text_at("location") if correlation is not None else None
    return f"correlation `{location[:60]}`" if location else ""


def _pairs(node: Node | None) -> list[tuple[str, Node]]:
    return list(node.pairs())[:_MOST] if isinstance(node, Mapping) else []
