"""An example has no value, or two.

## What it does
Looks at the named examples of OpenAPI 3: each has either a `value` or an `externalValue`.

## Why it matters
Tools show one of the two, or nothing.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
paths: {}
components:
  parameters:
    Limit:
      name: limit
      in: query
      schema:
        type: integer
      examples:
        few:  # <-
          summary: A few orders
```

## Good
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
paths: {}
components:
  parameters:
    Limit:
      name: limit
      in: query
      schema:
        type: integer
      examples:
        few:
          summary: A few orders
          value: 3
```

## Fix
None: the value is not in the file.

## References
- [OpenAPI: Example Object](https://spec.openapis.org/oas/latest.html#example-object)

## Equivalent rules
- `spectral:oas3-examples-value-or-externalValue`
- `spectral:oas3-valid-media-example`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.contracts import ApiDocument, entries_of
from rollsafe.artefacts.contracts.places import places_of
from rollsafe.formats.nodes import Mapping, resolve
from rollsafe.rules import Finding, Level, Severity, rule

_PEERS: Final = ("spectral:oas3-examples-value-or-externalValue", "spectral:oas3-valid-media-example")


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC)
def check(document: ApiDocument) -> Iterator[Finding]:
    """Yield a finding for each named example without exactly one value."""
    if document.is_swagger:
        return
    holders = [(place.node.at("examples"), True) for place in places_of(document).holders]
    for named, has_schema in [*holders, (document.root.at("components", "examples"), False)]:
        for entry in entries_of(named):
            example = resolve(entry.value)
            if not isinstance(example, Mapping) or example.value("$ref") is not None:
                continue
            # From OpenAPI 3.2 on there are more ways to give a value.
            words = ("value", "externalValue", "dataValue", "serializedValue")
            count = sum(example.value(word) is not None for word in words)
            if count == 0 or (count > 1 and document.numbers < (3, 2)):
                what = "no value" if count == 0 else "a `value` and an `externalValue`"
                told = (*_PEERS[:1], *(_PEERS[1:] if has_schema and count == 0 else ()))
                yield Finding(entry.key, f"Example `{entry.name[:60]}` has {what}", equivalents=told)
