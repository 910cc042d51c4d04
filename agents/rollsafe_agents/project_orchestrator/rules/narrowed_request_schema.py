"""A request schema takes less than it did.

## What it does
Compares an OpenAPI or AsyncAPI document with the revision that is asked for (`--base`, in editors where the branch
left main) and reports parameters and bodies that take fewer values: a smaller range or length, a type, format,
pattern or list of values that is new or narrower, null that is no longer taken, alternatives that are gone.
References are followed, also into other files. What only may break somebody is a warning, and so is nothing that a
new major version announces: that is a remark. Events that the application receives count as requests, those it sends
as responses.

## Why it matters
Clients that are deployed go on sending what was valid. The new release refuses it with an error that none of their
tests has seen, and clients outside of the company are not updated in the same hour.

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
              properties:
                note: {type: string, maxLength: 80} # <-
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
      responses:
        "204": {description: It is done}
components:
  securitySchemes:
    token: {type: http, scheme: bearer, bearerFormat: JWT, description: A token of the shop}
```

## Fix
Writes again what the base said (unsafe: what the change was for is gone). Better: take the old values for as long as
clients send them, or offer the narrower form under a new version.

## References
- [OpenAPI: Schema Object](https://spec.openapis.org/oas/latest.html#schema-object)

## Equivalent rules
- `oasdiff:request-body-all-of-added`
- `oasdiff:request-body-any-of-removed`
- `oasdiff:request-body-became-enum`
- `oasdiff:request-body-became-not-nullable`
- `oasdiff:request-body-const-added`
- `oasdiff:request-body-const-changed`
- `oasdiff:request-body-contains-added`
- `oasdiff:request-body-content-encoding-changed`
- `oasdiff:request-body-content-media-type-changed`
- `oasdiff:request-body-content-schema-added`
- `oasdiff:request-body-dependent-required-added`
- `oasdiff:request-body-dependent-required-changed`
- `oasdiff:request-body-dependent-schema-added`
- `oasdiff:request-body-else-added`
- `oasdiff:request-body-enum-value-removed`
- `oasdiff:request-body-exclusive-max-decreased`
- `oasdiff:request-body-exclusive-max-set`
- `oasdiff:request-body-exclusive-min-increased`
- `oasdiff:request-body-exclusive-min-set`
- `oasdiff:request-body-if-added`
- `oasdiff:request-body-list-of-types-narrowed`
- `oasdiff:request-body-max-contains-decreased`
- `oasdiff:request-body-max-contains-set`
- `oasdiff:request-body-max-decreased`
- `oasdiff:request-body-max-items-decreased`
- `oasdiff:request-body-max-items-set`
- `oasdiff:request-body-max-length-decreased`
- `oasdiff:request-body-max-length-set`
- `oasdiff:request-body-max-properties-decreased`
- `oasdiff:request-body-max-properties-set`
- `oasdiff:request-body-max-set`
- `oasdiff:request-body-media-type-removed`
- `oasdiff:request-body-media-type-schema-added`
- `oasdiff:request-body-min-contains-increased`
- `oasdiff:request-body-min-contains-set`
- `oasdiff:request-body-min-increased`
- `oasdiff:request-body-min-items-increased`
- `oasdiff:request-body-min-items-set`
- `oasdiff:request-body-min-length-increased`
- `oasdiff:request-body-min-length-set`
- `oasdiff:request-body-min-properties-increased`
- `oasdiff:request-body-min-properties-set`
- `oasdiff:request-body-min-set`
- `oasdiff:request-body-multiple-of-changed`
- `oasdiff:request-body-multiple-of-set`
- `oasdiff:request-body-one-of-removed`
- `oasdiff:request-body-pattern-property-added`
- `oasdiff:request-body-prefix-items-added`
- `oasdiff:request-body-prefix-items-removed`
- `oasdiff:request-body-property-names-added`
- `oasdiff:request-body-schema-became-false`
- `oasdiff:request-body-then-added`
- `oasdiff:request-body-type-changed`
- `oasdiff:request-body-unevaluated-items-added`
- `oasdiff:request-body-unevaluated-properties-added`
- `oasdiff:request-body-unique-items-set`
- `oasdiff:request-body-wrapped-in-one-of`
- `oasdiff:request-body-wrapped-in-one-of-original-preserved`
- `oasdiff:request-header-property-became-enum`
- `oasdiff:request-parameter-became-enum`
- `oasdiff:request-parameter-became-not-nullable`
- `oasdiff:request-parameter-enum-value-removed`
- `oasdiff:request-parameter-exclusive-max-decreased`
- `oasdiff:request-parameter-exclusive-max-set`
- `oasdiff:request-parameter-exclusive-min-increased`
- `oasdiff:request-parameter-exclusive-min-set`
- `oasdiff:request-parameter-list-of-types-narrowed`
- `oasdiff:request-parameter-max-contains-decreased`
- `oasdiff:request-parameter-max-contains-set`
- `oasdiff:request-parameter-max-decreased`
- `oasdiff:request-parameter-max-items-decreased`
- `oasdiff:request-parameter-max-items-set`
- `oasdiff:request-parameter-max-length-decreased`
- `oasdiff:request-parameter-max-length-set`
- `oasdiff:request-parameter-max-properties-decreased`
- `oasdiff:request-parameter-max-properties-set`
- `oasdiff:request-parameter-max-set`
- `oasdiff:request-parameter-min-contains-increased`
- `oasdiff:request-parameter-min-contains-set`
- `oasdiff:request-parameter-min-increased`
- `oasdiff:request-parameter-min-items-increased`
- `oasdiff:request-parameter-min-items-set`
- `oasdiff:request-parameter-min-length-increased`
- `oasdiff:request-parameter-min-length-set`
- `oasdiff:request-parameter-min-properties-increased`
- `oasdiff:request-parameter-min-properties-set`
- `oasdiff:request-parameter-min-set`
- `oasdiff:request-parameter-multiple-of-set`
- `oasdiff:request-parameter-pattern-added`
- `oasdiff:request-parameter-pattern-changed`
- `oasdiff:request-parameter-property-became-not-nullable`
- `oasdiff:request-parameter-property-enum-value-removed`
- `oasdiff:request-parameter-property-list-of-types-narrowed`
- `oasdiff:request-parameter-property-schema-became-false`
- `oasdiff:request-parameter-property-type-changed`
- `oasdiff:request-parameter-property-type-specialized`
- `oasdiff:request-parameter-schema-became-false`
- `oasdiff:request-parameter-type-changed`
- `oasdiff:request-parameter-x-extensible-enum-value-removed`
- `oasdiff:request-property-all-of-added`
- `oasdiff:request-property-any-of-removed`
- `oasdiff:request-property-became-enum`
- `oasdiff:request-property-became-not-nullable`
- `oasdiff:request-property-const-added`
- `oasdiff:request-property-const-changed`
- `oasdiff:request-property-contains-added`
- `oasdiff:request-property-content-encoding-changed`
- `oasdiff:request-property-content-media-type-changed`
- `oasdiff:request-property-content-schema-added`
- `oasdiff:request-property-dependent-required-added`
- `oasdiff:request-property-dependent-required-changed`
- `oasdiff:request-property-dependent-schema-added`
- `oasdiff:request-property-else-added`
- `oasdiff:request-property-enum-value-removed`
- `oasdiff:request-property-exclusive-max-decreased`
- `oasdiff:request-property-exclusive-max-set`
- `oasdiff:request-property-exclusive-min-increased`
- `oasdiff:request-property-exclusive-min-set`
- `oasdiff:request-property-if-added`
- `oasdiff:request-property-list-of-types-narrowed`
- `oasdiff:request-property-max-contains-decreased`
- `oasdiff:request-property-max-contains-set`
- `oasdiff:request-property-max-decreased`
- `oasdiff:request-property-max-items-decreased`
- `oasdiff:request-property-max-items-set`
- `oasdiff:request-property-max-length-decreased`
- `oasdiff:request-property-max-length-set`
- `oasdiff:request-property-max-properties-decreased`
- `oasdiff:request-property-max-properties-set`
- `oasdiff:request-property-max-set`
- `oasdiff:request-property-min-contains-increased`
- `oasdiff:request-property-min-contains-set`
- `oasdiff:request-property-min-increased`
- `oasdiff:request-property-min-items-increased`
- `oasdiff:request-property-min-items-set`
- `oasdiff:request-property-min-length-increased`
- `oasdiff:request-property-min-length-set`
- `oasdiff:request-property-min-properties-increased`
- `oasdiff:request-property-min-properties-set`
- `oasdiff:request-property-min-set`
- `oasdiff:request-property-multiple-of-changed`
- `oasdiff:request-property-multiple-of-set`
- `oasdiff:request-property-one-of-removed`
- `oasdiff:request-property-pattern-added`
- `oasdiff:request-property-pattern-changed`
- `oasdiff:request-property-pattern-property-added`
- `oasdiff:request-property-prefix-items-added`
- `oasdiff:request-property-prefix-items-removed`
- `oasdiff:request-property-property-names-added`
- `oasdiff:request-property-schema-became-false`
- `oasdiff:request-property-then-added`
- `oasdiff:request-property-type-changed`
- `oasdiff:request-property-unevaluated-items-added`
- `oasdiff:request-property-unevaluated-properties-added`
- `oasdiff:request-property-unique-items-set`
- `oasdiff:request-property-x-extensible-enum-value-removed`
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
    yield from broken_by(document, base, today, graph, Hazard.NARROWED_INPUT)
