"""The date until which something stays is taken back or cannot be read.

## What it does
Compares an OpenAPI document with the revision that is asked for (`--base`, in editors where the branch left main) and
reports deprecated operations, parameters and properties whose `x-sunset` is gone, was brought forward to within a
month or is no date, new deprecations whose date is over, and an `x-stability-level` that is lower than it was or none
there is.

## Why it matters
Clients plan their releases by that date. One that is earlier than announced, or cannot be read, takes the operation
from under those who relied on it.

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
        "204": {description: It is done}
  /returns:
    get:
      operationId: latestReturn
      summary: Show the latest return
      description: Show the latest return of the shop
      tags: [orders]
      deprecated: true
      x-sunset: "2027-01-31"
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
    get:
      operationId: latestOrder
      summary: Show the latest order
      description: Show the latest order of the shop
      tags: [orders]
      responses:
        "204": {description: It is done}
  /returns:
    get:
      operationId: latestReturn
      summary: Show the latest return
      description: Show the latest return of the shop
      tags: [orders]
      deprecated: true
      x-sunset: "2026-06-15" # <-
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
    get:
      operationId: latestOrder
      summary: Show the latest order
      description: Show the latest order of the shop
      tags: [orders]
      responses:
        "204": {description: It is done}
  /returns:
    get:
      operationId: latestReturn
      summary: Show the latest return
      description: Show the latest return of the shop
      tags: [orders]
      deprecated: true
      x-sunset: "2027-01-31"
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
    get:
      operationId: latestOrder
      summary: Show the latest order
      description: Show the latest order of the shop
      tags: [orders]
      responses:
        "204": {description: It is done}
  /returns:
    get:
      operationId: latestReturn
      summary: Show the latest return
      description: Show the latest return of the shop
      tags: [orders]
      deprecated: true
      x-sunset: "2027-01-31"
      responses:
        "204": {description: It is done}
components:
  securitySchemes:
    token: {type: http, scheme: bearer, bearerFormat: JWT, description: A token of the shop}
```

## Fix
Writes again what the base said (unsafe: what the change was for is gone). Better: keep the date that was announced,
or a later one.

## References
- [RFC 8594: The Sunset HTTP Header Field](https://www.rfc-editor.org/rfc/rfc8594)

## Equivalent rules
- `oasdiff:api-deprecated-sunset-parse`
- `oasdiff:api-invalid-stability-level`
- `oasdiff:api-stability-decreased`
- `oasdiff:api-sunset-date-changed-too-small`
- `oasdiff:api-sunset-date-too-small`
- `oasdiff:request-parameter-sunset-date-changed-too-small`
- `oasdiff:request-parameter-sunset-date-too-small`
- `oasdiff:request-parameter-sunset-deleted`
- `oasdiff:request-parameter-sunset-parse`
- `oasdiff:request-property-deprecated-sunset-invalid`
- `oasdiff:request-property-stability-decreased`
- `oasdiff:request-property-sunset-date-too-small`
- `oasdiff:response-property-deprecated-sunset-invalid`
- `oasdiff:response-property-stability-decreased`
- `oasdiff:response-property-sunset-date-too-small`
- `oasdiff:sunset-deleted`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument
from rollsafe.artefacts.contracts.changes import Hazard
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.contract_changes import broken_by
from rollsafe.workspace.facts import Base, Today
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(document: ApiDocument, base: Base, today: Today, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each such change since the base."""
    yield from broken_by(document, base, today, graph, Hazard.BROKEN_SUNSET)
