"""Two operations or messages have the same id.

## What it does
Looks for an `operationId` that two operations of an OpenAPI or AsyncAPI document share, and for a `messageId` that two
AsyncAPI messages share; what traits say is counted.

## Why it matters
Generators make a method or a class of each id: one of the two is lost, or the code does not compile.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
paths:
  /orders:
    get:
      operationId: orders
      responses:
        "200":
          description: All orders
    post:
      operationId: orders  # <-
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
      operationId: orders
      responses:
        "200":
          description: All orders
    post:
      operationId: postOrders
      responses:
        "200":
          description: All orders
```

## Fix
Puts the method or the action in front of the second id. Unsafe: generated code calls it so from then on.

## References
- [OpenAPI: Operation Object](https://spec.openapis.org/oas/latest.html#operation-object)
- [AsyncAPI Specification](https://www.asyncapi.com/docs/reference/specification/latest)

## Equivalent rules
- `spectral:operation-operationId-unique`
- `spectral:asyncapi-operation-operationId-uniqueness`
- `asyncapi-parser:asyncapi2-operation-operationId-uniqueness`
- `spectral:asyncapi-message-messageId-uniqueness`
- `asyncapi-parser:asyncapi2-message-messageId-uniqueness`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.contracts import ApiDocument, EventDocument
from rollsafe.artefacts.contracts.addresses import text_node
from rollsafe.artefacts.contracts.events import operations_of, used_messages
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.rules import Edit, Finding, Fix, Related, Safety, Severity, Span, rule

_OF_API: Final = ("spectral:operation-operationId-unique",)
_OF_OPERATION: Final = (
    "spectral:asyncapi-operation-operationId-uniqueness",
    "asyncapi-parser:asyncapi2-operation-operationId-uniqueness",
)
_OF_MESSAGE: Final = (
    "spectral:asyncapi-message-messageId-uniqueness",
    "asyncapi-parser:asyncapi2-message-messageId-uniqueness",
)


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(document: ApiDocument | EventDocument) -> Iterator[Finding]:
    """Yield a finding for each id that is there before."""
    if isinstance(document, ApiDocument):
        named = [(text_node(one.node, "operationId"), one.method) for one in document.operations]
        yield from _repeated(document, named, "operationId", _OF_API)
    elif document.numbers[0] == 2:
        operations = [(_id(one.node, "operationId"), one.action) for one in operations_of(document)]
        yield from _repeated(document, operations, "operationId", _OF_OPERATION)
        messages = [(_id(node, "messageId"), action) for node, action in used_messages(document)]
        yield from _repeated(document, messages, "messageId", _OF_MESSAGE)


def _id(node: Mapping, key: str) -> Scalar | None:
    traits = [one for one in node.items_at("traits") if isinstance(one, Mapping)]
    found = (text_node(one, key) for one in [*reversed(traits), node])
    return next((one for one in found if one is not None), None)


def _repeated(
    document: ApiDocument | EventDocument,
    named: list[tuple[Scalar | None, str]],
    key: str,
    equivalents: tuple[str, ...],
) -> Iterator[Finding]:
    first: dict[str, Scalar] = {}
    taken = {one.text for one, _ in named if one is not None}
    for node, word in named:
        if node is None or first.setdefault(node.text, node) is node:
            continue
        yield Finding(
            node,
            f"`{key}` `{node.text[:80]}` is there already",
            fixes=_fixes(node, word, taken),
            related=(Related(document.file, first[node.text], "the first one"),),
            equivalents=equivalents,
        )


def _fixes(node: Scalar, word: str, taken: set[str]) -> tuple[Fix, ...]:
    name = f"{word}{node.text[:1].upper()}{node.text[1:]}"
    if name in taken or node.block or not node.text.isidentifier():
        return ()
    taken.add(name)
    written = name if node.plain else f'"{name}"'
    return (Fix(f"Write `{name}`", Safety.UNSAFE, edits=(Edit(Span.of(node), written),)),)
