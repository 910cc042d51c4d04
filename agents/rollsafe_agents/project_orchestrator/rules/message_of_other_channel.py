"""An operation names a message its channel does not have.

## What it does
Looks at the operations of AsyncAPI 3: each of their `messages` has to lead to a message of the channel the operation is
on, as `#/channels/orders/messages/created`.

## Why it matters
The specification has it so: tools refuse the document, or take the message for one that never comes on the channel.

## Bad
```yaml title="events/asyncapi.yaml"
asyncapi: 3.0.0
info:
  title: Orders
  version: 1.0.0
channels:
  orders:
    address: orders
    messages:
      created:
        $ref: "#/components/messages/created"
operations:
  onOrder:
    action: receive
    channel:
      $ref: "#/channels/orders"
    messages:
      - $ref: "#/components/messages/created"  # <-
components:
  messages:
    created:
      payload:
        type: object
```

## Good
```yaml title="events/asyncapi.yaml"
asyncapi: 3.0.0
info:
  title: Orders
  version: 1.0.0
channels:
  orders:
    address: orders
    messages:
      created:
        $ref: "#/components/messages/created"
operations:
  onOrder:
    action: receive
    channel:
      $ref: "#/channels/orders"
    messages:
      - $ref: "#/channels/orders/messages/created"
components:
  messages:
    created:
      payload:
        type: object
```

## Fix
Writes the way over the channel, where that has the message. Safe: both lead to the same.

## References
- [AsyncAPI 3: Operation Object](https://www.asyncapi.com/docs/reference/specification/v3.0.0#operationObject)

## Equivalent rules
- `asyncapi-parser:asyncapi3-operation-messages-from-referred-channel`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import EventDocument, Resolver, reference_in
from rollsafe.artefacts.contracts.events import all_operations
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(document: EventDocument) -> Iterator[Finding]:
    """Yield a finding for each message of an operation that is none of its channel."""
    if document.numbers[0] != 3:
        return
    for operation in all_operations(document):
        channel = reference_in(operation.node.at("channel"))
        if channel is None:
            continue
        for item in operation.node.items_at("messages"):
            message = reference_in(item)
            if message is not None and not message.text.startswith(f"{channel.text}/messages"):
                yield Finding(
                    message,
                    f"Operation `{operation.path[-1]}` names `{message.text[:80]}`, no message of its channel",
                    fixes=_fixes(document, channel.text, message),
                )


def _fixes(document: EventDocument, channel: str, message: Scalar) -> tuple[Fix, ...]:
    """Return the fix that goes over the channel, if that leads to the same message."""
    way = f"{channel}/messages/{message.text.rpartition('/')[2]}"
    follow = Resolver({document.file.path: document.root}.get)
    here, there = (follow.target(one, document.file.path) for one in (message.text, way))
    if here is None or there is None or here.node is not there.node or message.block:
        return ()
    return (Fix(f"Write `{way}`", Safety.SAFE, edits=(Edit(Span.of(message), f'"{way}"'),)),)
