"""Messages about one thing go over several partitions, and nothing keeps them in order.

## What it does
Looks at channels of AsyncAPI documents whose Kafka binding says that the topic has several `partitions`, or that it is compacted
(`cleanup.policy`), and at the messages on them: a message needs a `key` in its own Kafka binding. A compacted topic without keys is told to
everybody, the order to those who like hygiene. Channels with a field or header that readers can sort by, such as `sequence`, are left alone.

## Why it matters
Kafka keeps the order within a partition only, and spreads messages without a key over all of them: `cancelled` is read before `placed`. A
compacted topic refuses messages without a key.

## Bad
```yaml title="events/asyncapi.yaml"
asyncapi: 3.0.0
info: {title: Customers, version: 1.3.0}
servers:
  broker: {host: "broker.example.com:9092", protocol: kafka}
channels:
  customers:
    address: shop.customers
    bindings:
      kafka:
        partitions: 12
        topicConfiguration:
          cleanup.policy: [compact]
    messages:
      changed:
        name: changed # <-
        payload:
          type: object
          properties:
            customerId: {type: string}
            name: {type: string}
operations:
  tell-of-customers:
    action: send
    channel: {$ref: "#/channels/customers"}
```

## Good
```yaml title="events/asyncapi.yaml"
asyncapi: 3.0.0
info: {title: Customers, version: 1.3.0}
servers:
  broker: {host: "broker.example.com:9092", protocol: kafka}
channels:
  customers:
    address: shop.customers
    bindings:
      kafka:
        partitions: 12
        topicConfiguration:
          cleanup.policy: [compact]
    messages:
      changed:
        name: changed
        payload:
          type: object
          properties:
            customerId: {type: string}
            name: {type: string}
        bindings:
          kafka:
            key:
              type: string
operations:
  tell-of-customers:
    action: send
    channel: {$ref: "#/channels/customers"}
```

## Fix
Describes a key that is a text. Manual: which field it is taken from is for the author to say, and producers have to send it.

## References
- [AsyncAPI: Kafka bindings](https://github.com/asyncapi/bindings/blob/master/kafka/README.md)
- [Kafka: log compaction](https://kafka.apache.org/documentation/#compaction)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import EventDocument
from rollsafe.artefacts.contracts.exchanges import Channel, Exchange, Exchanges, exchanges_of
from rollsafe.artefacts.recognition.messages import orders
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.message_edits import place_of


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.MANUAL, confidence=Confidence.MEDIUM)
def check(document: EventDocument) -> Iterator[Finding]:
    """Yield a finding for each message without a key on a channel that needs one."""
    exchanges = exchanges_of(document)
    for one in exchanges.all:
        binding = exchanges.binding(one.node, "kafka")
        if (binding is not None and binding.at("key") is not None) or exchanges.has_unknown_bindings(
            one.node
        ):
            continue
        compacted = next((it for it in one.channels if _is_compacted(exchanges, it)), None)
        spread = next((it for it in one.channels if _partitions(exchanges, it) > 1), None)
        if compacted is not None:
            message = f"`{one.name}` has no key, and the topic `{compacted.address}` is compacted"
            yield Finding(
                place_of(one),
                message,
                fixes=_fixes(document, one),
                detail="a compacted topic refuses messages without a key",
            )
        elif spread is not None and not _can_be_sorted(exchanges, one.node):
            count = _partitions(exchanges, spread)
            yield Finding(
                place_of(one),
                f"`{one.name}` has no key, and the topic `{spread.address}` has {count} partitions",
                fixes=_fixes(document, one),
                detail="messages without a key are spread over all partitions and read in any order",
                level=Level.PEDANTIC,
            )


def _partitions(exchanges: Exchanges, channel: Channel) -> int:
    binding = exchanges.binding(channel.node, "kafka")
    return binding.int_at("partitions") or 0 if binding is not None else 0


def _is_compacted(exchanges: Exchanges, channel: Channel) -> bool:
    binding = exchanges.binding(channel.node, "kafka")
    policy = binding.at("topicConfiguration", "cleanup.policy") if binding is not None else None
    if isinstance(policy, Scalar):
        return "compact" in policy.text
    listed = binding.items_at("topicConfiguration", "cleanup.policy") if binding is not None else []
    return any(isinstance(one, Scalar) and one.text == "compact" for one in listed)


def _can_be_sorted(exchanges: Exchanges, message: Mapping) -> bool:
    headers, fields = exchanges.headers(message), exchanges.fields(message)
    return any(orders(name) for name in headers.names | fields.names)


def _fixes(document: EventDocument, one: Exchange) -> tuple[Fix, ...]:
    bindings = one.node.at("bindings")
    if bindings is not None or not one.node.entries:
        return ()
    edit = add_entry(document.file.text, one.node, "bindings", "kafka:\n  key:\n    type: string")
    return (Fix("Describe a key", Safety.MANUAL, edits=(edit,)),)
