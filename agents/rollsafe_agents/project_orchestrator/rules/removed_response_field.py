"""A response no longer has what clients read.

## What it does
Compares an OpenAPI or AsyncAPI document with the revision that is asked for (`--base`, in editors where the branch
left main) and reports properties, required headers, media types and statuses of success that responses no longer
have, and what may be missing where it was certain. A property that was deprecated and whose sunset is over may go.
That an optional property is gone is a warning. Events that the application receives count as requests, those it sends
as responses.

## Why it matters
Clients read it. The one that takes it for given fails, the one that does not shows nothing where a value was.

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
    get:
      operationId: latestOrder
      summary: Show the latest order
      description: Show the latest order of the shop
      tags: [orders]
      responses:
        "200":
          description: The order
          content:
            application/json:
              schema:
                type: object
                properties:
                  state: {type: string}
                  total: {type: integer}
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
    get:
      operationId: latestOrder
      summary: Show the latest order
      description: Show the latest order of the shop
      tags: [orders]
      responses:
        "200":
          description: The order
          content:
            application/json:
              schema:
                type: object
                properties: # <-
                  state: {type: string}
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
    get:
      operationId: latestOrder
      summary: Show the latest order
      description: Show the latest order of the shop
      tags: [orders]
      responses:
        "200":
          description: The order
          content:
            application/json:
              schema:
                type: object
                properties:
                  state: {type: string}
                  total: {type: integer}
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
    get:
      operationId: latestOrder
      summary: Show the latest order
      description: Show the latest order of the shop
      tags: [orders]
      responses:
        "200":
          description: The order
          content:
            application/json:
              schema:
                type: object
                properties:
                  state: {type: string}
                  total: {deprecated: true, type: integer}
components:
  securitySchemes:
    token: {type: http, scheme: bearer, bearerFormat: JWT, description: A token of the shop}
```

## Fix
Puts it back, as deprecated where that can be said (unsafe: what serves it has to be there still). Better: keep it
while clients read it, deprecated and with a date (`x-sunset`).

## References
- [OpenAPI: Response Object](https://spec.openapis.org/oas/latest.html#response-object)

## Equivalent rules
- `oasdiff:required-response-header-removed`
- `oasdiff:response-header-became-optional`
- `oasdiff:response-media-type-removed`
- `oasdiff:response-optional-property-removed`
- `oasdiff:response-property-became-optional`
- `oasdiff:response-required-property-became-write-only`
- `oasdiff:response-required-property-removed`
- `oasdiff:response-required-property-removed-before-sunset`
- `oasdiff:response-success-status-removed`
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
    yield from broken_by(document, base, today, graph, Hazard.REMOVED_OUTPUT)
