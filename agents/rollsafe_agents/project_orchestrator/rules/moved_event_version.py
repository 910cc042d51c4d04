"""Events have another version than consumers may have pinned.

## What it does
Compares an AsyncAPI document with the revision that is asked for (`--base`, in editors where the branch left main)
and reports that its `info.version` is another one. It is for auditors: a new version is the right way to announce a
change, and it is also the moment at which those who pin one have to be told.

## Why it matters
Registries, generated clients and consumers that name the version go on with the old one until somebody moves them,
and refuse what they do not know.

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
  version: 1.5.0 # <-
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
None: tell the consumers, and keep what they pinned in the registry.

## References
- [AsyncAPI: Info Object](https://www.asyncapi.com/docs/reference/specification/latest#infoObject)

## Equivalent rules
- `asyncapi-diff:breaking`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import EventDocument
from rollsafe.artefacts.contracts.changes import Hazard
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.rules.contract_changes import broken_by
from rollsafe.workspace.facts import Base, Today
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR)
def check(document: EventDocument, base: Base, today: Today, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each such change since the base."""
    yield from broken_by(document, base, today, graph, Hazard.CHANGED_VERSION)
