"""Clients that are turned away are not told when to come back.

## What it does
Looks for responses `429` and `503` of OpenAPI documents without a header `Retry-After`; a header of the `RateLimit` kind will do for `429`.
Responses that stand in files nobody reads are left alone.

## Why it matters
Without it every client comes back when it likes, most of them at once. The service that could not keep up is hit by all of them together
just when it has recovered.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    get:
      operationId: listOrders
      responses:
        "200": {description: All orders}
        "429": # <-
          description: Too many calls
```

## Good
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    get:
      operationId: listOrders
      responses:
        "200": {description: All orders}
        "429":
          description: Too many calls
          headers:
            Retry-After:
              description: Seconds to wait before the next call
              schema:
                type: integer
```

## Fix
Describes the header. Manual: the service has to send it.

## References
- [RFC 9110: Retry-After](https://www.rfc-editor.org/rfc/rfc9110#field.retry-after)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument, entries_of
from rollsafe.formats.nodes import Entry, Mapping
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.workspace.contract_references import resolver
from rollsafe.workspace.graph import Graph

_REFUSALS = ("429", "503")
_HEADER = "description: Seconds to wait before the next call\n"


@rule(severity=Severity.INFO, since="0.1.0", fix=Safety.MANUAL, level=Level.AUDITOR)
def check(document: ApiDocument, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each such response, where it is written; one in components is told once."""
    follow, told = resolver(graph), set[int]()
    for operation in document.operations:
        for entry in entries_of(operation.node.at("responses")):
            found = follow.value(entry.value, document.file.path) if entry.name in _REFUSALS else None
            response = found.node if found is not None else None
            if not isinstance(response, Mapping) or id(response) in told or _says_when(entry, response):
                continue
            told.add(id(response))
            is_here = found is not None and found.path == document.file.path
            yield Finding(
                entry.key,
                f"`{operation.label}` answers `{entry.name}` and does not say when to call again",
                fixes=_fixes(document, response) if is_here else (),
            )


def _says_when(entry: Entry, response: Mapping) -> bool:
    names = [one.name.lower() for one in entries_of(response.at("headers"))]
    return "retry-after" in names or (
        entry.name == "429" and any("ratelimit" in one or "rate-limit" in one for one in names)
    )


def _fixes(document: ApiDocument, response: Mapping) -> tuple[Fix, ...]:
    text = document.file.text
    schema = _HEADER + ("type: integer" if document.is_swagger else "schema:\n  type: integer")
    headers = response.at("headers")
    if headers is None and response.entries:
        lines = "\n".join(f"  {line}" for line in schema.split("\n"))
        edit = add_entry(text, response, "headers", f"Retry-After:\n{lines}")
    elif isinstance(headers, Mapping) and headers.entries and headers.value("$ref") is None:
        edit = add_entry(text, headers, "Retry-After", schema)
    else:
        return ()
    return (Fix("Describe `Retry-After`", Safety.MANUAL, edits=(edit,)),)
