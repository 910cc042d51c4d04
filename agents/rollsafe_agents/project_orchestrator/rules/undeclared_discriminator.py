"""A schema is told apart by a property it does not require.

## What it does
Looks at the `discriminator` of the definitions of OpenAPI 2.0: the property it names has to be among the `properties`
and among the `required` ones.

## Why it matters
An object without it is valid, and the receiver cannot tell which type to make: generated code fails at run time.

## Bad
```yaml title="api/openapi.yaml"
swagger: "2.0"
info:
  title: Orders
  version: 1.0.0
paths: {}
definitions:
  Payment:
    type: object
    discriminator: kind
    required:  # <-
      - amount
    properties:
      kind:
        type: string
      amount:
        type: integer
```

## Good
```yaml title="api/openapi.yaml"
swagger: "2.0"
info:
  title: Orders
  version: 1.0.0
paths: {}
definitions:
  Payment:
    type: object
    discriminator: kind
    required:
      - amount
      - kind
    properties:
      kind:
        type: string
      amount:
        type: integer
```

## Fix
Adds the property to the required ones. Unsafe: requests without it are refused from then on.

## References
- [OpenAPI 2.0: Schema Object](https://spec.openapis.org/oas/v2.0.html#schema-object)

## Equivalent rules
- `spectral:oas2-discriminator`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument, mappings_in
from rollsafe.artefacts.contracts.addresses import text_node
from rollsafe.formats.nodes import Mapping, Scalar, Sequence
from rollsafe.formats.yaml_edit import add_item
from rollsafe.rules import Finding, Fix, Safety, Severity, rule


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(document: ApiDocument) -> Iterator[Finding]:
    """Yield a finding for each discriminator that is no property, or one that may be left out."""
    for entry, schema in mappings_in(document.root.at("definitions")) if document.is_swagger else ():
        named = text_node(schema, "discriminator")
        if named is None:
            continue
        properties, required = schema.at("properties"), schema.at("required")
        if not isinstance(properties, Mapping) or properties.value(named.text) is None:
            message = f"`{entry.name}` is told apart by `{named.text}`, which is none of its properties"
            yield Finding(schema.key_at("properties") or named, message)
        words = required.items if isinstance(required, Sequence) else []
        if not any(isinstance(one, Scalar) and one.text == named.text for one in words):
            yield Finding(
                schema.key_at("required") or named,
                f"`{entry.name}` is told apart by `{named.text}`, which it does not require",
                fixes=_fixes(document, required, named.text),
            )


def _fixes(document: ApiDocument, required: object, name: str) -> tuple[Fix, ...]:
    if not isinstance(required, Sequence) or not required.items:
        return ()
    edit = add_item(document.file.text, required, name)
    return (Fix(f"Require `{name}`", Safety.UNSAFE, edits=(edit,)),)
