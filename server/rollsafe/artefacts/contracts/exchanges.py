"""What goes over the channels of AsyncAPI documents: messages with what is said of them anywhere."""

from typing import Final, cast

from rollsafe.artefacts.contracts.document import EventDocument, entries_of, mappings_in
from rollsafe.artefacts.contracts.references import Resolver, reference_in
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text import Located
from rollsafe.text.records import entity, field
from rollsafe.text.tuples import NamedTuple

_MOST: Final = 500
_DEEPEST: Final = 6
_MOST_NODES: Final = 50_000
"""Schemas that are read of all messages together; what is behind them is not known."""
_BROKERS: Final = (
    *("kafka", "amqp", "sqs", "sns", "jms", "ibmmq", "googlepubsub", "pulsar", "solace", "anypointmq"),
    "stomp",
)
"""Protocols whose brokers keep a message until somebody has taken it, and deliver it again otherwise."""
_WRAPPERS: Final = frozenset({"metadata", "meta", "header", "headers", "envelope", "context", "event"})
_PLAIN: Final = ("application/vnd.aai.asyncapi", "application/schema", "application/vnd.oai.openapi")


class Names(NamedTuple):
    """The names of a message's headers or fields. `is_open` tells that there may be others nobody sees."""

    names: frozenset[str]
    is_open: bool
    is_described: bool


class Channel(NamedTuple):
    """A channel: its key, its address, its node, and the protocols of its servers, empty for unknown ones."""

    key: Located
    address: str
    node: Mapping
    protocols: frozenset[str]

    @property
    def is_kept_by_broker(self) -> bool:
        """Whether all of its servers are brokers that deliver what was not taken again."""
        return bool(self.protocols) and all(one.startswith(_BROKERS) for one in self.protocols)


@entity
class Exchange:
    """A message that is written in the document, and what it goes over; `actions` are `send`, `receive`."""

    name: str
    key: Located
    node: Mapping
    channels: list[Channel] = field(default_factory=list[Channel])
    actions: set[str] = field(default_factory=set[str])
    operations: list[Mapping] = field(default_factory=list[Mapping])


