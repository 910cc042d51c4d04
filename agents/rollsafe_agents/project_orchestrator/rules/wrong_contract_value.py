"""A description of an interface has a value of a kind its language does not take there.

## What it does
Holds the values of OpenAPI documents (2.0 to 3.2) and AsyncAPI documents (2.0 to 3.1) against the schema of their
version: a number where a text belongs, a word that is none of those there are, a list where a mapping belongs.

## Why it matters
Generators, gateways and mock servers refuse the document as a whole, or read the value as something else.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0  # <-
paths:
  /orders:
    get:
      responses:
        "200":
          description: All orders
```

## Good
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: "1.0"
paths:
  /orders:
    get:
      responses:
        "200":
          description: All orders
```

## Fix
Writes the same value as the type that is wanted, or the nearest word there is (unsafe: it takes effect from then on).

## References
- [OpenAPI Specification](https://spec.openapis.org/oas/latest.html)
- [AsyncAPI Specification](https://www.asyncapi.com/docs/reference/specification/latest)

## Equivalent rules
- `spectral:oas2-schema`
- `spectral:oas3-schema`
- `spectral:asyncapi-schema`
- `spectral:asyncapi-3-document-resolved`
- `asyncapi-parser:asyncapi-document-resolved`
- `asyncapi-parser:asyncapi-is-asyncapi`
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
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.contracts import matter, of_schema, shown, type_fixes, where_is, word_fixes

_ELSEWHERE: Final = (FlawKind.UNKNOWN, FlawKind.MISSING, FlawKind.REFERENCE)


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(document: ApiDocument | EventDocument) -> Iterator[Finding]:
    """Yield a finding for each value that is none of those its place takes."""
    for flaw in structure_flaws(document):
        if flaw.kind in _ELSEWHERE or _is_told_elsewhere(flaw):
            continue
        is_whole = isinstance(flaw.where, Mapping)
        yield Finding(
            where_is(document, flaw.path) if is_whole else flaw.where,
            f"{shown(flaw.path) or 'The document'} {matter(flaw)}",
            fixes=_fixes(flaw),
            equivalents=of_schema(document, flaw),
            detail=f"{document.language} {document.version} takes nothing else there",
        )


def _is_told_elsewhere(flaw: Flaw) -> bool:
    """Say whether another rule is about it: what is missing, words and tags that are repeated, lost `$ref`s."""
    is_list = flaw.kind is FlawKind.DUPLICATE and flaw.path[-2:-1] in (("tags",), ("enum",), ("parameters",))
    is_reference = flaw.kind is FlawKind.TYPE and flaw.path == ("securityDefinitions", "$ref")
    is_address = flaw.limit == "uri-template" and isinstance(flaw.where, Scalar) and "{}" in flaw.where.text
    return is_list or is_reference or is_address or (flaw.kind is FlawKind.OTHER and bool(flaw.names))


def _fixes(flaw: Flaw) -> tuple[Fix, ...]:
    if flaw.kind is FlawKind.TYPE:
        return type_fixes(flaw)
    return word_fixes(flaw) if flaw.kind is FlawKind.WORD and isinstance(flaw.where, Scalar) else ()
