"""The path of an operation, the address of a channel or the URL of a server is not formed well.

## What it does
Looks at the paths of OpenAPI, the channels of AsyncAPI and the servers of both: an empty `{}`, a query or a fragment,
a slash at the end.

## Why it matters
Where a client joins a URL that ends in a slash with a path that begins with one, the call goes to `//orders`, which many
servers do not know. A query in a path is never matched, and `{}` has no name to fill in.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
servers:
  - url: https://shop.test/v1/  # <-
paths: {}
```

## Good
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
servers:
  - url: https://shop.test/v1
paths: {}
```

## Fix
Takes the slash at the end away. Unsafe: servers may tell the two apart.

## References
- [OpenAPI: Paths Object](https://spec.openapis.org/oas/latest.html#paths-object)
- [AsyncAPI Specification](https://www.asyncapi.com/docs/reference/specification/latest)

## Equivalent rules
- `spectral:path-declarations-must-exist`
- `spectral:path-keys-no-trailing-slash`
- `spectral:path-not-include-query`
- `spectral:oas2-host-trailing-slash`
- `spectral:oas3-server-trailing-slash`
- `spectral:asyncapi-channel-no-empty-parameter`
- `spectral:asyncapi-channel-no-query-nor-fragment`
- `spectral:asyncapi-channel-no-trailing-slash`
- `spectral:asyncapi-3-channel-no-empty-parameter`
- `spectral:asyncapi-3-channel-no-query-nor-fragment`
- `spectral:asyncapi-3-channel-no-trailing-slash`
- `spectral:asyncapi-server-no-empty-variable`
- `spectral:asyncapi-server-no-trailing-slash`
- `spectral:asyncapi-3-server-no-empty-variable`
- `spectral:asyncapi-3-server-no-trailing-slash`
- `asyncapi-parser:asyncapi2-channel-no-empty-parameter`
- `asyncapi-parser:asyncapi2-channel-no-query-nor-fragment`
- `asyncapi-parser:asyncapi2-channel-no-trailing-slash`
- `asyncapi-parser:asyncapi2-server-no-empty-variable`
- `asyncapi-parser:asyncapi2-server-no-trailing-slash`
- `asyncapi-parser:asyncapi3-channel-no-query-nor-fragment`
"""

from collections.abc import Iterator
from typing import NamedTuple

from rollsafe.artefacts.contracts import ApiDocument, EventDocument, entries_of
from rollsafe.artefacts.contracts.addresses import servers_of, text_node
from rollsafe.formats.nodes import Mapping, Node, Scalar, resolve
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule


class _Address(NamedTuple):
    """A text that leads somewhere, and the rules of peers about each thing that is wrong with it."""

    node: Scalar
    name: str
    empty: tuple[str, ...]
    query: tuple[str, ...]
    slash: tuple[str, ...]


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(document: ApiDocument | EventDocument) -> Iterator[Finding]:
    """Yield a finding for each address that is not formed well."""
    addresses = _of_api(document) if isinstance(document, ApiDocument) else _of_events(document)
    for one in addresses:
        text = one.node.text
        if "{}" in text and one.empty:
            yield Finding(
                one.node, f"{one.name} `{text[:80]}` has `{{}}`, which has no name", equivalents=one.empty
            )
        bare = text.replace("{?", "")
        if one.query and ("?" in bare or ("#" in text and isinstance(document, EventDocument))):
            message = f"{one.name} `{text[:80]}` has a query or a fragment"
            yield Finding(one.node, message, equivalents=one.query)
        if one.slash and len(text) > 1 and text.endswith("/"):
            yield Finding(
                one.node,
                f"{one.name} `{text[:80]}` ends in a slash",
                fixes=_fixes(document, one.node),
                equivalents=one.slash,
            )


def _fixes(document: ApiDocument | EventDocument, node: Scalar) -> tuple[Fix, ...]:
    written = document.file.text[node.start : node.end]
    at = written.rfind("/")
    if node.block or at < 0 or written[at + 1 :].strip("\"'"):
        return ()
    edit = Edit(Span(node.start + at, node.start + at + 1), "")
    return (Fix("Remove the slash at the end", Safety.UNSAFE, edits=(edit,)),)


def _of_api(document: ApiDocument) -> Iterator[_Address]:
    for entry in entries_of(document.root.at("paths")):
        if isinstance(entry.key, Scalar) and entry.name.startswith("/"):
            yield _Address(
                entry.key,
                "Path",
                ("spectral:path-declarations-must-exist",),
                ("spectral:path-not-include-query",),
                ("spectral:path-keys-no-trailing-slash",),
            )
    host = text_node(document.root, "host")
    if document.is_swagger and host is not None:
        yield _Address(host, "Host", (), (), ("spectral:oas2-host-trailing-slash",))
    for item in document.root.items_at("servers"):
        url = _text(item, "url")
        if url is not None:
            yield _Address(url, "Server", (), (), ("spectral:oas3-server-trailing-slash",))


def _of_events(document: EventDocument) -> Iterator[_Address]:
    is_new = document.numbers[0] == 3
    own = "spectral:asyncapi-3-" if is_new else "spectral:asyncapi-"
    of_parser = f"asyncapi-parser:asyncapi{document.numbers[0]}-"

    def named(name: str, *, is_of_both: bool = True) -> tuple[str, ...]:
        return (f"{own}{name}", f"{of_parser}{name}") if is_of_both else (f"{own}{name}",)

    for entry in entries_of(document.root.at("channels")):
        address = _text(entry.value, "address") if is_new else entry.key
        if is_new and isinstance(entry.key, Scalar) and {"?", "#"} & set(entry.name) and address is None:
            parser = ("asyncapi-parser:asyncapi3-channel-no-query-nor-fragment",)
            yield _Address(entry.key, "Channel", (), parser, ())
        if isinstance(address, Scalar):
            yield _Address(
                address,
                "Channel",
                named("channel-no-empty-parameter", is_of_both=not is_new),
                named("channel-no-query-nor-fragment"),
                named("channel-no-trailing-slash", is_of_both=not is_new),
            )
    for server in servers_of(document):
        for key in ("host", "pathname") if is_new else ("url",):
            node = text_node(server.node, key)
            if node is not None and server.path[0] == "servers":
                both = not is_new
                slash = named("server-no-trailing-slash", is_of_both=both) if key != "pathname" else ()
                yield _Address(node, "Server", named("server-no-empty-variable", is_of_both=both), (), slash)


def _text(node: Node | None, key: str) -> Scalar | None:
    node = resolve(node)
    return text_node(node, key) if isinstance(node, Mapping) else None