class Exchanges:
    """Reads the messages of a document; references into other files stay unknown."""

    def __init__(self, document: EventDocument) -> None:
        self._document = document
        self._path = document.file.path
        self._resolver = Resolver({self._path: document.root}.get)
        self._found: dict[int, Exchange] = {}
        self._names_by_message: dict[tuple[int, str], Names] = {}
        self._left = _MOST_NODES
        self.channels: list[Channel] = []
        if document.numbers[0] == 3:
            self._third()
        else:
            self._second()

    @property
    def all(self) -> list[Exchange]:
        """The messages that operations send or take, in source order."""
        return sorted(self._found.values(), key=lambda one: one.node.start)[:_MOST]

    def resolved(self, node: Node | None) -> Mapping | None:
        """Return a mapping, or the one in this document it refers to; None for anything else."""
        found = self._resolver.value(node, self._path)
        return found.node if found is not None and isinstance(found.node, Mapping) else None

    def said(self, message: Mapping, key: str) -> list[Node]:
        """Return what a message and its traits say under a key, its own first."""
        traits = (self.resolved(one) for one in message.items_at("traits"))
        holders = [message, *(one for one in traits if one is not None)]
        return [found for one in holders if (found := one.at(key)) is not None]

    def has_unknown_traits(self, message: Mapping) -> bool:
        """Say whether a message has traits that stand elsewhere."""
        return any(self.resolved(one) is None for one in message.items_at("traits"))

    def headers(self, message: Mapping) -> Names:
        """Return the names of a message's headers, those of its traits too."""
        known = self._names_by_message.get((id(message), "headers"))
        if known is None:
            known = self._names(self.said(message, "headers"), self.has_unknown_traits(message))
            self._names_by_message[id(message), "headers"] = known
        return known

    def fields(self, message: Mapping) -> Names:
        """Return the names of a payload's fields, and those of the metadata in it."""
        known = self._names_by_message.get((id(message), "payload"))
        if known is None:
            known = self._names_by_message[id(message), "payload"] = self._fields(message)
        return known

    def _fields(self, message: Mapping) -> Names:
        payloads = self.said(message, "payload")
        told = [one.text for one in self.said(message, "schemaFormat") if isinstance(one, Scalar)]
        for at, payload in enumerate(payloads):
            shaped = payload.text_at("schemaFormat")
            shape = payload.at("schema")
            if shaped is not None and shape is not None:
                told.append(shaped)
                payloads[at] = shape
        is_foreign = any(not one.startswith(_PLAIN) for one in told)
        return self._names(payloads, is_foreign)

    def binding(self, node: Mapping, protocol: str) -> Mapping | None:
        """Return what a message or a channel says of a protocol, its traits included."""
        for one in self.said(node, "bindings"):
            bindings = self.resolved(one)
            found = self.resolved(bindings.at(protocol)) if bindings is not None else None
            if found is not None:
                return found
        return None

    def has_unknown_bindings(self, node: Mapping) -> bool:
        """Say whether bindings stand in another file."""
        return any(self.resolved(one) is None for one in self.said(node, "bindings"))

    def _names(self, schemas: list[Node], is_open: bool) -> Names:
        found: set[str] = set()
        for schema in schemas:
            is_open = self._collect(schema, found, set(), 0) or is_open
        return Names(frozenset(found), is_open, bool(schemas))

    def _collect(self, schema: Node | None, found: set[str], seen: set[int], depth: int) -> bool:
        """Add the names of a schema's fields; say whether some of it cannot be seen."""
        node = self.resolved(schema)
        self._left -= 1
        if node is None or depth > _DEEPEST or self._left < 0:
            return True
        if id(node) in seen:
            return False
        seen.add(id(node))
        is_open = False
        for entry in entries_of(node.at("properties")):
            found.add(entry.name)
            if entry.name.lower() in _WRAPPERS:
                is_open = self._collect(entry.value, found, seen, depth + 1) or is_open
        found.update(one.text for one in node.items_at("required") if isinstance(one, Scalar))
        for word in ("allOf", "oneOf", "anyOf"):
            for one in node.items_at(word):
                is_open = self._collect(one, found, seen, depth + 1) or is_open
        return is_open or node.at("patternProperties") is not None

    # Where messages are -----------------------------------------------------------------------------

    def _second(self) -> None:
        for entry, written in self._document.channels:
            node = self.resolved(written)
            if node is None:
                continue
            channel = Channel(entry.key, entry.name, node, self._protocols(node))
            self.channels.append(channel)
            for word, action in (("publish", "receive"), ("subscribe", "send")):
                operation = self.resolved(node.at(word))
                message = operation.at("message") if operation is not None else None
                if operation is None or message is None:
                    continue
                several = message.items_at("oneOf") if reference_in(message) is None else []
                for one in several or [message]:
                    self._take(one, operation.key_at("message") or entry.key, channel, action, operation)

    def _third(self) -> None:
        known: dict[int, Channel] = {}
        for entry, written in self._document.channels:
            node = self.resolved(written)
            if node is not None:
                address = node.text_at("address") or entry.name
                known[id(node)] = Channel(entry.key, address, node, self._protocols(node))
        self.channels += known.values()
        for _, written in mappings_in(self._document.root.at("operations")):
            operation = self.resolved(written)
            node = self.resolved(operation.at("channel")) if operation is not None else None
            channel = known.get(id(node)) if node is not None else None
            if operation is None or channel is None:
                continue
            chosen = operation.items_at("messages")
            listed = chosen or [value for _, value in mappings_in(channel.node.at("messages"))]
            for one in listed:
                self._take(one, channel.key, channel, operation.text_at("action") or "", operation)

    def _protocols(self, channel: Mapping) -> frozenset[str]:
        root = self._document.root
        servers = dict((entry.name, node) for entry, node in mappings_in(root.at("servers")))
        listed = channel.items_at("servers")
        chosen: list[Mapping | None] = list(servers.values())
        if listed:
            chosen = [
                servers.get(one.text) if isinstance(one, Scalar) else self.resolved(one) for one in listed
            ]
        told = [self.resolved(one) for one in chosen]
        names = [one.text_at("protocol") if one is not None else None for one in told]
        return frozenset(one for one in names if one) if all(names) else frozenset()

    def _take(self, written: Node, place: Located, channel: Channel, action: str, operation: Mapping) -> None:
        node = self.resolved(written)
        if node is None:
            return
        reference = reference_in(written)
        fallback = reference.text.rpartition("/")[2] if reference is not None else channel.address
        name = node.text_at("name") or fallback
        key = node.entries[0].key if node.entries else place
        found = self._found.setdefault(id(node), Exchange(name, key, node))
        if channel not in found.channels:
            found.channels.append(channel)
        found.actions.add(action)
        found.operations.append(operation)


def exchanges_of(document: EventDocument) -> Exchanges:
    """Return what goes over the channels of a document, read once."""
    found = document.kept.get(exchanges_of)
    if found is None:
        found = document.kept[exchanges_of] = Exchanges(document)
    return cast("Exchanges", found)
