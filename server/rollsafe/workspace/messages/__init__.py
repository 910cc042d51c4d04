"""Descriptions of messages and events: AsyncAPI, OpenAPI, JSON Schema, Avro and proto files."""

from rollsafe.workspace.messages.collection import messages_of
from rollsafe.workspace.messages.matching import Match, named, same_name, sent_on
from rollsafe.workspace.messages.model import Language, Message, MessageField, Use

__all__ = [
    "Language",
    "Match",
    "Message",
    "MessageField",
    "Use",
    "messages_of",
    "named",
    "same_name",
    "sent_on",
]
