"""An operation describes no response of success.

## What it does
Looks for OpenAPI operations whose `responses` have none between 200 and 399, neither `2XX` nor `3XX`.

## Why it matters
Generated clients know errors only: what the call answers when it works has no type.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
paths:
  /orders:
    get:
      responses:  # <-
        "404":
          description: No orders
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
      responses:
        "200":
          description: All orders
        "404":
          description: No orders
```

## Fix
None: what the operation answers is not in the file.

## References
- [OpenAPI: Responses Object](https://spec.openapis.org/oas/latest.html#responses-object)

## Equivalent rules
- `spectral:operation-success-response`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument, entries_of
from rollsafe.artefacts.contracts.addresses import entry_at
from rollsafe.formats.nodes import Mapping, resolve
from rollsafe.rules import Finding, Level, Severity, rule


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC)
def check(document: ApiDocument) -> Iterator[Finding]:
    """Yield a finding for each operation that never succeeds."""
    for operation in document.operations:
        entry = entry_at(operation.node, "responses")
        responses = resolve(entry.value) if entry is not None else None
        if entry is None or not isinstance(responses, Mapping) or responses.entry("$ref") is not None:
            continue
        if not any(_is_success(one.name, document) for one in entries_of(responses)):
            yield Finding(entry.key, f"`{operation.label}` describes no response of success")


def _is_success(status: str, document: ApiDocument) -> bool:
    if status.upper() in ("2XX", "3XX"):
        return not document.is_swagger
    return status.isdecimal() and 200 <= int(status[:6]) < 400
