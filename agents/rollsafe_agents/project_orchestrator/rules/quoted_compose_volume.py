"""A volume in a Compose file is written in quotes it does not need.

## What it does
Reports items of `volumes` in quotes, which is against dclint's style. Quotes that YAML needs are left alone.

## Why it matters
It is style: Compose reads the same.

## Bad
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    volumes:
      - "uploads:/srv/uploads"  # <-
volumes:
  uploads:
```

## Good
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    volumes:
      - uploads:/srv/uploads
volumes:
  uploads:
```

## Fix
Takes the quotes away. Safe: Compose reads the same.

## References
- [dclint: no-quotes-in-volumes](https://github.com/zavoloklom/docker-compose-linter/blob/main/docs/rules/no-quotes-in-volumes-rule.md)

## Equivalent rules
- `dclint:no-quotes-in-volumes`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.compose import ComposeService
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule

_PLAIN: Final = re.compile(r"[A-Za-z./~$][\w./~${}:@+-]*")
"""What YAML reads as the same text without quotes, in a list of either style."""
_IN_FLOW: Final = re.compile(r"[{}]|:\Z")


@rule(severity=Severity.HINT, since="0.1.0", fix=Safety.SAFE, level=Level.AUDITOR)
def check(service: ComposeService) -> Iterator[Finding]:
    """Yield a finding for each volume in quotes."""
    for item in service.node.items_at("volumes"):
        if not isinstance(item, Scalar) or item.plain or item.block:
            continue
        if _PLAIN.fullmatch(item.text) and not _IN_FLOW.search(item.text):
            edit = Edit(Span.of(item), item.text)
            yield Finding(
                item,
                f"`{item.text}` in `volumes` of service `{service.name}` is in quotes it does not need",
                fixes=(Fix("Remove the quotes", Safety.SAFE, edits=(edit,)),),
            )
