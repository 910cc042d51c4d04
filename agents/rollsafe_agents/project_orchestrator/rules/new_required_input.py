"""An operation requires what it did not.

## What it does
Compares an OpenAPI or AsyncAPI document with the revision that is asked for (`--base`, in editors where the branch
left main) and reports parameters, bodies and properties of bodies that are new and required, or became required. What
a new major version announces is a remark. Events that the application receives count as requests, those it sends as
responses.

## Why it matters
No client that is deployed sends it. From the moment of the deployment each of their calls is refused, and rolling
clients out first does not help those that are not yours.

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
              required: [shop]
              properties:
                note: {type: string, maxLength: 200}
                shop: {type: string, maxLength: 40} # <-
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
                shop: {type: string, maxLength: 40}
      responses:
        "204": {description: It is done}
components:
  securitySchemes:
    token: {type: http, scheme: bearer, bearerFormat: JWT, description: A token of the shop}
```

## Fix
Writes again what the base said (unsafe: what the change was for is gone). Better: make it optional with a default,
and require it when all clients send it.

## References
- [OpenAPI: Parameter Object](https://spec.openapis.org/oas/latest.html#parameter-object)

## Equivalent rules
- `oasdiff:new-request-path-parameter`
- `oasdiff:new-required-request-default-parameter-to-existing-path`
- `oasdiff:new-required-request-header-property`
- `oasdiff:new-required-request-parameter`
- `oasdiff:new-required-request-property`
- `oasdiff:new-required-request-property-with-default`
- `oasdiff:request-body-added-required`
- `oasdiff:request-body-became-required`
- `oasdiff:request-header-property-became-required`
- `oasdiff:request-parameter-became-required`
- `oasdiff:request-property-became-required`
- `oasdiff:request-property-became-required-with-default`
- `oasdiff:request-required-property-became-not-read-only`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument, EventDocument
from rollsafe.artefacts.contracts.changes import Hazard
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.contract_changes import broken_by
from rollsafe.workspace.facts import Base, Today
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(document: ApiDocument | EventDocument, base: Base, today: Today, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each such change since the base."""
    yield from broken_by(document, base, today, graph, Hazard.NEW_REQUIREMENT)
