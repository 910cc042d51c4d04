"""An operation no longer knows what clients send.

## What it does
Compares an OpenAPI or AsyncAPI document with the revision that is asked for (`--base`, in editors where the branch
left main) and reports parameters, properties of bodies and whole bodies that are gone. One that was deprecated and
whose sunset is over may go; one that goes before its sunset is an error. Events that the application receives count
as requests, those it sends as responses.

## Why it matters
Clients go on sending it. A strict server refuses the call, any other one ignores the value in silence: a filter that
filters nothing, an amount that is not stored.

## Bad
```yaml title="api/openapi.yaml" at="base"
openapi: 3.0.3
info:
  title: Orders
  version: 1.4.0
  description: What customers of the shop ordered
  contact: {name: Shop, url: "https://shop.example.com", email: shop@example.com}
  license: {name: MIT, url: "https://opensource.org/license/mit"}
servers:
  - url: https://orders.example.com
security:
  - token: []
tags:
  - {name: orders, description: What customers bought}
paths:
  /orders:
    post:
      operationId: createOrder
      summary: Create an order
      description: Create an order of the shop
      tags: [orders]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              properties:
                note: {type: string, maxLength: 200}
                gift: {type: boolean}
      responses:
        "204": {description: It is done}
components:
  securitySchemes:
    token: {type: http, scheme: bearer, bearerFormat: JWT, description: A token of the shop}
```
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.4.0
  description: What customers of the shop ordered
  contact: {name: Shop, url: "https://shop.example.com", email: shop@example.com}
  license: {name: MIT, url: "https://opensource.org/license/mit"}
servers:
  - url: https://orders.example.com
security:
  - token: []
tags:
  - {name: orders, description: What customers bought}
paths:
  /orders:
    post:
      operationId: createOrder
      summary: Create an order
      description: Create an order of the shop
      tags: [orders]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              properties: # <-
                note: {type: string, maxLength: 200}
      responses:
        "204": {description: It is done}
components:
  securitySchemes:
    token: {type: http, scheme: bearer, bearerFormat: JWT, description: A token of the shop}
```

## Good
```yaml title="api/openapi.yaml" at="base"
openapi: 3.0.3
info:
  title: Orders
  version: 1.4.0
  description: What customers of the shop ordered
  contact: {name: Shop, url: "https://shop.example.com", email: shop@example.com}
  license: {name: MIT, url: "https://opensource.org/license/mit"}
servers:
  - url: https://orders.example.com
security:
  - token: []
tags:
  - {name: orders, description: What customers bought}
paths:
  /orders:
    post:
      operationId: createOrder
      summary: Create an order
      description: Create an order of the shop
      tags: [orders]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              properties:
                note: {type: string, maxLength: 200}
                gift: {type: boolean}
      responses:
        "204": {description: It is done}
components:
  securitySchemes:
    token: {type: http, scheme: bearer, bearerFormat: JWT, description: A token of the shop}
```
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.4.0
  description: What customers of the shop ordered
  contact: {name: Shop, url: "https://shop.example.com", email: shop@example.com}
  license: {name: MIT, url: "https://opensource.org/license/mit"}
servers:
  - url: https://orders.example.com
security:
  - token: []
tags:
  - {name: orders, description: What customers bought}
paths:
  /orders:
    post:
      operationId: createOrder
      summary: Create an order
      description: Create an order of the shop
      tags: [orders]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              properties:
                note: {type: string, maxLength: 200}
                gift: {deprecated: true, type: boolean}
      responses:
        "204": {description: It is done}
components:
  securitySchemes:
    token: {type: http, scheme: bearer, bearerFormat: JWT, description: A token of the shop}
```

## Fix
Puts it back, as deprecated where that can be said (unsafe: what serves it has to be there still). Better: mark it as
deprecated with a date (`x-sunset`), and take it out when that is over.

## References
- [OpenAPI: Parameter Object](https://spec.openapis.org/oas/latest.html#parameter-object)

## Equivalent rules
- `oasdiff:request-body-removed`
- `oasdiff:request-optional-property-became-read-only`
- `oasdiff:request-parameter-removed`
- `oasdiff:request-parameter-removed-before-sunset`
- `oasdiff:request-parameter-sunset-parse`
- `oasdiff:request-property-removed`
- `oasdiff:request-property-removed-before-sunset`
- `oasdiff:request-required-property-became-read-only`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument, EventDocument
from rollsafe.artefacts.contracts.changes import Hazard
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.contract_changes import broken_by
from rollsafe.workspace.facts import Base, Today
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(document: ApiDocument | EventDocument, base: Base, today: Today, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each such change since the base."""
    yield from broken_by(document, base, today, graph, Hazard.REMOVED_INPUT)
