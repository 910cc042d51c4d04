"""What a file says about a message: its names, its fields, who sends and takes it, over which channel."""

from enum import StrEnum
from typing import Literal

from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.system.facts import Place


class Language(StrEnum):
    """In which words a message is described."""

    ASYNCAPI = "AsyncAPI"
    OPENAPI = "OpenAPI"
    JSON_SCHEMA = "JSON Schema"
    AVRO = "Avro"
    PROTO = "Protocol Buffers"


class MessageField(NamedTuple):
    """One field; `type` is empty where the file does not say it, `required` None likewise."""

    name: str
    type: str
    required: bool | None
    format: str
    place: Place


class Use(NamedTuple):
    """An application that sends or takes a message, as its description says; empty without a name."""

    application: str
    action: Literal["sends", "takes"]
    channel: str
    place: Place


class Message(NamedTuple):
    """A message as one file describes it. `name` is what people call it, `aliases` other names it goes by.

    `channels` are addresses it goes over, `key` what orders it there, `identity` what tells two of them
    apart: both in words, empty where the file does not say. `fields` is None where it gives no schema.
    """

    name: str
    aliases: tuple[str, ...]
    version: str
    language: Language
    place: Place
    fields: tuple[MessageField, ...] | None
    channels: tuple[str, ...] = ()
    uses: tuple[Use, ...] = ()
    key: str = ""
    identity: str = ""
