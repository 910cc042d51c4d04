"""An operation of an interface is gone without notice.

## What it does
Compares an OpenAPI document with the revision that is asked for (`--base`, in editors where the branch left main) and
reports operations, whole paths and webhooks that are gone although nothing announced it, or before the day of their
`x-sunset`. Drafts (`x-stability-level: draft` or `alpha`) may go, and so may what was deprecated and has no date, or
a date that is over. A new major version of the document, or `x-internal: true`, makes it a remark.

## Why it matters
Whoever still calls it gets 404 from the moment of the deployment. Clients have to be deployed before the operation
goes, and a rollback of the clients needs it again.

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
paths: # <-
  /orders:
    get:
      operationId: latestOrder
      summary: Show the latest order
      description: Show the latest order of the shop
      tags: [orders]
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
      responses:
        "204": {description: It is done}
components:
  securitySchemes:
    token: {type: http, scheme: bearer, bearerFormat: JWT, description: A token of the shop}
```

## Fix
Puts it back, as deprecated where that can be said (unsafe: what serves it has to be there still). Better: mark it as
deprecated with a date first, look at who still calls it, and take it out after that date.

## References
- [OpenAPI: Operation Object](https://spec.openapis.org/oas/latest.html#operation-object)
- [RFC 8594: The Sunset HTTP Header Field](https://www.rfc-editor.org/rfc/rfc8594)

## Equivalent rules
- `oasdiff:api-path-removed-before-sunset`
- `oasdiff:api-path-removed-without-deprecation`
- `oasdiff:api-path-sunset-parse`
- `oasdiff:api-removed-before-sunset`
- `oasdiff:api-removed-without-deprecation`
- `oasdiff:webhook-removed`
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
    yield from broken_by(document, base, today, graph, Hazard.REMOVED_OPERATION)
