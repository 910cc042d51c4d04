"""A contract has a part where its version does not take it.

## What it does
Looks for `anyOf` and `oneOf` in OpenAPI 2.0, which came with 3.0; for callbacks within callbacks; for callbacks and
servers within webhooks; and for form parameters of OpenAPI 2.0 beside a `consumes` that names no form.

## Why it matters
Tools read over it: what was to be one of several is anything, and the server takes no form.

## Bad
```yaml title="api/openapi.yaml"
swagger: "2.0"
info:
  title: Orders
  version: 1.0.0
paths: {}
definitions:
  Order:
    type: object
    properties:
      size:
        anyOf:  # <-
          - type: string
          - type: integer
```

## Good
```yaml title="api/openapi.yaml"
swagger: "2.0"
info:
  title: Orders
  version: 1.0.0
paths: {}
definitions:
  Order:
    type: object
    properties:
      size:
        type: string
```

## Fix
None: what is meant cannot be said in this version.

## References
- [OpenAPI 2.0](https://spec.openapis.org/oas/v2.0.html)

## Equivalent rules
- `spectral:oas2-anyOf`
- `spectral:oas2-oneOf`
- `spectral:oas2-schema`
- `spectral:oas3-callbacks-in-callbacks`
- `spectral:oas3_1-callbacks-in-webhook`
- `spectral:oas3_1-servers-in-webhook`
- `spectral:oas2-operation-formData-consume-check`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument, mappings_in
from rollsafe.artefacts.contracts.places import places_of
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.rules import Finding, Level, Severity, rule

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC)
def check(document: ApiDocument) -> Iterator[Finding]:
    """Yield a finding for each part that has no effect where it stands."""
    if document.is_swagger:
        yield from _alternatives(document)
        yield from _forms(document)
    else:
        yield from _nested(document)
        yield from _of_webhooks(document)


def _alternatives(document: ApiDocument) -> Iterator[Finding]:
    for place in places_of(document).schemas:
        for word in ("anyOf", "oneOf"):
            key = place.node.key_at(word)
            if key is not None and isinstance(place.node.at(word), Mapping | type(None)) is False:
                yield Finding(
                    key,
                    f"OpenAPI 2.0 knows no `{word}`",
                    equivalents=(f"spectral:oas2-{word}", "spectral:oas2-schema"),
                )


def _forms(document: ApiDocument) -> Iterator[Finding]:
    for operation in document.operations:
        consumes = [one.text for one in operation.node.items_at("consumes") if isinstance(one, Scalar)]
        is_form = any(one.text_at("in") == "formData" for one in operation.node.items_at("parameters"))
        if is_form and operation.node.at("consumes") is not None and not set(_FORMS) & set(consumes):
            yield Finding(
                operation.entry.key,
                f"`{operation.label}` has form parameters and consumes no form",
                equivalents=("spectral:oas2-operation-formData-consume-check",),
            )


def _nested(document: ApiDocument) -> Iterator[Finding]:
    for operation in document.operations:
        for _, callback in mappings_in(operation.node.at("callbacks")):
            for _, item in mappings_in(callback):
                for _, inner in mappings_in(item):
                    key = inner.key_at("callbacks")
                    if key is not None:
                        equivalents = ("spectral:oas3-callbacks-in-callbacks",)
                        yield Finding(key, "A callback has callbacks of its own", equivalents=equivalents)


def _of_webhooks(document: ApiDocument) -> Iterator[Finding]:
    for entry, item in mappings_in(document.root.at("webhooks")):
        for _, operation in mappings_in(item):
            for word in ("servers", "callbacks"):
                key = operation.key_at(word)
                if key is not None:
                    message = f"Webhook `{entry.name}` has `{word}`, and its receiver has none of these"
                    yield Finding(key, message, equivalents=(f"spectral:oas3_1-{word}-in-webhook",))
