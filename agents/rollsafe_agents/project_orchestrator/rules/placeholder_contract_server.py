"""A contract is served at example.com.

## What it does
Looks for servers and hosts of OpenAPI and AsyncAPI documents at `example.com`, which is kept free for examples.

## Why it matters
Clients that are made from the document call a host that never answers.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
servers:
  - url: https://api.example.com/v1  # <-
paths: {}
```

## Good
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
servers:
  - url: https://api.shop.test/v1
paths: {}
```

## Fix
None: where it is served is not in the file.

## References
- [RFC 2606: reserved names](https://www.rfc-editor.org/rfc/rfc2606)

## Equivalent rules
- `spectral:oas2-host-not-example`
- `spectral:oas3-server-not-example.com`
- `spectral:asyncapi-server-not-example-com`
- `spectral:asyncapi-3-server-not-example-com`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument, EventDocument
from rollsafe.artefacts.contracts.addresses import servers_of, text_node
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Finding, Level, Severity, rule


@rule(severity=Severity.HINT, since="0.1.0", level=Level.AUDITOR)
def check(document: ApiDocument | EventDocument) -> Iterator[Finding]:
    """Yield a finding for each server that is an example."""
    for node, peer in _hosts(document):
        if "example.com" in node.text:
            yield Finding(node, f"`{node.text[:80]}` is an example and no server", equivalents=(peer,))


def _hosts(document: ApiDocument | EventDocument) -> Iterator[tuple[Scalar, str]]:
    if isinstance(document, ApiDocument):
        host = text_node(document.root, "host")
        if document.is_swagger and host is not None:
            yield host, "spectral:oas2-host-not-example"
        peer = "spectral:oas3-server-not-example.com"
    else:
        peer = f"spectral:asyncapi-{'3-' if document.numbers[0] == 3 else ''}server-not-example-com"
    for server in servers_of(document):
        node = text_node(server.node, "url") or text_node(server.node, "host")
        if node is not None and server.path[0] == "servers":
            yield node, peer
