"""Nothing in a message tells its second delivery from another message.

## What it does
Looks for messages of AsyncAPI documents that go over brokers which deliver again what was not acknowledged (Kafka, AMQP, SQS, SNS, JMS,
Pulsar, Pub/Sub and the like) and have no header or field that identifies them: no `message-id`, `idempotency-key`, `ce-id`, `event_id` and
so on, no correlation id, and no field whose name ends in `id`. CloudEvents have one by definition. Messages whose schema stands elsewhere
or is no JSON Schema are left alone.

## Why it matters
Such a broker delivers at least once: after a restart or a timeout, a message comes again. A consumer that cannot tell whether it has seen it
books a payment twice.

## Bad
```yaml title="events/asyncapi.yaml"
asyncapi: 3.0.0
info: {title: Payments, version: 2.1.0}
servers:
  broker: {host: "broker.example.com:9092", protocol: kafka}
channels:
  requested:
    address: payments.requested
    messages:
      requested: {$ref: "#/components/messages/requested"}
operations:
  take-payment:
    action: receive
    channel: {$ref: "#/channels/requested"}
components:
  messages:
    requested:
      name: requested # <-
      payload:
        type: object
        properties:
          amount: {type: integer}
          currency: {type: string}
```

## Good
```yaml title="events/asyncapi.yaml"
asyncapi: 3.0.0
info: {title: Payments, version: 2.1.0}
servers:
  broker: {host: "broker.example.com:9092", protocol: kafka}
channels:
  requested:
    address: payments.requested
    messages:
      requested: {$ref: "#/components/messages/requested"}
operations:
  take-payment:
    action: receive
    channel: {$ref: "#/channels/requested"}
components:
  messages:
    requested:
      name: requested
      payload:
        type: object
        properties:
          amount: {type: integer}
          currency: {type: string}
      headers:
        type: object
        properties:
          message-id:
            type: string
            description: The same for every delivery of one message
```

## Fix
Describes a header `message-id`. Manual: producers have to send it, and consumers to remember which ones they have seen.

## References
- [AsyncAPI: Message Object](https://www.asyncapi.com/docs/reference/specification/latest#messageObject)
- [Idempotent receiver](https://www.enterpriseintegrationpatterns.com/patterns/messaging/IdempotentReceiver.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import EventDocument
from rollsafe.artefacts.contracts.exchanges import Exchange, Exchanges, exchanges_of
from rollsafe.artefacts.recognition.messages import correlates, identifies
from rollsafe.formats.nodes import Mapping
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
    """Yield a finding for each message that looks like any other of its kind."""
    exchanges = exchanges_of(document)
    for one in exchanges.all:
        if not all(channel.is_kept_by_broker for channel in one.channels) or _is_known(exchanges, one.node):
            continue
        yield Finding(
            place_of(one),
            f"Nothing in `{one.name}` tells a second delivery of it from another message",
            fixes=_fixes(document, one),
            detail="the broker delivers again what was not acknowledged in time, and the consumer does it twice",
        )


def _is_known(exchanges: Exchanges, message: Mapping) -> bool:
    """Say whether something identifies a message, or that cannot be seen."""
    if exchanges.said(message, "correlationId") or exchanges.has_unknown_bindings(message):
        return True
    if any("cloudevents" in (node.text_at() or "") for node in exchanges.said(message, "contentType")):
        return True
    headers, fields = exchanges.headers(message), exchanges.fields(message)
    if headers.is_open or fields.is_open or not fields.names:
        return True
    names = headers.names | fields.names
    return any(identifies(name) or correlates(name) or _ends_in_id(name) for name in names)


def _ends_in_id(name: str) -> bool:
    """Say whether a field is about one thing, so that two messages about it can be told from each other."""
    return name.endswith(
        ("Id", "ID", "_id", "-id", "Uuid", "_uuid", "UUID", "Number", "_number", "_key", "Key")
    )


def _fixes(document: EventDocument, one: Exchange) -> tuple[Fix, ...]:
    edit = with_header(document, one.node, "message-id", "The same for every delivery of one message")
    return (Fix("Describe a header `message-id`", Safety.MANUAL, edits=(edit,)),) if edit is not None else ()
