"""The servers of one contract serve different versions of it.

## What it does
Compares the servers of an OpenAPI document that are written out: where the path of one has a version (`/v1`) and that of another has a different one,
or none, the one that differs from most is told. Servers on the reader's own machine are left alone.

## Why it matters
What was tried on staging is called under another path in production. A client that takes its server from the document and was tested against
one of them gets `404`, or another version of the interface, from the other.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info: {title: Orders, version: 2.0.0}
servers:
  - url: https://api.shop.example/v2
  - url: https://api.sandbox.shop.example/v2
  - url: https://api.staging.shop.example/v1 # <-
paths: {}
```

## Good
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info: {title: Orders, version: 2.0.0}
servers:
  - url: https://api.shop.example/v2
  - url: https://api.sandbox.shop.example/v2
  - url: https://api.staging.shop.example/v2
paths: {}
```

## Fix
Writes the version most servers have. Unsafe: nobody here can call the server to see whether it has that one. None where there is no majority.

## References
- [OpenAPI: Server Object](https://spec.openapis.org/oas/latest.html#server-object)

## Equivalent rules
None known.
"""

import re
from collections import Counter
from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument
from rollsafe.artefacts.contracts.addresses import servers_of, text_node
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Edit, Finding, Fix, Level, Related, Safety, Severity, Span, rule

_URL = re.compile(r"https?://(?P<host>[^/:{}]+)(?::\d+)?(?P<path>/[^?#{}]*)?\Z", re.I)
_VERSION = re.compile(r"(?<=/)v\d+(?:\.\d+)?(?=/|\Z)", re.I)
_OWN = re.compile(
    r"(?:localhost|127\.|0\.0\.0\.0|\[?::1|host\.docker\.internal|.*\.(?:local|localhost|test)\Z)", re.I
)


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, level=Level.PEDANTIC)
def check(document: ApiDocument) -> Iterator[Finding]:
    """Yield a finding for each server whose version is not that of most."""
    found: list[tuple[Scalar, str]] = []
    for server in servers_of(document):
        node = text_node(server.node, "url")
        match = _URL.match(node.text) if node is not None and len(server.path) == 2 else None
        if node is not None and match is not None and not _OWN.match(match["host"]):
            told = _VERSION.search(match["path"] or "")
            found.append((node, told[0].lower() if told is not None else ""))
    counts = Counter(version for _, version in found)
    if len(counts) < 2 or not any(counts):
        return
    usual, most = counts.most_common(1)[0]
    is_majority = most > len(found) / 2
    first = next(node for node, version in found if version == usual)
    for node, version in found:
        if version != usual:
            yield Finding(
                node,
                f"`{node.text}` serves {_told(version)}, and `{first.text}` {_told(usual)}",
                fixes=_fixes(document, node, usual) if is_majority and usual and version else (),
                related=(Related(document.file, first, f"this one serves {_told(usual)}"),),
            )


def _told(version: str) -> str:
    return f"`{version}`" if version else "no version"


def _fixes(document: ApiDocument, node: Scalar, version: str) -> tuple[Fix, ...]:
    written = document.file.text[node.start : node.end]
    match, at = _VERSION.search(node.text), written.find(node.text)
    if match is None or at < 0:
        return ()
    start = node.start + at + match.start()
    edit = Edit(Span(start, start + len(match[0])), version)
    return (Fix(f"Write `{version}`", Safety.UNSAFE, edits=(edit,)),)
