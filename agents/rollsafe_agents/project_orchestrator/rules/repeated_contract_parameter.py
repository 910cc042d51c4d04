"""An operation declares a parameter twice.

## What it does
Looks for two parameters of one operation, or of one path, with the same name in the same place; and in OpenAPI 2.0 for
two bodies, or a body beside form parameters.

## Why it matters
Which of the two counts, each tool decides for itself; most refuse the document.

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
        - name: limit
          in: query
          schema:
            type: integer
        - name: limit  # <-
          in: query
          schema:
            type: string
      responses:
        "200":
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
      parameters:
        - name: limit
          in: query
          schema:
            type: integer
      responses:
        "200":
          description: All orders
```

## Fix
Takes the second one out. Unsafe: it may be the one that is meant.

## References
- [OpenAPI: Parameter Object](https://spec.openapis.org/oas/latest.html#parameter-object)

## Equivalent rules
- `spectral:operation-parameters`
- `spectral:oas2-schema`
- `spectral:oas3-schema`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument
from rollsafe.artefacts.contracts.values import plain, same
from rollsafe.formats.nodes import Mapping, Node, Sequence, resolve
from rollsafe.formats.yaml_removal import remove_item
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.fields import place_of


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(document: ApiDocument) -> Iterator[Finding]:
    """Yield a finding for each parameter that is there already."""
    for node in [*(item for _, item in document.paths), *(one.node for one in document.operations)]:
        parameters = node.at("parameters")
        if isinstance(parameters, Sequence):
            yield from _repeated(document, node.key_at("parameters") or parameters, parameters)


def _repeated(document: ApiDocument, listed: Node, parameters: Sequence) -> Iterator[Finding]:
    first: dict[tuple[str, str], Mapping] = {}
    for index, item in enumerate(map(resolve, parameters.items)):
        name = item.text_at("name") if item is not None else None
        where = item.text_at("in") if item is not None else None
        if not isinstance(item, Mapping) or where is None or (name is None and where != "body"):
            continue
        is_body = document.is_swagger and where == "body"
        key = (where, "" if is_body else name or "")
        before = first.setdefault(key, item)
        if before is not item:
            what = "A second body" if is_body else f"Parameter `{name}` in `{where}`"
            yield Finding(
                place_of(item),
                f"{what} is declared{'' if is_body else ' already'}",
                fixes=_fixes(document, parameters, index),
                related=(Related(document.file, place_of(before), "the first one"),),
                equivalents=_equivalents(document, before, item),
            )
    form = next((one for (where, _), one in first.items() if where == "formData"), None)
    if document.is_swagger and form is not None and ("body", "") in first:
        related = (Related(document.file, place_of(form), "the form"),)
        yield Finding(listed, "Form parameters stand beside a body", related=related)


def _equivalents(document: ApiDocument, first: Mapping, second: Mapping) -> tuple[str, ...]:
    own = ("spectral:operation-parameters",)
    if document.numbers > (3, 0) or not same(plain(first), plain(second)):
        return own
    return *own, "spectral:oas2-schema" if document.is_swagger else "spectral:oas3-schema"


def _fixes(document: ApiDocument, parameters: Sequence, index: int) -> tuple[Fix, ...]:
    edit = remove_item(document.file.text, parameters, index)
    return (Fix("Remove the second one", Safety.UNSAFE, edits=(edit,)),) if edit is not None else ()
