"""Events come another way than consumers listen.

## What it does
Compares an AsyncAPI document with the revision that is asked for (`--base`, in editors where the branch left main)
and reports another address of a channel, another host or protocol of a server, another content type of a message, an
operation that sends where it received, and a correlation identifier that is gone or elsewhere.

## Why it matters
Consumers that are deployed listen at the old address and read the old form. Nothing fails where the change was made:
they just stop hearing, or cannot read what they hear.

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
    address: shop.settled # <-
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
  schemas:
    order:
      type: object
      description: An order
      properties:
        id: {type: string, description: Its number}
```

## Fix
Writes again what the base said (unsafe: what the change was for is gone). Better: serve both ways until all consumers
have moved.

## References
- [AsyncAPI: Channel Object](https://www.asyncapi.com/docs/reference/specification/latest#channelObject)

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
    yield from broken_by(document, base, today, graph, Hazard.CHANGED_DELIVERY)
