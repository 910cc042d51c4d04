"""A contract leaves out what readers of it look for.

## What it does
Looks for what OpenAPI and AsyncAPI leave open and pages, portals and generators show: who is responsible (`contact`,
`license`), what a thing is (`description`), what generated code calls it (`operationId`, `messageId`), its group (`tags`),
where it is served (`servers`, `host`) and in which format (`defaultContentType`).

## Why it matters
Nothing breaks; whoever has to use the interface asks somebody, or guesses.

## Bad
```yaml title="events/asyncapi.yaml"
asyncapi: 2.6.0  # <-
id: urn:test:shop:orders
info:
  title: Orders
  version: 1.0.0
  description: What happens to orders
  contact:
    name: Orders
    url: https://shop.test
    email: orders@shop.test
  license:
    name: MIT
    url: https://shop.test/licence
tags:
  - name: orders
    description: Orders
defaultContentType: application/json
channels: {}
```

## Good
```yaml title="events/asyncapi.yaml"
asyncapi: 2.6.0
id: urn:test:shop:orders
info:
  title: Orders
  version: 1.0.0
  description: What happens to orders
  contact:
    name: Orders
    url: https://shop.test
    email: orders@shop.test
  license:
    name: MIT
    url: https://shop.test/licence
servers:
  production:
    url: kafka.shop.test
    protocol: kafka
tags:
  - name: orders
    description: Orders
defaultContentType: application/json
channels: {}
```

## Fix
None: only its author knows.

## References
- [OpenAPI Specification](https://spec.openapis.org/oas/latest.html)
- [AsyncAPI Specification](https://www.asyncapi.com/docs/reference/specification/latest)

## Equivalent rules
- `spectral:asyncapi-servers`
- `asyncapi-parser:asyncapi-servers`
- `asyncapi-parser:asyncapi-defaultContentType`
- `asyncapi-parser:asyncapi-id`
- `spectral:oas3-api-servers`
- `spectral:oas2-api-host`
- `spectral:oas2-api-schemes`
- `spectral:info-contact`
- `spectral:info-description`
- `spectral:info-license`
- `spectral:license-url`
- `spectral:contact-properties`
- `spectral:openapi-tags`
- `spectral:operation-description`
- `spectral:operation-operationId`
- `spectral:operation-tags`
- `spectral:tag-description`
- `spectral:asyncapi-info-contact`
- `spectral:asyncapi-info-contact-properties`
- `spectral:asyncapi-info-description`
- `spectral:asyncapi-info-license`
- `spectral:asyncapi-info-license-url`
- `spectral:asyncapi-tags`
- `spectral:asyncapi-3-tags`
- `spectral:asyncapi-tag-description`
- `spectral:asyncapi-3-tag-description`
- `spectral:asyncapi-operation-description`
- `spectral:asyncapi-3-operation-description`
- `spectral:asyncapi-operation-operationId`
- `asyncapi-parser:asyncapi-info-contact`
- `asyncapi-parser:asyncapi-info-contact-properties`
- `asyncapi-parser:asyncapi-info-description`
- `asyncapi-parser:asyncapi-info-license`
- `asyncapi-parser:asyncapi2-tags`
- `asyncapi-parser:asyncapi2-operation-operationId`
- `asyncapi-parser:asyncapi2-message-messageId`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.contracts import ApiDocument, EventDocument
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.rules.contract_wishes import wishes_of
from rollsafe.rules.contracts import where_is

_LISTS: Final = ("servers", "tags", "schemes", "description")


@rule(severity=Severity.HINT, since="0.1.0", level=Level.AUDITOR)
def check(document: ApiDocument | EventDocument) -> Iterator[Finding]:
    """Yield a finding for each part that leaves something out, with all it leaves out."""
    for part in wishes_of(document):
        for wish in part.wishes:
            key = part.node.key_at(wish.key)
            if key is not None and wish.key in _LISTS and _is_hollow(part.node.at(wish.key)):
                yield Finding(key, f"`{wish.key}` is empty", equivalents=wish.peers)
        missing = [
            wish
            for wish in part.wishes
            if part.node.value(wish.key) is None and _is_missing(part.node, wish.key)
        ]
        if missing:
            told = ", ".join(f"`{wish.key}`" for wish in missing)
            yield Finding(
                where_is(document, part.path),
                f"{part.name} has no {told}",
                equivalents=tuple(peer for wish in missing for peer in wish.peers),
            )


def _is_missing(node: Mapping, key: str) -> bool:
    """Say whether neither a part nor its traits have a key."""
    return all(_is_empty(one.at(key)) for one in (node, *node.items_at("traits")))


def _is_empty(node: Node | None) -> bool:
    if isinstance(node, Scalar):
        return node.is_null or not node.text
    return node is None


def _is_hollow(node: Node | None) -> bool:
    """Say whether a list, a mapping of things or a text has nothing in it."""
    if isinstance(node, Scalar):
        return not node.text
    return (isinstance(node, Sequence) and not node.items) or (isinstance(node, Mapping) and not node.entries)
