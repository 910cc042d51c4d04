"""An operation has a tag that the document does not list.

## What it does
Compares the tags of an OpenAPI document's operations with `tags` of the document. In a document without such a list it is told to
auditors only.

## Why it matters
Pages and generated packages are made of each tag: a misspelt one is a page of its own, without a description and away from the
operations that it belongs to.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
tags:
  - name: orders
paths:
  /orders:
    get:
      tags: [order]  # <-
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
tags:
  - name: orders
paths:
  /orders:
    get:
      tags: [orders]
      responses:
        "200":
          description: All orders
```

## Fix
Writes the nearest tag there is, where one is near.

## References
- [OpenAPI: Operation Object](https://spec.openapis.org/oas/latest.html#operation-object)
- [OpenAPI: Tag Object](https://spec.openapis.org/oas/latest.html#tag-object)

## Equivalent rules
- `spectral:operation-tag-defined`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.contracts import ApiDocument
from rollsafe.formats.nodes import Mapping, Scalar, Sequence
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.text import nearest


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.SAFE)
def check(document: ApiDocument) -> Iterator[Finding]:
    """Yield a finding for each tag of an operation that the document does not list."""
    listed = document.root.at("tags")
    if listed is not None and not isinstance(listed, Sequence):
        return
    known = _names(listed) if listed is not None else []
    for operation in document.operations:
        tags = operation.node.at("tags")
        for tag in tags.items if isinstance(tags, Sequence) else ():
            if isinstance(tag, Scalar) and tag.text and tag.text not in known:
                yield Finding(
                    tag,
                    f"Tag `{tag.text[:60]}` is not in `tags` of the document",
                    fixes=partial(_fixes, tag, known),
                    level=None if known else Level.AUDITOR,
                )


def _names(tags: Sequence) -> list[str]:
    return [item.text_at("name") or "" for item in tags.items if isinstance(item, Mapping)]


def _fixes(tag: Scalar, known: list[str]) -> tuple[Fix, ...]:
    close = nearest(tag.text, known)
    if close is None or tag.block:
        return ()
    written = close if tag.plain and close.isidentifier() else f'"{close}"'
    return (Fix(f"Write `{close}`", Safety.SAFE, edits=(Edit(Span.of(tag), written),)),)
