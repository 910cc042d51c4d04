"""A component of a contract is used nowhere.

## What it does
Looks for components (schemas, parameters, responses, messages and so on) of an OpenAPI or AsyncAPI document that no
`$ref` leads to, and security schemes of AsyncAPI 2 nobody asks for. A document that other files refer to is not judged.

## Why it matters
Generators make code for it all the same, and readers take it for a part of the interface.

## Bad
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
components:
  schemas:
    Order:  # <-
      type: object
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
          content:
            application/json:
              schema:
                $ref: "#/components/schemas/Order"
components:
  schemas:
    Order:
      type: object
```

## Fix
None: it may be what an operation forgot to use.

## References
- [OpenAPI Specification](https://spec.openapis.org/oas/latest.html)
- [AsyncAPI Specification](https://www.asyncapi.com/docs/reference/specification/latest)

## Equivalent rules
- `spectral:oas2-unused-definition`
- `spectral:oas3-unused-component`
- `spectral:asyncapi-unused-components-schema`
- `spectral:asyncapi-unused-components-server`
- `asyncapi-parser:asyncapi-unused-component`
- `asyncapi-parser:asyncapi2-unused-securityScheme`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.contracts import ApiDocument, EventDocument, entries_of
from rollsafe.artefacts.contracts.places import pointers_in
from rollsafe.artefacts.contracts.security import asked_of
from rollsafe.formats.nodes import Entry, Mapping
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.workspace.contract_references import is_referred_to
from rollsafe.workspace.graph import Graph

_OF_API: Final = (
    "schemas", "responses", "parameters", "examples", "requestBodies", "headers", "links", "callbacks", "pathItems",
)  # fmt: skip


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC)
def check(document: ApiDocument | EventDocument, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each component that nothing leads to."""
    if is_referred_to(graph, document.file.path):
        return
    used = pointers_in(document)
    for path, entry, equivalents in _components(document):
        step = entry.name.replace("~", "~0").replace("/", "~1")
        pointer = f"#/{'/'.join(path)}/{step}"
        if pointer not in used and not any(one.startswith(f"{pointer}/") for one in used):
            name = f"`{entry.name[:60]}` of `{path[-1]}`"
            yield Finding(entry.key, f"{name} is used nowhere in the document", equivalents=equivalents)
    if isinstance(document, EventDocument) and document.numbers[0] == 2:
        yield from _schemes(document)


def _schemes(document: EventDocument) -> Iterator[Finding]:
    asked = {one.entry.name for one in asked_of(document)}
    for entry in entries_of(document.root.at("components", "securitySchemes")):
        if entry.name not in asked:
            yield Finding(
                entry.key,
                f"Security scheme `{entry.name[:60]}` is asked for nowhere in the document",
                equivalents=("asyncapi-parser:asyncapi2-unused-securityScheme",),
            )


def _components(
    document: ApiDocument | EventDocument,
) -> Iterator[tuple[tuple[str, ...], Entry, tuple[str, ...]]]:
    if isinstance(document, ApiDocument) and document.is_swagger:
        for entry in entries_of(document.root.at("definitions")):
            yield ("definitions",), entry, ("spectral:oas2-unused-definition",)
        return
    components = document.root.at("components")
    for group in entries_of(components):
        if isinstance(document, ApiDocument) and group.name not in _OF_API:
            continue
        if group.name == "securitySchemes" or group.name.startswith("x-"):
            continue
        inner = group.value if isinstance(group.value, Mapping) else None
        for entry in entries_of(inner):
            if not entry.name.startswith("x-") or isinstance(document, ApiDocument):
                yield ("components", group.name), entry, _equivalents(document, group.name)


def _equivalents(document: ApiDocument | EventDocument, group: str) -> tuple[str, ...]:
    if isinstance(document, ApiDocument):
        return ("spectral:oas3-unused-component",)
    own = {"schemas": "schema", "servers": "server"}.get(group)
    of_parser = ("asyncapi-parser:asyncapi-unused-component",) if document.numbers[0] == 2 else ()
    if own is not None:
        return (
            f"spectral:asyncapi-unused-components-{own}",
            *of_parser,
        )
    return of_parser
