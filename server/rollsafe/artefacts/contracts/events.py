"""Operations and messages of AsyncAPI documents."""

from collections.abc import Iterator
from typing import NamedTuple

from rollsafe.artefacts.contracts.document import EventDocument, mappings_in
from rollsafe.artefacts.contracts.references import Resolver
from rollsafe.formats.nodes import Mapping, resolve


class EventOperation(NamedTuple):
    """An operation of version 2: what `action` a client takes on a channel, and the way to it."""

    path: tuple[str, ...]
    action: str
    node: Mapping


def operations_of(document: EventDocument) -> Iterator[EventOperation]:
    """Yield the operations of a document of version 2, references to channels followed."""
    follow = Resolver({document.file.path: document.root}.get)
    for entry, written in document.channels:
        found = follow.value(written, document.file.path)
        channel = found.node if found is not None else written
        for action in ("subscribe", "publish"):
            node = channel.at(action)
            if isinstance(node, Mapping):
                yield EventOperation(("channels", entry.name, action), action, node)


def used_messages(document: EventDocument) -> Iterator[tuple[Mapping, str]]:
    """Yield the messages of the operations of version 2, each where it is written, with the action."""
    follow = Resolver({document.file.path: document.root}.get)
    for operation in operations_of(document):
        found = follow.value(operation.node.at("message"), document.file.path)
        message = found.node if found is not None else None
        if not isinstance(message, Mapping):
            continue
        for one in message.items_at("oneOf") or [message]:
            target = follow.value(one, document.file.path)
            if target is not None and isinstance(target.node, Mapping):
                yield target.node, operation.action


def all_operations(document: EventDocument) -> Iterator[EventOperation]:
    """Yield the operations of version 2 and 3 as they are written, those of components too."""
    for above in ((), ("components",)):
        for entry, node in mappings_in(document.root.at(*above, "operations")):
            yield EventOperation((*above, "operations", entry.name), node.text_at("action") or "", node)
        for entry, channel in mappings_in(document.root.at(*above, "channels")):
            for action in ("subscribe", "publish"):
                node_ = resolve(channel.value(action))
                if isinstance(node_, Mapping):
                    yield EventOperation((*above, "channels", entry.name, action), action, node_)
