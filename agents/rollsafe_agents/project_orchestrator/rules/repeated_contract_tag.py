"""A tag is listed twice.

## What it does
Looks for two tags of the same name in one `tags` of an OpenAPI or AsyncAPI document.

## Why it matters
Names of tags are to be unique: pages and generated packages are made of each, and one of the two descriptions is lost.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
tags:
  - name: orders
  - name: orders  # <-
paths: {}
```

## Good
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
tags:
  - name: orders
paths: {}
```

## Fix
Takes the second one out. Unsafe where it says more than the first.

## References
- [OpenAPI Specification](https://spec.openapis.org/oas/latest.html)
- [AsyncAPI Specification](https://www.asyncapi.com/docs/reference/specification/latest)

## Equivalent rules
- `spectral:openapi-tags-uniqueness`
- `spectral:asyncapi-tags-uniqueness`
- `spectral:asyncapi-3-tags-uniqueness`
- `asyncapi-parser:asyncapi2-tags-uniqueness`
- `spectral:oas2-schema`
- `spectral:oas3-schema`
- `spectral:asyncapi-schema`
- `spectral:asyncapi-3-document-resolved`
- `asyncapi-parser:asyncapi-document-resolved`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument, EventDocument
from rollsafe.artefacts.contracts.tags import tag_lists
from rollsafe.artefacts.contracts.values import plain, same
from rollsafe.formats.nodes import Mapping, Scalar, Sequence
from rollsafe.formats.yaml_removal import remove_item
from rollsafe.rules import Finding, Fix, Level, Related, Safety, Severity, rule


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(document: ApiDocument | EventDocument) -> Iterator[Finding]:
    """Yield a finding for each tag that is there before."""
    for tags in tag_lists(document):
        first: dict[str, Mapping] = {}
        for index, item in enumerate(tags.items):
            name = item.at("name") if isinstance(item, Mapping) else None
            if not isinstance(name, Scalar) or not isinstance(item, Mapping):
                continue
            before = first.setdefault(name.text, item)
            if before is not item:
                yield Finding(
                    name,
                    f"Tag `{name.text[:60]}` is there already",
                    fixes=_fixes(document, tags, index),
                    related=(Related(document.file, before, "the first one"),),
                    equivalents=_equivalents(document, before, item),
                )


def _fixes(document: ApiDocument | EventDocument, tags: Sequence, index: int) -> tuple[Fix, ...]:
    edit = remove_item(document.file.text, tags, index)
    return (Fix("Remove the second tag", Safety.UNSAFE, edits=(edit,)),) if edit is not None else ()


def _equivalents(document: ApiDocument | EventDocument, first: Mapping, second: Mapping) -> tuple[str, ...]:
    is_same = same(plain(first), plain(second))
    if isinstance(document, ApiDocument):
        of_api = ("spectral:oas2-schema",) if document.is_swagger else ("spectral:oas3-schema",)
        has_sets = document.numbers <= (3, 0)
        return "spectral:openapi-tags-uniqueness", *(of_api if is_same and has_sets else ())
    if document.numbers[0] == 3:
        of_schema = ("spectral:asyncapi-3-document-resolved", "asyncapi-parser:asyncapi-document-resolved")
        return "spectral:asyncapi-3-tags-uniqueness", *(of_schema if is_same else ())
    of_schema = ("spectral:asyncapi-schema", "asyncapi-parser:asyncapi-document-resolved")
    own = ("spectral:asyncapi-tags-uniqueness", "asyncapi-parser:asyncapi2-tags-uniqueness")
    return *own, *(of_schema if is_same else ())
