"""The values of an `enum` are repeated or not of the type of their schema.

## What it does
Looks at each `enum` of the schemas of an OpenAPI document: a value that is listed twice, and one that is not of the
`type` beside it. What may be null, may list null.

## Why it matters
A value of another type can never be sent, so one of the words there are is lost; generators refuse a word that is there
twice, or make code that does not compile.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
paths: {}
components:
  schemas:
    Size:
      type: string
      enum:
        - small
        - 2  # <-
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
    Size:
      type: string
      enum:
        - small
        - "2"
```

## Fix
Writes the value as the type that is wanted, or takes out what is there already.

## References
- [JSON Schema: validation](https://json-schema.org/draft/2020-12/json-schema-validation)

## Equivalent rules
- `spectral:typed-enum`
- `spectral:duplicated-entry-in-enum`
- `spectral:oas2-schema`
- `spectral:oas3-schema`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument
from rollsafe.artefacts.contracts.addresses import entry_at
from rollsafe.artefacts.contracts.flaws import Flaw, FlawKind
from rollsafe.artefacts.contracts.places import places_of
from rollsafe.artefacts.contracts.validation import repeated
from rollsafe.artefacts.contracts.values import type_of
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve
from rollsafe.formats.yaml_removal import remove_item
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.contracts import type_fixes
from rollsafe.rules.fields import told_value


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.SAFE)
def check(document: ApiDocument) -> Iterator[Finding]:
    """Yield a finding for each value that is there already or can never be."""
    seen: set[int] = set()
    for place in (*places_of(document).schemas, *places_of(document).holders):
        entry = entry_at(place.node, "enum")
        words = resolve(entry.value) if entry is not None else None
        if isinstance(words, Sequence) and id(words) not in seen:
            seen.add(id(words))
            yield from _twice(document, entry.key if entry is not None else words, words)
            yield from _mistyped(document, place.node, words)


def _twice(document: ApiDocument, where: Node, words: Sequence) -> Iterator[Finding]:
    of_schema = ("spectral:oas2-schema",) if document.is_swagger else ()
    for item in repeated(words):
        edit = remove_item(document.file.text, words, words.items.index(item))
        fixes = (Fix("Remove the second one", Safety.SAFE, edits=(edit,)),) if edit is not None else ()
        yield Finding(
            where,
            f"{told_value(item)} is listed twice",
            fixes=fixes,
            related=(Related(document.file, item, "the second time"),),
            equivalents=("spectral:duplicated-entry-in-enum", *of_schema),
        )


def _mistyped(document: ApiDocument, schema: Mapping, words: Sequence) -> Iterator[Finding]:
    node = schema.at("type")
    listed = node.items if isinstance(node, Sequence) else [node]
    types = tuple(one.text for one in listed if isinstance(one, Scalar) and not one.is_null)
    if schema.bool_at("nullable") is True or schema.bool_at("x-nullable") is True:
        types = (*types, "null")
    if not types or types == ("null",):
        return
    for item in map(resolve, words.items):
        kind = type_of(item) if item is not None else ""
        if item is None or not kind or kind in types or (kind == "integer" and "number" in types):
            continue
        flaw = Flaw(FlawKind.TYPE, item, "", (), None, types)
        yield Finding(
            item,
            f"{told_value(item)} is not of the type `{types[0]}`",
            fixes=type_fixes(flaw) if kind != "null" else (),
            equivalents=("spectral:typed-enum",),
        )
