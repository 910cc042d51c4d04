"""The headers of a message are no object.

## What it does
Looks at the `headers` of AsyncAPI messages and of their traits: their schema has to say `type: object`.

## Why it matters
Headers are names with values. A schema of something else fits no message, and generators refuse it.

## Bad
```yaml title="events/asyncapi.yaml"
asyncapi: 2.6.0
info:
  title: Orders
  version: 1.0.0
channels: {}
components:
  messageTraits:
    traced:
      headers:
        properties:  # <-
          trace:
            type: string
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
    traced:
      headers:
        type: object
        properties:
          trace:
            type: string
```

## Fix
Adds `type: object`, all it may be.

## References
- [AsyncAPI Specification](https://www.asyncapi.com/docs/reference/specification/latest)

## Equivalent rules
- `spectral:asyncapi-headers-schema-type-object`
- `spectral:asyncapi-3-headers-schema-type-object`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import EventDocument
from rollsafe.artefacts.contracts.examples import messages_of
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_edit import add_entry_before, set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.fields import place_of


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(document: EventDocument) -> Iterator[Finding]:
    """Yield a finding for each message whose headers are of another type, or of none."""
    middle = "3-" if document.numbers[0] == 3 else ""
    equivalents = (f"spectral:asyncapi-{middle}headers-schema-type-object",)
    for path, message in messages_of(document):
        headers = message.at("headers")
        if not isinstance(headers, Mapping) or headers.value("$ref") is not None:
            continue
        kind = headers.at("type")
        name = next((one for one in reversed(path) if not one.isdecimal() and one != "message"), "")
        if kind is None and headers.entries:
            if headers.value("schemaFormat") is None and headers.value("allOf") is None:
                message_ = f"The headers of `{name}` do not say `type: object`"
                yield Finding(
                    place_of(headers), message_, fixes=_adding(document, headers), equivalents=equivalents
                )
        elif not isinstance(kind, Scalar) or kind.text != "object":
            where = kind if kind is not None else headers
            yield Finding(
                where,
                f"The headers of `{name}` are not of the type `object`",
                fixes=_setting(kind),
                equivalents=equivalents,
            )


def _adding(document: EventDocument, headers: Mapping) -> tuple[Fix, ...]:
    if headers.flow:
        return ()
    edit = add_entry_before(document.file.text, headers.entries[0], "type", "object")
    return (Fix("Add `type: object`", Safety.SAFE, edits=(edit,)),)


def _setting(kind: object) -> tuple[Fix, ...]:
    if not isinstance(kind, Scalar) or kind.block:
        return ()
    return (Fix("Write `object`", Safety.UNSAFE, edits=(set_value(kind, "object"),)),)
