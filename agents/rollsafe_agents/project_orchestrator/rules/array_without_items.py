"""A schema says it is an array and not of what.

## What it does
Looks for schemas of OpenAPI documents with `type: array` and no `items`, and for such parameters of version 2.

## Why it matters
OpenAPI 2.0 and 3.0 require `items`: generators refuse the schema, or make a list of anything.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
paths: {}
components:
  schemas:
    Orders:
      type: array  # <-
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
    Orders:
      type: array
      items: {}
```

## Fix
Adds `items: {}`, which says what is meant now: anything.

## References
- [OpenAPI 3.0: Schema Object](https://spec.openapis.org/oas/v3.0.3.html#schema-object)

## Equivalent rules
- `spectral:array-items`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument
from rollsafe.artefacts.contracts.addresses import entry_at
from rollsafe.artefacts.contracts.places import Place, places_of
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve
from rollsafe.formats.yaml_edit import add_entry_after
from rollsafe.rules import Finding, Fix, Safety, Severity, rule


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(document: ApiDocument) -> Iterator[Finding]:
    """Yield a finding for each array of nobody knows what."""
    places = places_of(document)
    schemas = {id(place.node) for place in places.schemas}
    looked_at: set[int] = set()
    for place in (*places.schemas, *places.typed):
        node = place.node
        entry = entry_at(node, "type")
        if id(node) in looked_at or entry is None:
            continue
        looked_at.add(id(node))
        is_more = node.value("prefixItems") is not None
        if _is_array(resolve(entry.value)) and node.value("items") is None and not is_more:
            # What stands where no schema belongs, such as right in a response, has no right place for `items`.
            has_place = id(node) in schemas or (document.is_swagger and node.value("in") is not None)
            fixes = _fixes(document, node) if has_place else ()
            yield Finding(entry.key, f"{_name(place)} is an array without `items`", fixes=fixes)


def _is_array(value: Node | None) -> bool:
    if isinstance(value, Sequence):
        return any(isinstance(one, Scalar) and one.text == "array" for one in value.items)
    return isinstance(value, Scalar) and value.text == "array"


def _name(place: Place) -> str:
    last = place.path[-1] if place.path else ""
    return f"`{last[:60]}`" if last and not last.isdecimal() else "The schema"


def _fixes(document: ApiDocument, node: Mapping) -> tuple[Fix, ...]:
    entry = node.entry("type")
    if entry is None or node.flow:
        return ()
    edit = add_entry_after(document.file.text, entry, "items", "{}")
    return (Fix("Add `items: {}`", Safety.SAFE, edits=(edit,)),)
