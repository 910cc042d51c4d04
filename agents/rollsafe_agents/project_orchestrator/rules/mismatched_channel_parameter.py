"""A channel and its declared parameters do not agree.

## What it does
Compares the names in braces of the address of each AsyncAPI channel with the `parameters` the channel declares.

## Why it matters
Generated code subscribes to `{id}` literally, or asks for a value that goes nowhere.

## Bad
```yaml title="events/asyncapi.yaml"
asyncapi: 2.6.0
info:
  title: Orders
  version: 1.0.0
channels:
  orders/{id}:
    parameters:
      id:
        schema:
          type: string
      shop:  # <-
        schema:
          type: string
```

## Good
```yaml title="events/asyncapi.yaml"
asyncapi: 2.6.0
info:
  title: Orders
  version: 1.0.0
channels:
  orders/{id}:
    parameters:
      id:
        schema:
          type: string
```

## Fix
Takes out the parameter that is not in the address. Unsafe: perhaps the address lacks it.

## References
- [AsyncAPI Specification](https://www.asyncapi.com/docs/reference/specification/latest)

## Equivalent rules
- `spectral:asyncapi-channel-parameters`
- `asyncapi-parser:asyncapi2-channel-parameters`
- `asyncapi-parser:asyncapi3-channel-parameters`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import EventDocument, entries_of
from rollsafe.artefacts.contracts.addresses import channels_of, names_in
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Safety, Severity, rule


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(document: EventDocument) -> Iterator[Finding]:
    """Yield a finding for each channel with names nobody declares, and for each declared name it lacks."""
    number = document.numbers[0]
    equivalents = (
        "spectral:asyncapi-channel-parameters",
        f"asyncapi-parser:asyncapi{number}-channel-parameters",
    )
    for path, address, channel in channels_of(document):
        declared, names = channel.map_at("parameters"), names_in(address)
        key = channel.key_at("parameters")
        if declared is None or key is None or (not names and number == 2):
            continue
        missing = [one for one in dict.fromkeys(names) if declared.value(one) is None]
        if missing:
            told = ", ".join(f"`{one}`" for one in missing)
            yield Finding(key, f"Channel `{path[-1]}` does not declare {told}", equivalents=equivalents)
        for entry in entries_of(declared):
            if entry.name not in names and isinstance(entry.key, Scalar) and not entry.name.startswith("x-"):
                yield Finding(
                    entry.key,
                    f"Parameter `{entry.name}` is not in the address of channel `{path[-1]}`",
                    fixes=_fixes(document, declared, entry.name),
                    equivalents=equivalents if names else equivalents[1:],
                )


def _fixes(document: EventDocument, declared: Mapping, key: str) -> tuple[Fix, ...]:
    edit = remove_entry(document.file.text, declared, key) if len(declared.entries) > 1 else None
    return (Fix(f"Remove `{key}`", Safety.UNSAFE, edits=(edit,)),) if edit is not None else ()
