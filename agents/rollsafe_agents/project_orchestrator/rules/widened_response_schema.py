"""A response schema may hold more than it could.

## What it does
Compares an OpenAPI or AsyncAPI document with the revision that is asked for (`--base`, in editors where the branch
left main) and reports responses and their headers that may have values they never had: null, a further word of an
enum, another type, a further alternative, a bound that is gone. References are followed, also into other files. What
a new major version announces is a remark. Events that the application receives count as requests, those it sends as
responses.

## Why it matters
Clients were written and generated for what the document said. A word their enum does not know, or null where a value
was certain, ends in an exception in programs that nobody deployed today.

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
                  state: {type: string, enum: [open, paid]}
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
                  state: {type: string, enum: [open, paid, lost]} # <-
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
                  state: {type: string, enum: [open, paid]}
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
                  state: {type: string, enum: [open, paid]}
components:
  securitySchemes:
    token: {type: http, scheme: bearer, bearerFormat: JWT, description: A token of the shop}
```

## Fix
Writes again what the base said (unsafe: what the change was for is gone). Better: let clients be ready first, or send
what is new in a field of its own.

## References
- [OpenAPI: Schema Object](https://spec.openapis.org/oas/latest.html#schema-object)

## Equivalent rules
- `oasdiff:response-body-all-of-removed`
- `oasdiff:response-body-any-of-added`
- `oasdiff:response-body-became-nullable`
- `oasdiff:response-body-const-changed`
- `oasdiff:response-body-const-removed`
- `oasdiff:response-body-contains-removed`
- `oasdiff:response-body-content-encoding-changed`
- `oasdiff:response-body-content-media-type-changed`
- `oasdiff:response-body-content-schema-removed`
- `oasdiff:response-body-dependent-required-changed`
- `oasdiff:response-body-dependent-required-removed`
- `oasdiff:response-body-dependent-schema-removed`
- `oasdiff:response-body-else-removed`
- `oasdiff:response-body-exclusive-max-increased`
- `oasdiff:response-body-exclusive-max-unset`
- `oasdiff:response-body-exclusive-min-decreased`
- `oasdiff:response-body-exclusive-min-unset`
- `oasdiff:response-body-if-removed`
- `oasdiff:response-body-list-of-types-widened`
- `oasdiff:response-body-max-contains-increased`
- `oasdiff:response-body-max-contains-unset`
- `oasdiff:response-body-max-increased`
- `oasdiff:response-body-max-items-increased`
- `oasdiff:response-body-max-items-unset`
- `oasdiff:response-body-max-length-increased`
- `oasdiff:response-body-max-length-unset`
- `oasdiff:response-body-max-properties-increased`
- `oasdiff:response-body-max-properties-unset`
- `oasdiff:response-body-max-unset`
- `oasdiff:response-body-media-type-schema-removed`
- `oasdiff:response-body-min-contains-decreased`
- `oasdiff:response-body-min-contains-unset`
- `oasdiff:response-body-min-decreased`
- `oasdiff:response-body-min-items-decreased`
- `oasdiff:response-body-min-items-unset`
- `oasdiff:response-body-min-length-decreased`
- `oasdiff:response-body-min-length-unset`
- `oasdiff:response-body-min-properties-decreased`
- `oasdiff:response-body-min-properties-unset`
- `oasdiff:response-body-min-unset`
- `oasdiff:response-body-multiple-of-changed`
- `oasdiff:response-body-multiple-of-unset`
- `oasdiff:response-body-one-of-added`
- `oasdiff:response-body-pattern-property-removed`
- `oasdiff:response-body-prefix-items-added`
- `oasdiff:response-body-prefix-items-removed`
- `oasdiff:response-body-property-names-removed`
- `oasdiff:response-body-schema-became-false`
- `oasdiff:response-body-then-removed`
- `oasdiff:response-body-type-changed`
- `oasdiff:response-body-type-generalized`
- `oasdiff:response-body-unevaluated-items-removed`
- `oasdiff:response-body-unevaluated-properties-removed`
- `oasdiff:response-body-unique-items-unset`
- `oasdiff:response-body-wrapped-in-one-of`
- `oasdiff:response-body-wrapped-in-one-of-original-preserved`
- `oasdiff:response-header-became-nullable`
- `oasdiff:response-header-exclusive-max-increased`
- `oasdiff:response-header-exclusive-max-unset`
- `oasdiff:response-header-exclusive-min-decreased`
- `oasdiff:response-header-exclusive-min-unset`
- `oasdiff:response-header-max-contains-increased`
- `oasdiff:response-header-max-contains-unset`
- `oasdiff:response-header-max-increased`
- `oasdiff:response-header-max-items-increased`
- `oasdiff:response-header-max-items-unset`
- `oasdiff:response-header-max-length-increased`
- `oasdiff:response-header-max-length-unset`
- `oasdiff:response-header-max-properties-increased`
- `oasdiff:response-header-max-properties-unset`
- `oasdiff:response-header-max-unset`
- `oasdiff:response-header-min-contains-decreased`
- `oasdiff:response-header-min-contains-unset`
- `oasdiff:response-header-min-decreased`
- `oasdiff:response-header-min-items-decreased`
- `oasdiff:response-header-min-items-unset`
- `oasdiff:response-header-min-length-decreased`
- `oasdiff:response-header-min-length-unset`
- `oasdiff:response-header-min-properties-decreased`
- `oasdiff:response-header-min-properties-unset`
- `oasdiff:response-header-min-unset`
- `oasdiff:response-header-multiple-of-unset`
- `oasdiff:response-header-schema-became-not-false`
- `oasdiff:response-header-type-changed`
- `oasdiff:response-header-type-generalized`
- `oasdiff:response-media-type-name-changed`
- `oasdiff:response-media-type-name-generalized`
- `oasdiff:response-media-type-parameter-changed`
- `oasdiff:response-media-type-parameter-removed`
- `oasdiff:response-mediatype-became-not-enum`
- `oasdiff:response-mediatype-enum-value-added`
- `oasdiff:response-property-all-of-removed`
- `oasdiff:response-property-any-of-added`
- `oasdiff:response-property-became-not-enum`
- `oasdiff:response-property-became-nullable`
- `oasdiff:response-property-const-changed`
- `oasdiff:response-property-const-removed`
- `oasdiff:response-property-contains-removed`
- `oasdiff:response-property-content-encoding-changed`
- `oasdiff:response-property-content-media-type-changed`
- `oasdiff:response-property-content-schema-removed`
- `oasdiff:response-property-dependent-required-changed`
- `oasdiff:response-property-dependent-required-removed`
- `oasdiff:response-property-dependent-schema-removed`
- `oasdiff:response-property-else-removed`
- `oasdiff:response-property-enum-value-added`
- `oasdiff:response-property-exclusive-max-increased`
- `oasdiff:response-property-exclusive-max-unset`
- `oasdiff:response-property-exclusive-min-decreased`
- `oasdiff:response-property-exclusive-min-unset`
- `oasdiff:response-property-if-removed`
- `oasdiff:response-property-list-of-types-widened`
- `oasdiff:response-property-max-contains-increased`
- `oasdiff:response-property-max-contains-unset`
- `oasdiff:response-property-max-increased`
- `oasdiff:response-property-max-items-increased`
- `oasdiff:response-property-max-items-unset`
- `oasdiff:response-property-max-length-increased`
- `oasdiff:response-property-max-length-unset`
- `oasdiff:response-property-max-properties-increased`
- `oasdiff:response-property-max-properties-unset`
- `oasdiff:response-property-max-unset`
- `oasdiff:response-property-min-contains-decreased`
- `oasdiff:response-property-min-contains-unset`
- `oasdiff:response-property-min-decreased`
- `oasdiff:response-property-min-items-decreased`
- `oasdiff:response-property-min-items-unset`
- `oasdiff:response-property-min-length-decreased`
- `oasdiff:response-property-min-length-unset`
- `oasdiff:response-property-min-properties-decreased`
- `oasdiff:response-property-min-properties-unset`
- `oasdiff:response-property-min-unset`
- `oasdiff:response-property-multiple-of-changed`
- `oasdiff:response-property-multiple-of-unset`
- `oasdiff:response-property-one-of-added`
- `oasdiff:response-property-pattern-changed`
- `oasdiff:response-property-pattern-property-removed`
- `oasdiff:response-property-pattern-removed`
- `oasdiff:response-property-prefix-items-added`
- `oasdiff:response-property-prefix-items-removed`
- `oasdiff:response-property-property-names-removed`
- `oasdiff:response-property-schema-became-not-false`
- `oasdiff:response-property-then-removed`
- `oasdiff:response-property-type-changed`
- `oasdiff:response-property-type-generalized`
- `oasdiff:response-property-unevaluated-items-removed`
- `oasdiff:response-property-unevaluated-properties-removed`
- `oasdiff:response-property-unique-items-unset`
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
    yield from broken_by(document, base, today, graph, Hazard.WIDENED_OUTPUT)
