"""A channel is on a server nobody defines.

## What it does
Compares the `servers` of each AsyncAPI channel with the servers of the document.

## Why it matters
Tools do not know where the channel is and refuse the document, or connect nowhere.

## Bad
```yaml title="events/asyncapi.yaml"
asyncapi: 2.6.0
info:
  title: Orders
  version: 1.0.0
servers:
  production:
    url: kafka.shop.test
    protocol: kafka
channels:
  orders:
    servers:
      - producton  # <-
```

## Good
```yaml title="events/asyncapi.yaml"
asyncapi: 2.6.0
info:
  title: Orders
  version: 1.0.0
servers:
  production:
    url: kafka.shop.test
    protocol: kafka
channels:
  orders:
    servers:
      - production
```

## Fix
Writes the nearest server there is. Unsafe: messages go there from then on.

## References
- [AsyncAPI Specification](https://www.asyncapi.com/docs/reference/specification/latest)

## Equivalent rules
- `spectral:asyncapi-channel-servers`
- `asyncapi-parser:asyncapi2-channel-servers`
- `asyncapi-parser:asyncapi3-channel-servers`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import EventDocument
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.text import nearest


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(document: EventDocument) -> Iterator[Finding]:
    """Yield a finding for each server of a channel that the document does not have."""
    servers = document.root.at("servers")
    names = servers.keys() if isinstance(servers, Mapping) else []
    number = document.numbers[0]
    own = ("spectral:asyncapi-channel-servers",) if number == 2 else ()
    for entry, channel in document.channels:
        for item in channel.items_at("servers"):
            if isinstance(item, Scalar) and item.text not in names:
                yield Finding(
                    item,
                    f"Channel `{entry.name}` is on `{item.text[:60]}`, which is none of the servers",
                    fixes=_fixes(item, names),
                    equivalents=(*own, f"asyncapi-parser:asyncapi{number}-channel-servers"),
                )


def _fixes(item: Scalar, names: list[str]) -> tuple[Fix, ...]:
    close = nearest(item.text, names)
    if close is None or item.block:
        return ()
    written = close if item.plain else f'"{close}"'
    return (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(Edit(Span.of(item), written),)),)
