"""Clients need other credentials than they have.

## What it does
Compares an OpenAPI or AsyncAPI document with the revision that is asked for (`--base`, in editors where the branch
left main) and reports operations and servers that ask for credentials where they asked for none, for a further scope,
or no longer take a scheme that they took, and schemes whose type, name or place changed.

## Why it matters
Clients that are deployed call with what they have and are refused from the moment of the deployment. Credentials have
to be handed out before.

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
      security: [{token: []}, {key: []}]
      responses:
        "204": {description: It is done}
components:
  securitySchemes:
    token: {type: http, scheme: bearer, bearerFormat: JWT, description: A token of the shop}
    key: {type: apiKey, in: header, name: X-Key, description: A key of the shop}
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
      security: [{token: []}] # <-
      responses:
        "204": {description: It is done}
components:
  securitySchemes:
    token: {type: http, scheme: bearer, bearerFormat: JWT, description: A token of the shop}
    key: {type: apiKey, in: header, name: X-Key, description: A key of the shop}
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
      security: [{token: []}, {key: []}]
      responses:
        "204": {description: It is done}
components:
  securitySchemes:
    token: {type: http, scheme: bearer, bearerFormat: JWT, description: A token of the shop}
    key: {type: apiKey, in: header, name: X-Key, description: A key of the shop}
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
      security: [{token: []}, {key: []}]
      responses:
        "204": {description: It is done}
components:
  securitySchemes:
    token: {type: http, scheme: bearer, bearerFormat: JWT, description: A token of the shop}
    key: {type: apiKey, in: header, name: X-Key, description: A key of the shop}
```

## Fix
Writes again what the base said (unsafe: what the change was for is gone). Better: take both for as long as clients
use the old one.

## References
- [OpenAPI: Security Requirement Object](https://spec.openapis.org/oas/latest.html#security-requirement-object)

## Equivalent rules
- `oasdiff:api-global-security-removed`
- `oasdiff:api-global-security-scope-added`
- `oasdiff:api-security-anonymous-access-removed`
- `oasdiff:api-security-component-api-key-in-changed`
- `oasdiff:api-security-component-api-key-name-changed`
- `oasdiff:api-security-component-http-scheme-changed`
- `oasdiff:api-security-component-oauth-refresh-url-changed`
- `oasdiff:api-security-component-oauth-token-url-changed`
- `oasdiff:api-security-component-oauth-url-changed`
- `oasdiff:api-security-component-openid-connect-url-changed`
- `oasdiff:api-security-component-type-changed`
- `oasdiff:api-security-removed`
- `oasdiff:api-security-scope-added`
- `asyncapi-diff:breaking`
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
    yield from broken_by(document, base, today, graph, Hazard.TIGHTENED_SECURITY)
