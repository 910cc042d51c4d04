"""A `$ref` leads to nothing.

## What it does
Follows every `$ref` of an OpenAPI or AsyncAPI document: within the document and into other files of the project. It
tells one whose file does not exist, or whose file has nothing at that place. References to other hosts are never
fetched and not judged.

## Why it matters
Generators, gateways and mock servers refuse the document, or leave the part out.

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
          $ref: "#/components/responses/Ordrs"  # <-
components:
  responses:
    Orders:
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
      responses:
        "200":
          $ref: "#/components/responses/Orders"
components:
  responses:
    Orders:
      description: All orders
```

## Fix
Writes the nearest name that is there. Unsafe: it says something from then on.

## References
- [OpenAPI Specification](https://spec.openapis.org/oas/latest.html)
- [AsyncAPI Specification](https://www.asyncapi.com/docs/reference/specification/latest)

## Equivalent rules
- `spectral:invalid-ref`
- `asyncapi-parser:invalid-ref`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument, EventDocument, Resolver, read_reference, reference_in
from rollsafe.artefacts.contracts.places import places_of
from rollsafe.artefacts.contracts.references import Gap
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.text import nearest
from rollsafe.workspace.contract_references import resolver
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(document: ApiDocument | EventDocument, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each reference that leads to nothing."""
    for place in places_of(document).references:
        written = reference_in(place.node)
        if written is None:
            continue
        reference = read_reference(written.text, document.file.path)
        if reference.is_remote:
            continue
        if reference.path != document.file.path and not graph.has_file(reference.path):
            yield Finding(written, f"`{written.text[:120]}`: there is no file `{reference.path}`")
            continue
        gap = resolver(graph).gap(written.text, document.file.path)
        if gap is not None:
            yield Finding(
                written,
                f"`{written.text[:120]}` leads to nothing: there is no `{gap.name[:60]}`{_hint(gap.name, gap.around)}",
                fixes=_fixes(written, gap, resolver(graph), document.file.path),
            )


def _hint(name: str, around: Mapping | None) -> str:
    close = nearest(name, around.keys()) if around is not None else None
    return f"; the nearest is `{close}`" if close is not None else ""


def _fixes(written: Scalar, gap: Gap, follow: Resolver, path: str) -> tuple[Fix, ...]:
    """Return the fix that writes the nearest name, where that leads somewhere."""
    close = nearest(gap.name, gap.around.keys()) if gap.around is not None else None
    if close is None or written.block or written.text.count(gap.name) != 1 or "/" in close or "~" in close:
        return ()
    text = written.text.replace(gap.name, close)
    if follow.target(text, path) is None:
        return ()
    quoted = text if written.plain else f'"{text}"'
    return (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(Edit(Span.of(written), quoted),)),)
