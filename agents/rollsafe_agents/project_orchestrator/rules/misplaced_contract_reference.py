"""A `$ref` stands where none is read, or leads where none may lead.

## What it does
Looks at AsyncAPI documents: a `$ref` in a place that takes none (`info`, an operation of version 2), a server of a
channel that is none of the servers of the document, a channel of an operation that is none of its channels.

## Why it matters
Tools that follow the specification do not look behind the reference, so the part is missing; others ask which channel
or server is meant and refuse the document.

## Bad
```yaml title="events/asyncapi.yaml"
asyncapi: 3.0.0
info:
  title: Orders
  version: 1.0.0
channels:
  orders:
    address: orders
operations:
  onOrder:
    action: receive
    channel:
      $ref: "#/components/channels/orders"  # <-
components:
  channels:
    orders:
      address: orders
```

## Good
```yaml title="events/asyncapi.yaml"
asyncapi: 3.0.0
info:
  title: Orders
  version: 1.0.0
channels:
  orders:
    address: orders
operations:
  onOrder:
    action: receive
    channel:
      $ref: "#/channels/orders"
components:
  channels:
    orders:
      address: orders
```

## Fix
Writes the reference to the channel or the server of that name, where the document has one. Unsafe: the two may differ.

## References
- [AsyncAPI 3: Operation Object](https://www.asyncapi.com/docs/reference/specification/v3.0.0#operationObject)

## Equivalent rules
- `asyncapi-parser:asyncapi-document-unresolved`
- `spectral:asyncapi-3-document-unresolved`
- `asyncapi-parser:asyncapi3-required-operation-channel-unambiguity`
- `asyncapi-parser:asyncapi3-required-channel-servers-unambiguity`
- `spectral:asyncapi-3-channel-servers`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import EventDocument, mappings_in, reference_in
from rollsafe.artefacts.contracts.flaws import FlawKind
from rollsafe.artefacts.contracts.structure import structure_flaws
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.contracts import of_schema, shown

_OF_CHANNEL = ("asyncapi-parser:asyncapi3-required-operation-channel-unambiguity",)
_OF_SERVER = (
    "asyncapi-parser:asyncapi3-required-channel-servers-unambiguity",
    "spectral:asyncapi-3-channel-servers",
)


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(document: EventDocument) -> Iterator[Finding]:
    """Yield a finding for each reference in a wrong place, or to one."""
    for flaw in structure_flaws(document):
        if flaw.kind is FlawKind.REFERENCE:
            yield Finding(
                flaw.where,
                f"{shown(flaw.path[:-1])} is a reference, and {document.language} {document.version} reads none there",
                equivalents=of_schema(document, flaw),
            )
    if document.numbers[0] == 3:
        yield from _ambiguous(document)


def _ambiguous(document: EventDocument) -> Iterator[Finding]:
    for entry, operation in mappings_in(document.root.at("operations")):
        written = reference_in(operation.at("channel"))
        if written is not None and "#/channels/" not in written.text:
            message = f"Operation `{entry.name}` is not on one of the `channels` of the document"
            yield Finding(
                written, message, fixes=_fixes(document, written, "channels"), equivalents=_OF_CHANNEL
            )
    for entry, channel in document.channels:
        for item in channel.items_at("servers"):
            written = reference_in(item)
            if written is not None and "#/servers/" not in written.text:
                message = (
                    f"Channel `{entry.name}` names a server that is none of the `servers` of the document"
                )
                yield Finding(
                    written, message, fixes=_fixes(document, written, "servers"), equivalents=_OF_SERVER
                )


def _fixes(document: EventDocument, written: Scalar, kind: str) -> tuple[Fix, ...]:
    name = written.text.rpartition("/")[2]
    if written.block or document.root.at(kind, name) is None:
        return ()
    text = f"#/{kind}/{name}"
    return (Fix(f"Write `{text}`", Safety.UNSAFE, edits=(Edit(Span.of(written), f'"{text}"'),)),)
