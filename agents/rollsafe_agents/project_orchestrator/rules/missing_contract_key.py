"""A description of an interface lacks something its language requires.

## What it does
Holds OpenAPI documents (2.0 to 3.2) and AsyncAPI documents (2.0 to 3.1) against the schema of their version and tells
what has to be there and is not: `info`, the `responses` of an operation, the `schema` of a parameter.

## Why it matters
Generators, gateways and mock servers refuse the document as a whole.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
paths:
  /orders:
    get:  # <-
      summary: All orders
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
None: what belongs there is not in the file.

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
from typing import Final

from rollsafe.artefacts.contracts import ApiDocument, EventDocument
from rollsafe.artefacts.contracts.flaws import Flaw, FlawKind
from rollsafe.artefacts.contracts.structure import structure_flaws
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.contracts import of_schema, shown, where_is

_NEAR: Final = 2


@rule(severity=Severity.ERROR, since="0.1.0")
def check(document: ApiDocument | EventDocument) -> Iterator[Finding]:
    """Yield a finding for each value that lacks something."""
    for flaw in structure_flaws(document):
        if flaw.kind is FlawKind.MISSING or (flaw.kind is FlawKind.OTHER and flaw.names):
            above = flaw.path[:-1] if flaw.kind is FlawKind.MISSING else flaw.path
            name = shown(above) if above else "The document"
            yield Finding(
                where_is(document, _place(document, flaw, above)),
                f"{name} has no {_lacking(flaw)}",
                equivalents=of_schema(document, flaw),
                detail=f"{document.language} {document.version} requires it",
            )


def _place(document: ApiDocument | EventDocument, flaw: Flaw, above: tuple[str, ...]) -> tuple[str, ...]:
    """Return the way to where a lack is told: at the whole of which a part near it makes no valid kind."""
    whole = flaw.alternative
    is_near = whole is not None and len(above) - len(whole) <= _NEAR
    return whole if whole is not None and is_near and isinstance(document, EventDocument) else above


def _lacking(flaw: Flaw) -> str:
    names = [f"`{name}`" for name in dict.fromkeys(flaw.names)] or [f"`{flaw.key}`"]
    return " or ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
