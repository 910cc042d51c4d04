"""The payload of a message is in a format nobody checks here.

## What it does
Looks for messages of AsyncAPI documents with a `schemaFormat` of their own: Avro, RAML, Protocol Buffers.

## Why it matters
Neither the payload nor its examples are held against anything by tools that know JSON Schema alone; a broken schema is
found by the first consumer.

## Bad
```yaml title="events/asyncapi.yaml"
asyncapi: 2.6.0
info:
  title: Orders
  version: 1.0.0
channels: {}
components:
  messageTraits:
    created:
      schemaFormat: application/vnd.apache.avro;version=1.9.0  # <-
```

## Good
```yaml title="events/asyncapi.yaml"
asyncapi: 2.6.0
info:
  title: Orders
  version: 1.0.0
channels: {}
components:
  messageTraits:
    created:
      contentType: application/json
```

## Fix
None: the format is a choice.

## References
- [AsyncAPI Specification](https://www.asyncapi.com/docs/reference/specification/latest)

## Equivalent rules
- `spectral:asyncapi-payload-unsupported-schemaFormat`
- `spectral:asyncapi-3-payload-unsupported-schemaFormat`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import EventDocument
from rollsafe.artefacts.contracts.examples import messages_of
from rollsafe.formats.nodes import Mapping
from rollsafe.rules import Finding, Level, Severity, rule


@rule(severity=Severity.HINT, since="0.1.0", level=Level.AUDITOR)
def check(document: EventDocument) -> Iterator[Finding]:
    """Yield a finding for each message with a format of its own."""
    is_new = document.numbers[0] == 3
    own = f"spectral:asyncapi-{'3-' if is_new else ''}payload-unsupported-schemaFormat"
    for _, message in messages_of(document):
        holder = message.at("payload") if is_new else message
        key = holder.key_at("schemaFormat") if isinstance(holder, Mapping) else None
        if key is not None and isinstance(holder, Mapping):
            told = (holder.text_at("schemaFormat") or "")[:80]
            yield Finding(key, f"The payload is in `{told}`, which is not checked", equivalents=(own,))
