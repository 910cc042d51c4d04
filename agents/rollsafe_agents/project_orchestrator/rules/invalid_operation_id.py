"""The id of an operation has characters that do not go into a URL.

## What it does
Looks at each `operationId` of an OpenAPI document for blanks and other characters that a URL cannot have.

## Why it matters
Tools make links, anchors and names of methods of it: what they make does not work.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
paths:
  /orders:
    get:
      operationId: all orders  # <-
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
      operationId: all_orders
      responses:
        "200":
          description: All orders
```

## Fix
Writes `_` for what does not go into a URL. Unsafe: generated code calls it so from then on.

## References
- [OpenAPI: Operation Object](https://spec.openapis.org/oas/latest.html#operation-object)

## Equivalent rules
- `spectral:operation-operationId-valid-in-url`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument
from rollsafe.artefacts.contracts.addresses import text_node
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.text.patterns import lazily

_ODD = lazily(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]+")


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(document: ApiDocument) -> Iterator[Finding]:
    """Yield a finding for each id that no URL can have."""
    for operation in document.operations:
        node = text_node(operation.node, "operationId")
        if node is not None and _ODD.search(node.text) is not None:
            yield Finding(
                node, f"`operationId` `{node.text[:80]}` does not go into a URL", fixes=_fixes(node)
            )


def _fixes(node: Scalar) -> tuple[Fix, ...]:
    name = _ODD.sub("_", node.text).strip("_")
    if node.block or not name.isidentifier():
        return ()
    written = name if node.plain else f'"{name}"'
    return (Fix(f"Write `{name}`", Safety.UNSAFE, edits=(Edit(Span.of(node), written),)),)
