"""A correlation id is said to stand where the message has no such header or field.

## What it does
Follows the `location` of the `correlationId` of AsyncAPI messages, such as `$message.header#/correlationId`, and looks whether the headers
or the payload that the message describes have it. Messages that describe no headers, or whose schema stands elsewhere, are left alone, and so
are those over AMQP, JMS and MQTT 5, whose messages have a correlation id beside their headers.

## Why it matters
Generated code reads the id from that place and finds nothing: answers are not matched with their questions, and a flow cannot be followed
from one service to the next.

## Bad
```yaml title="events/asyncapi.yaml"
asyncapi: 3.0.0
info: {title: Payments, version: 2.1.0}
channels:
  requested:
    address: payments.requested
    messages:
      requested:
        name: requested
        correlationId:
          location: $message.header#/correlationId # <-
        headers:
          type: object
          properties:
            requestId: {type: string}
        payload:
          type: object
          properties:
            amount: {type: integer}
operations:
  take-payment:
    action: receive
    channel: {$ref: "#/channels/requested"}
```

## Good
```yaml title="events/asyncapi.yaml"
asyncapi: 3.0.0
info: {title: Payments, version: 2.1.0}
channels:
  requested:
    address: payments.requested
    messages:
      requested:
        name: requested
        correlationId:
          location: $message.header#/correlationId
        headers:
          type: object
          properties:
            requestId: {type: string}
            correlationId:
              type: string
              description: What the message belongs to
        payload:
          type: object
          properties:
            amount: {type: integer}
operations:
  take-payment:
    action: receive
    channel: {$ref: "#/channels/requested"}
```

## Fix
Describes the header. Unsafe: if the id is sent under another name, the location is what is wrong.

## References
- [AsyncAPI: Correlation ID Object](https://www.asyncapi.com/docs/reference/specification/latest#correlationIdObject)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import EventDocument
from rollsafe.artefacts.contracts.exchanges import Exchange, Exchanges, exchanges_of
from rollsafe.artefacts.contracts.references import steps_of
from rollsafe.artefacts.recognition.messages import correlates
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.rules import Confidence, Finding, Fix, Safety, Severity, rule
from rollsafe.rules.message_edits import with_header
from rollsafe.text import Located

_NATIVE = ("amqp", "jms", "ibmmq", "solace", "mqtt5", "mqtt")
_PARTS = {"$message.header": "headers", "$message.payload": "payload"}


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, confidence=Confidence.MEDIUM)
def check(document: EventDocument) -> Iterator[Finding]:
    """Yield a finding for each correlation id that is not where it is said to be."""
    exchanges = exchanges_of(document)
    for one in exchanges.all:
        for written in exchanges.said(one.node, "correlationId")[:1]:
            correlation = exchanges.resolved(written)
            location = correlation.at("location") if correlation is not None else None
            if isinstance(location, Scalar):
                yield from _missing(document, exchanges, one, location, _place(one, written, location))


def _place(one: Exchange, written: object, location: Scalar) -> Located:
    """Return the location where the message says it itself, else where it refers to it."""
    is_own = isinstance(written, Mapping) and written.at("location") is location
    return location if is_own else one.node.key_at("correlationId") or location


def _missing(
    document: EventDocument, exchanges: Exchanges, one: Exchange, location: Scalar, place: Located
) -> Iterator[Finding]:
    part, _, pointer = location.text.partition("#")
    kind, steps = _PARTS.get(part.strip(), ""), steps_of(pointer.strip())
    if not kind or len(steps) != 1:
        return
    names = exchanges.headers(one.node) if kind == "headers" else exchanges.fields(one.node)
    if names.is_open or not names.names or steps[0] in names.names:
        return
    if correlates(steps[0]) and any(
        protocol.startswith(_NATIVE) for channel in one.channels for protocol in channel.protocols
    ):
        return
    edit = (
        with_header(document, one.node, steps[0], "What the message belongs to")
        if kind == "headers"
        else None
    )
    yield Finding(
        place,
        f"`{one.name}` has its correlation id at `{steps[0]}`, which is none of its {_word(kind)}",
        fixes=(Fix(f"Describe the header `{steps[0]}`", Safety.UNSAFE, edits=(edit,)),)
        if edit is not None
        else (),
        detail=f"the {_word(kind)} described are {_listed(names.names)}",
    )


def _word(kind: str) -> str:
    return "headers" if kind == "headers" else "fields"


def _listed(names: frozenset[str]) -> str:
    shown = sorted(names)[:6]
    return ", ".join(f"`{name}`" for name in shown) + (" and others" if len(names) > len(shown) else "")
