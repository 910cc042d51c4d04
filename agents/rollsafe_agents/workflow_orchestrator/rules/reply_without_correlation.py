"""Answers come over a shared channel, and nothing says which question they belong to.

## What it does
Looks for operations of AsyncAPI 3 documents with a `reply` on a channel of its own over a broker, where the messages that ask have
no `correlationId` and no header or field that correlates: `correlation-id`, `traceparent`, `request_id` and so on. Replies to an address that
the question names are told all the same, since such a channel serves many questions; those over WebSockets or HTTP are left alone.

## Why it matters
Answers of a broker come in any order, late, or twice. A client that takes the next one for its own hands one customer's answer to another.

## Bad
```yaml title="events/asyncapi.yaml"
asyncapi: 3.0.0
info: {title: Prices, version: 1.3.0}
servers:
  broker: {host: "broker.example.com:5672", protocol: amqp}
channels:
  asked:
    address: prices.asked
    messages:
      asked:
        name: asked # <-
        payload:
          type: object
          properties:
            articleId: {type: string}
  told:
    address: prices.told
    messages:
      told:
        name: told
        payload:
          type: object
          properties:
            articleId: {type: string}
            cents: {type: integer}
operations:
  tell-price:
    action: receive
    channel: {$ref: "#/channels/asked"}
    reply:
      channel: {$ref: "#/channels/told"}
```

## Good
```yaml title="events/asyncapi.yaml"
asyncapi: 3.0.0
info: {title: Prices, version: 1.3.0}
servers:
  broker: {host: "broker.example.com:5672", protocol: amqp}
channels:
  asked:
    address: prices.asked
    messages:
      asked:
        name: asked
        payload:
          type: object
          properties:
            articleId: {type: string}
        headers:
          type: object
          properties:
            correlationId:
              type: string
              description: Comes back in the answer
        correlationId:
          location: "$message.header#/correlationId"
  told:
    address: prices.told
    messages:
      told:
        name: told
        payload:
          type: object
          properties:
            articleId: {type: string}
            cents: {type: integer}
operations:
  tell-price:
    action: receive
    channel: {$ref: "#/channels/asked"}
    reply:
      channel: {$ref: "#/channels/told"}
```

## Fix
Describes a header `correlationId` and says that it is the correlation id. Manual: whoever asks has to send it, and whoever answers to send it
back.

## References
- [AsyncAPI: Correlation ID Object](https://www.asyncapi.com/docs/reference/specification/latest#correlationIdObject)
- [Correlation identifier](https://www.enterpriseintegrationpatterns.com/patterns/messaging/CorrelationIdentifier.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import EventDocument
from rollsafe.artefacts.contracts.exchanges import Exchange, Exchanges, exchanges_of
from rollsafe.artefacts.recognition.messages import correlates
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml_edit import add_entry, stacked
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.message_edits import place_of, with_header


@rule(
    severity=Severity.WARNING,
    since="0.1.0",
    fix=Safety.MANUAL,
    level=Level.PEDANTIC,
    confidence=Confidence.MEDIUM,
)
def check(document: EventDocument) -> Iterator[Finding]:
    """Yield a finding for each question whose answers cannot be told from others."""
    exchanges = exchanges_of(document)
    for one in exchanges.all:
        if not all(channel.is_kept_by_broker for channel in one.channels):
            continue
        if not any(_is_answered(exchanges, operation) for operation in one.operations):
            continue
        if _is_correlated(exchanges, one.node):
            continue
        yield Finding(
            place_of(one),
            f"Nothing in `{one.name}` says which answer belongs to it",
            fixes=_fixes(document, one),
            detail="answers come in any order, and a client takes the next one for its own",
        )


def _is_answered(exchanges: Exchanges, operation: Mapping) -> bool:
    reply = exchanges.resolved(operation.at("reply"))
    return reply is not None and exchanges.resolved(reply.at("channel")) is not None


def _is_correlated(exchanges: Exchanges, message: Mapping) -> bool:
    if exchanges.said(message, "correlationId"):
        return True
    headers, fields = exchanges.headers(message), exchanges.fields(message)
    if headers.is_open or fields.is_open:
        return True
    return any(correlates(name) for name in headers.names | fields.names)


def _fixes(document: EventDocument, one: Exchange) -> tuple[Fix, ...]:
    header = with_header(document, one.node, "correlationId", "Comes back in the answer")
    if header is None:
        return ()
    location = add_entry(
        document.file.text, one.node, "correlationId", 'location: "$message.header#/correlationId"'
    )
    return (Fix("Describe a correlation id", Safety.MANUAL, edits=stacked((header, location))),)
