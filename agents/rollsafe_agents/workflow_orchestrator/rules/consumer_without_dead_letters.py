"""No channel is there for messages that cannot be worked on.

## What it does
Looks at what applications of AsyncAPI documents receive over brokers. A queue of SQS that its binding describes without a `redrivePolicy`, while the
binding names no `deadLetterQueue`, is told to those who like hygiene. For other brokers the document as a whole is told, at the
level `auditor`, where no channel, binding or extension speaks of dead letters: none is called `…dlq`, `…dead-letter`, `…dlt`, `…failed` or
the like.

## Why it matters
A message that always fails is delivered for ever and blocks what is behind it, or is skipped and lost. With a place for such messages the
others go on, and somebody can look at it.

## Bad
```yaml title="events/asyncapi.yaml"
asyncapi: 3.0.0
info: {title: Payments, version: 2.1.0}
servers:
  queues: {host: "sqs.eu-central-1.amazonaws.com", protocol: sqs}
channels:
  payments:
    address: payments
    bindings:
      sqs:
        queue: # <-
          name: payments
          fifoQueue: false
    messages:
      requested:
        name: requested
        payload:
          type: object
          properties:
            paymentId: {type: string}
            schemaVersion: {type: integer}
operations:
  take-payment:
    action: receive
    channel: {$ref: "#/channels/payments"}
```

## Good
```yaml title="events/asyncapi.yaml"
asyncapi: 3.0.0
info: {title: Payments, version: 2.1.0}
servers:
  queues: {host: "sqs.eu-central-1.amazonaws.com", protocol: sqs}
channels:
  payments:
    address: payments
    bindings:
      sqs:
        queue:
          name: payments
          fifoQueue: false
          redrivePolicy:
            deadLetterQueue:
              name: payments-dead-letters
            maxReceiveCount: 5
    messages:
      requested:
        name: requested
        payload:
          type: object
          properties:
            paymentId: {type: string}
            schemaVersion: {type: integer}
operations:
  take-payment:
    action: receive
    channel: {$ref: "#/channels/payments"}
```

## Fix
Describes a dead-letter queue for SQS. Manual: the queue has to be made. None for other brokers, where the way such messages are set aside is a
choice of the consumer.

## References
- [AsyncAPI: SQS bindings](https://github.com/asyncapi/bindings/blob/master/sqs/README.md)
- [Dead letter channel](https://www.enterpriseintegrationpatterns.com/patterns/messaging/DeadLetterChannel.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import EventDocument
from rollsafe.artefacts.contracts.exchanges import Channel, Exchanges, exchanges_of
from rollsafe.artefacts.recognition.messages import is_for_dead_letters
from rollsafe.formats.nodes import Mapping, walk
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule

_SAID = ("deadletter", "dead-letter", "dead_letter", "dlq", "dlx")


@rule(
    severity=Severity.WARNING,
    since="0.1.0",
    fix=Safety.MANUAL,
    level=Level.PEDANTIC,
    confidence=Confidence.MEDIUM,
)
def check(document: EventDocument) -> Iterator[Finding]:
    """Yield a finding for each described queue without dead letters, else one for the document."""
    exchanges = exchanges_of(document)
    taken = {
        id(channel.node): channel
        for one in exchanges.all
        for channel in one.channels
        if "receive" in one.actions and channel.is_kept_by_broker
    }
    queues = [
        (channel, queue) for channel in taken.values() if (queue := _queue(exchanges, channel)) is not None
    ]
    for channel, queue in queues:
        yield from _of_queue(document, exchanges, channel, queue)
    others = [one for one in taken.values() if not any(one is channel for channel, _ in queues)]
    if others and not queues and not _speaks_of_dead_letters(document):
        yield Finding(
            others[0].key,
            f"No channel is there for messages of `{others[0].address}` that cannot be worked on",
            detail="a message that always fails blocks what is behind it, or is skipped and lost",
            level=Level.AUDITOR,
        )


def _queue(exchanges: Exchanges, channel: Channel) -> Mapping | None:
    binding = exchanges.binding(channel.node, "sqs")
    return exchanges.resolved(binding.at("queue")) if binding is not None else None


def _of_queue(
    document: EventDocument, exchanges: Exchanges, channel: Channel, queue: Mapping
) -> Iterator[Finding]:
    name = queue.text_at("name") or channel.address
    binding = exchanges.binding(channel.node, "sqs")
    if binding is None or binding.at("deadLetterQueue") is not None or is_for_dead_letters(name):
        return
    if queue.at("redrivePolicy") is not None or is_for_dead_letters(channel.address):
        return
    fixes: tuple[Fix, ...] = ()
    if queue.entries:
        policy = f"deadLetterQueue:\n  name: {name}-dead-letters\nmaxReceiveCount: 5"
        edit = add_entry(document.file.text, queue, "redrivePolicy", policy)
        fixes = (Fix(f"Describe a queue `{name}-dead-letters`", Safety.MANUAL, edits=(edit,)),)
    yield Finding(
        binding.key_at("queue") or channel.key,
        f"Messages of the queue `{name}` that fail come back until they are too old",
        fixes=fixes,
        detail="a message that always fails is worked on again and again, and is deleted unseen in the end",
    )


def _speaks_of_dead_letters(document: EventDocument) -> bool:
    """Say whether a channel is for what failed, or anything in the document is named so."""
    for entry, node in document.channels:
        if is_for_dead_letters(entry.name) or is_for_dead_letters(node.text_at("address") or ""):
            return True
    return any(
        word in entry.name.lower()
        for node in walk(document.root)
        if isinstance(node, Mapping)
        for entry in node.entries
        for word in _SAID
    )
