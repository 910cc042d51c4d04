"""A key stands beside a `$ref` and is not read.

## What it does
Looks for keys beside a `$ref` in OpenAPI 2.0 and 3.0. There a reference is the whole value: what stands beside it is
ignored. From OpenAPI 3.1 on, `summary` and `description` are read, and schemas may say more; these are left alone.

## Why it matters
The description, the default or the limit that somebody wrote is not in effect, neither in clients nor in checks, and
nothing tells.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
paths:
  /orders:
    get:
      parameters:
        - $ref: "#/components/parameters/Limit"
          required: true  # <-
      responses:
        "200":
          description: All orders
components:
  parameters:
    Limit:
      name: limit
      in: query
      schema:
        type: integer
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
      parameters:
        - $ref: "#/components/parameters/Limit"
      responses:
        "200":
          description: All orders
components:
  parameters:
    Limit:
      name: limit
      in: query
      schema:
        type: integer
```

## Fix
Takes the key out. Unsafe: tools differ, and some read it.

## References
- [OpenAPI 3.0: Reference Object](https://spec.openapis.org/oas/v3.0.3.html#reference-object)

## Equivalent rules
- `spectral:no-$ref-siblings`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument, Resolver, entries_of, read_reference, reference_in
from rollsafe.artefacts.contracts.places import places_of
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule


@rule(severity=Severity.WARNING, level=Level.PEDANTIC, since="0.1.0", fix=Safety.UNSAFE)
def check(document: ApiDocument) -> Iterator[Finding]:
    """Yield a finding for each key beside a reference."""
    if document.numbers > (3, 0):
        return
    for node in (place.node for place in places_of(document).references):
        for entry in entries_of(node):
            if entry.name != "$ref":
                yield Finding(
                    entry.key,
                    f"`{entry.name[:60]}` beside a `$ref` is not read in {document.language} {document.version}",
                    fixes=_fixes(document, node, entry.name),
                )


def _fixes(document: ApiDocument, node: Mapping, key: str) -> tuple[Fix, ...]:
    """Return the fix that takes a word out, where the reference is one: a `$ref` may be what is wrong."""
    written, value = reference_in(node), node.at(key)
    is_word = isinstance(value, Scalar) and not value.block
    if written is None or not is_word or not _leads_somewhere(document, written.text):
        return ()
    edit = remove_entry(document.file.text, node, key)
    return (Fix(f"Remove `{key}`", Safety.UNSAFE, edits=(edit,)),) if edit is not None else ()


def _leads_somewhere(document: ApiDocument, text: str) -> bool:
    path = document.file.path
    if read_reference(text, path).path != path:
        return True
    return Resolver({path: document.root}.get).target(text, path) is not None
