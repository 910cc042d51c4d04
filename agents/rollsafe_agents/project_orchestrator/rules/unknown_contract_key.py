"""A description of an interface has a key that its language does not know.

## What it does
Holds OpenAPI documents (2.0 to 3.2) and AsyncAPI documents (2.0 to 3.1) against the schema of their version and tells
keys that have no meaning where they stand. Extensions (`x-…`) and names that are free are left alone.

## Why it matters
Generators, gateways and mock servers refuse the document, or read over the key: what it was to say is missing in
clients and on the page, and nobody is told.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
paths:
  /orders:
    get:
      summry: All orders  # <-
      responses:
        "200":
          description: All orders
```

## Good
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
paths:
  /orders:
    get:
      summary: All orders
      responses:
        "200":
          description: All orders
```

## Fix
Writes the nearest key there is, or takes out one that is near none. Unsafe: what the key says takes effect, or is gone.

## References
- [OpenAPI Specification](https://spec.openapis.org/oas/latest.html)
- [AsyncAPI Specification](https://www.asyncapi.com/docs/reference/specification/latest)

## Equivalent rules
- `spectral:oas2-schema`
- `spectral:oas3-schema`
- `spectral:asyncapi-schema`
- `spectral:asyncapi-3-document-resolved`
- `asyncapi-parser:asyncapi-document-resolved`
- `spectral:asyncapi-server-variables`
- `spectral:oas3-server-variables`
- `spectral:asyncapi-payload`
- `asyncapi-parser:asyncapi2-schemas`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument, EventDocument
from rollsafe.artefacts.contracts.flaws import FlawKind
from rollsafe.artefacts.contracts.structure import structure_flaws
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.contracts import key_fixes, near, of_schema, shown


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(document: ApiDocument | EventDocument) -> Iterator[Finding]:
    """Yield a finding for each key that has no meaning where it stands."""
    for flaw in structure_flaws(document):
        if flaw.kind is FlawKind.UNKNOWN:
            above = f" in {shown(flaw.path[:-1])}" if len(flaw.path) > 1 else ""
            close = near(flaw)
            hint = f"; the nearest is `{close}`" if close is not None else ""
            yield Finding(
                flaw.where,
                f"{document.language} {document.version} knows no `{flaw.key[:60]}`{above}{hint}",
                fixes=key_fixes(document, flaw),
                equivalents=of_schema(document, flaw),
            )
