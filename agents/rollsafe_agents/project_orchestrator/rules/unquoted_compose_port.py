"""A port in a Compose file is written without single quotes.

## What it does
Reports items of `ports` and `expose` that are not in single quotes, which is dclint's style. The quotes are more
than style where a number before a colon is below 60: YAML 1.1 reads `22:22` as a number to the base 60.

## Why it matters
Compose reads YAML 1.2 and is not misled, other readers of the file may be. Double quotes do as well; one style for
all ports is what is asked for.

## Bad
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    ports:
      - 127.0.0.1:22:22  # <-
```

## Good
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    ports:
      - '127.0.0.1:22:22'
```

## Fix
Writes single quotes. Safe: Compose reads the same.

## References
- [Compose: ports](https://docs.docker.com/reference/compose-file/services/#ports)

## Equivalent rules
- `dclint:require-quotes-in-ports`
"""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeFile, ComposeService
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule


@rule(severity=Severity.HINT, since="0.1.0", fix=Safety.SAFE, level=Level.AUDITOR)
def check(compose: ComposeFile) -> Iterator[Finding]:
    """Yield a finding for each port that is not in single quotes, once for all services that share it."""
    text = compose.file.text
    told: set[int] = set()
    for service in compose.services.values():
        for key in ("ports", "expose"):
            for item in service.node.items_at(key):
                if not isinstance(item, Scalar) or not item.text or item.block or text[item.start] == "'":
                    continue
                if item.start not in told:
                    told.add(item.start)
                    yield _finding(service, key, item)


def _finding(service: ComposeService, key: str, item: Scalar) -> Finding:
    how = "in double quotes" if service.file.text[item.start] == '"' else "without quotes"
    edit = Edit(Span.of(item), "'" + item.text.replace("'", "''") + "'")
    return Finding(
        item,
        f"`{item.text}` in `{key}` of service `{service.name}` is written {how}",
        fixes=(Fix("Write single quotes", Safety.SAFE, edits=(edit,)),),
    )
