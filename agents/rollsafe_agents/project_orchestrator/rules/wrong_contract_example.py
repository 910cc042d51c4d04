"""An example or a default does not fit its schema.

## What it does
Holds examples and defaults of OpenAPI and AsyncAPI documents against the schema they stand beside, references followed
into other files of the project: those of schemas, parameters, media types, headers and messages.

## Why it matters
Mock servers answer with it, tests are made of it, and readers copy it: what they send is refused. A wrong default is
what a server fills in.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
paths: {}
components:
  schemas:
    Order:
      type: object
      properties:
        count:
          type: integer
          default: "1"  # <-
```

## Good
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
paths: {}
components:
  schemas:
    Order:
      type: object
      properties:
        count:
          type: integer
          default: 1
```

## Fix
Writes the same value as the type that is wanted, where that is certain.

## References
- [JSON Schema: validation](https://json-schema.org/draft/2020-12/json-schema-validation)
- [OpenAPI Specification](https://spec.openapis.org/oas/latest.html)

## Equivalent rules
- `spectral:oas2-valid-schema-example`
- `spectral:oas3-valid-schema-example`
- `spectral:oas2-valid-media-example`
- `spectral:oas3-valid-media-example`
- `spectral:asyncapi-schema-examples`
- `spectral:asyncapi-schema-default`
- `spectral:asyncapi-payload-examples`
- `spectral:asyncapi-payload-default`
- `spectral:asyncapi-message-examples`
- `asyncapi-parser:asyncapi2-schema-examples`
- `asyncapi-parser:asyncapi2-schema-default`
- `asyncapi-parser:asyncapi2-message-examples`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument, EventDocument
from rollsafe.artefacts.contracts.examples import Sample, wrong_samples
from rollsafe.artefacts.contracts.flaws import Flaw, FlawKind
from rollsafe.formats.nodes import Mapping, Scalar, Sequence
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.contracts import matter, type_fixes, where_is
from rollsafe.text import Located
from rollsafe.workspace.contract_references import resolver
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.SAFE)
def check(document: ApiDocument | EventDocument, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each value of an example that its schema does not allow."""
    for sample, flaw in wrong_samples(document, resolver(graph)):
        what = "default" if sample.of == "default" else "example"
        where: Located = flaw.where
        if flaw.kind is FlawKind.MISSING and isinstance(where, Mapping):
            where = where_is(document, flaw.path[:-1])
        elif isinstance(where, Mapping | Sequence):
            where = where_is(document, flaw.path)
        yield Finding(
            where,
            f"The {what} does not fit its schema: {_told(flaw, sample)}",
            fixes=type_fixes(flaw) if flaw.kind is FlawKind.TYPE else (),
            level=Level.PEDANTIC if _is_nothing(sample) else None,
            equivalents=_equivalents(document, sample),
        )


def _is_nothing(sample: Sample) -> bool:
    """Say whether a default is null, which many tools write for "none"."""
    return sample.of == "default" and isinstance(sample.node, Scalar) and sample.node.is_null


def _told(flaw: Flaw, sample: Sample) -> str:
    inner = flaw.path[len(sample.path) :]
    if flaw.kind is FlawKind.MISSING:
        return f"it has no `{flaw.key[:60]}`"
    if flaw.kind is FlawKind.UNKNOWN:
        return f"there is no `{flaw.key[:60]}`"
    name = f"`{inner[-1][:60]}`" if inner and not inner[-1].isdecimal() else "it"
    return f"{name} {matter(flaw)}"


def _equivalents(document: ApiDocument | EventDocument, sample: Sample) -> tuple[str, ...]:
    if isinstance(document, ApiDocument):
        kind = "media" if sample.of == "media" else "schema"
        return (f"spectral:oas{2 if document.is_swagger else 3}-valid-{kind}-example",)
    if document.numbers[0] != 2:
        return ()
    if sample.of == "message":
        return "spectral:asyncapi-message-examples", "asyncapi-parser:asyncapi2-message-examples"
    word = "default" if sample.of == "default" else "examples"
    place = "payload" if "payload" in sample.path[:5] else "schema"
    return f"spectral:asyncapi-{place}-{word}", f"asyncapi-parser:asyncapi2-schema-{word}"
