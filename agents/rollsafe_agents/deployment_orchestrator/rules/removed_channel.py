"""A channel, message, operation or server of events is gone.

## What it does
Compares an AsyncAPI document with the revision that is asked for (`--base`, in editors where the branch left main)
and reports channels, their messages, operations and servers that are gone. A new major version of the document, or
`x-internal: true` on the channel, makes it a remark.

## Why it matters
Those who read from it hear nothing any more and raise no error; those who write to it fail or fill a queue nobody
empties. Consumers and producers have to be deployed first, and events on their way are lost.

## Bad
```yaml title="api/asyncapi.yaml" at="base"
asyncapi: 3.0.0
info:
  title: Orders
  version: 1.4.0
  description: What happens to orders
  contact: {name: Shop, url: "https://shop.example.com", email: shop@example.com}
  license: {name: MIT, url: "https://opensource.org/license/mit"}
  tags: [{name: orders, description: What customers bought}]
defaultContentType: application/json
servers:
  broker: {host: "broker.example.com:9092", protocol: kafka, description: The broker of the shop}
channels:
  paid:
    address: shop.paid
    description: Orders that are paid
    servers: [{$ref: "#/servers/broker"}]
    messages:
      paid: {$ref: "#/components/messages/paid"}
  sent:
    address: shop.sent
    description: Orders that are sent
    servers: [{$ref: "#/servers/broker"}]
    messages:
      sent: {$ref: "#/components/messages/sent"}
operations:
  send-paid:
    action: send
    summary: Tell that an order is paid
    description: Tells that an order is paid
    channel: {$ref: "#/channels/paid"}
    messages: [{$ref: "#/channels/paid/messages/paid"}]
components:
  messages:
    paid:
      name: paid
      title: An order is paid
      summary: An order is paid
      description: An order is paid
      contentType: application/json
      payload: {$ref: "#/components/schemas/order"}
    sent:
      name: sent
      title: An order is sent
      summary: An order is sent
      description: An order is sent
      contentType: application/json
      payload: {$ref: "#/components/schemas/order"}
  schemas:
    order:
      type: object
      description: An order
      properties:
        id: {type: string, description: Its number}
```
```yaml title="api/asyncapi.yaml"
asyncapi: 3.0.0
info:
  title: Orders
  version: 1.4.0
  description: What happens to orders
  contact: {name: Shop, url: "https://shop.example.com", email: shop@example.com}
  license: {name: MIT, url: "https://opensource.org/license/mit"}
  tags: [{name: orders, description: What customers bought}]
defaultContentType: application/json
servers:
  broker: {host: "broker.example.com:9092", protocol: kafka, description: The broker of the shop}
channels: # <-
  paid:
    address: shop.paid
    description: Orders that are paid
    servers: [{$ref: "#/servers/broker"}]
    messages:
      paid: {$ref: "#/components/messages/paid"}
operations:
  send-paid:
    action: send
    summary: Tell that an order is paid
    description: Tells that an order is paid
    channel: {$ref: "#/channels/paid"}
    messages: [{$ref: "#/channels/paid/messages/paid"}]
components:
  messages:
    paid:
      name: paid
      title: An order is paid
      summary: An order is paid
      description: An order is paid
      contentType: application/json
      payload: {$ref: "#/components/schemas/order"}
    sent:
      name: sent
      title: An order is sent
      summary: An order is sent
      description: An order is sent
      contentType: application/json
      payload: {$ref: "#/components/schemas/order"}
  schemas:
    order:
      type: object
      description: An order
      properties:
        id: {type: string, description: Its number}
```

## Good
```yaml title="api/asyncapi.yaml" at="base"
asyncapi: 3.0.0
info:
  title: Orders
  version: 1.4.0
  description: What happens to orders
  contact: {name: Shop, url: "https://shop.example.com", email: shop@example.com}
  license: {name: MIT, url: "https://opensource.org/license/mit"}
  tags: [{name: orders, description: What customers bought}]
defaultContentType: application/json
servers:
  broker: {host: "broker.example.com:9092", protocol: kafka, description: The broker of the shop}
channels:
  paid:
    address: shop.paid
    description: Orders that are paid
    servers: [{$ref: "#/servers/broker"}]
    messages:
      paid: {$ref: "#/components/messages/paid"}
  sent:
    address: shop.sent
    description: Orders that are sent
    servers: [{$ref: "#/servers/broker"}]
    messages:
      sent: {$ref: "#/components/messages/sent"}
operations:
  send-paid:
    action: send
    summary: Tell that an order is paid
    description: Tells that an order is paid
    channel: {$ref: "#/channels/paid"}
    messages: [{$ref: "#/channels/paid/messages/paid"}]
components:
  messages:
    paid:
      name: paid
      title: An order is paid
      summary: An order is paid
      description: An order is paid
      contentType: application/json
      payload: {$ref: "#/components/schemas/order"}
    sent:
      name: sent
      title: An order is sent
      summary: An order is sent
      description: An order is sent
      contentType: application/json
      payload: {$ref: "#/components/schemas/order"}
  schemas:
    order:
      type: object
      description: An order
      properties:
        id: {type: string, description: Its number}
```
```yaml title="api/asyncapi.yaml"
asyncapi: 3.0.0
info:
  title: Orders
  version: 1.4.0
  description: What happens to orders
  contact: {name: Shop, url: "https://shop.example.com", email: shop@example.com}
  license: {name: MIT, url: "https://opensource.org/license/mit"}
  tags: [{name: orders, description: What customers bought}]
defaultContentType: application/json
servers:
  broker: {host: "broker.example.com:9092", protocol: kafka, description: The broker of the shop}
channels:
  paid:
    address: shop.paid
    description: Orders that are paid
    servers: [{$ref: "#/servers/broker"}]
    messages:
      paid: {$ref: "#/components/messages/paid"}
  sent:
    address: shop.sent
    description: Orders that are sent
    servers: [{$ref: "#/servers/broker"}]
    messages:
      sent: {$ref: "#/components/messages/sent"}
operations:
  send-paid:
    action: send
    summary: Tell that an order is paid
    description: Tells that an order is paid
    channel: {$ref: "#/channels/paid"}
    messages: [{$ref: "#/channels/paid/messages/paid"}]
components:
  messages:
    paid:
      name: paid
      title: An order is paid
      summary: An order is paid
      description: An order is paid
      contentType: application/json
      payload: {$ref: "#/components/schemas/order"}
    sent:
      name: sent
      title: An order is sent
      summary: An order is sent
      description: An order is sent
      contentType: application/json
      payload: {$ref: "#/components/schemas/order"}
  schemas:
    order:
      type: object
      description: An order
      properties:
        id: {type: string, description: Its number}
```

## Fix
Puts it back, as deprecated where that can be said (unsafe: what serves it has to be there still). Better: keep the
channel until nobody reads or writes it, and empty it before it goes.

## References
- [AsyncAPI: Channels Object](https://www.asyncapi.com/docs/reference/specification/latest#channelsObject)

## Equivalent rules
- `asyncapi-diff:breaking`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import EventDocument
from rollsafe.artefacts.contracts.changes import Hazard
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.contract_changes import broken_by
from rollsafe.workspace.facts import Base, Today
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(document: EventDocument, base: Base, today: Today, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each such change since the base."""
    yield from broken_by(document, base, today, graph, Hazard.REMOVED_CHANNEL)
