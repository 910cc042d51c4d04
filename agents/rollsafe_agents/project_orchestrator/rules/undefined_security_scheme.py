"""A contract asks for a security scheme or a scope nobody defines.

## What it does
Compares what `security` asks for, of a document, an operation or a server, with the security schemes of the document,
and scopes with those the flows of an OAuth scheme list. A scheme in another file is not judged.

## Why it matters
Gateways that are made from the document refuse it or leave the operation open, and clients send no credentials.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
security:
  - token: []  # <-
paths: {}
components:
  securitySchemes:
    tokens:
      type: http
      scheme: bearer
```

## Good
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
security:
  - tokens: []
paths: {}
components:
  securitySchemes:
    tokens:
      type: http
      scheme: bearer
```

## Fix
Writes the nearest scheme or scope there is. Unsafe: it decides who may call.

## References
- [OpenAPI: Security Requirement Object](https://spec.openapis.org/oas/latest.html#security-requirement-object)
- [AsyncAPI Specification](https://www.asyncapi.com/docs/reference/specification/latest)

## Equivalent rules
- `spectral:oas2-operation-security-defined`
- `spectral:oas3-operation-security-defined`
- `spectral:asyncapi-operation-security`
- `spectral:asyncapi-server-security`
- `asyncapi-parser:asyncapi2-operation-security`
- `asyncapi-parser:asyncapi2-server-security`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument, EventDocument
from rollsafe.artefacts.contracts.security import Asked, asked_of, schemes_of, scopes_of
from rollsafe.formats.nodes import Mapping, Scalar, resolve
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.text import nearest


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(document: ApiDocument | EventDocument) -> Iterator[Finding]:
    """Yield a finding for each scheme and each scope that is not there."""
    schemes = schemes_of(document)
    if schemes is None:
        return
    for asked in asked_of(document):
        equivalents = _equivalents(document, asked)
        entry = schemes.entry(asked.entry.name)
        if entry is None:
            yield Finding(
                asked.entry.key,
                f"There is no security scheme `{asked.entry.name[:60]}`",
                fixes=_fixes(asked.entry.key, asked.entry.name, schemes.keys()),
                equivalents=equivalents,
            )
            continue
        scheme = resolve(entry.value)
        scopes = scopes_of(document, scheme) if isinstance(scheme, Mapping) else ()
        for item in asked.scopes if scopes is not None else ():
            if isinstance(item, Scalar) and item.text not in (scopes or ()):
                yield Finding(
                    item,
                    f"Security scheme `{entry.name}` lists no scope `{item.text[:60]}`",
                    fixes=_fixes(item, item.text, list(scopes or ())),
                    equivalents=equivalents,
                )


def _equivalents(document: ApiDocument | EventDocument, asked: Asked) -> tuple[str, ...]:
    if isinstance(document, ApiDocument):
        return (f"spectral:oas{2 if document.is_swagger else 3}-operation-security-defined",)
    kind = "server" if asked.is_of_server else "operation"
    return f"spectral:asyncapi-{kind}-security", f"asyncapi-parser:asyncapi2-{kind}-security"


def _fixes(node: object, name: str, known: list[str]) -> tuple[Fix, ...]:
    close = nearest(name, known)
    if close is None or not isinstance(node, Scalar) or node.block:
        return ()
    written = close if node.plain else f'"{close}"'
    return (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(Edit(Span.of(node), written),)),)
