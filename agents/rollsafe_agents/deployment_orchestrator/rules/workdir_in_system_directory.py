"""An image works in a directory that belongs to the kernel.

## What it does
Reports `WORKDIR` below `/proc`, `/sys`, `/dev`, `/boot` and their like.

## Why it matters
These directories are not part of the image: what the build writes there is gone when the container starts, and a
working directory below `/proc` has been a way out of the container.

## Bad
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
WORKDIR /proc/self/fd/8  # <-
USER 1000
```

## Good
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
WORKDIR /app
USER 1000
```

## Fix
Works in `/app`. Unsafe: what refers to the old path has to be changed too.

## References
- [CVE-2024-21626](https://nvd.nist.gov/vuln/detail/CVE-2024-21626)

## Equivalent rules
- `trivy:DS-0030`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule

_SYSTEM: Final = re.compile(r"/(?:proc|sys|dev|boot|initrd|lost\+found)(?:/|\Z)")


@rule(severity=Severity.ERROR, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for a working directory of the kernel's."""
    word = instruction.held.argument if instruction.deed == "WORKDIR" else None
    if word is not None and _SYSTEM.match(word.text):
        edit = Edit(Span.of(word), "/app")
        yield Finding(
            Span.of(word),
            f"`{word.text}` belongs to the kernel: nothing the build writes there is in the image",
            fixes=(Fix("Work in `/app`", Safety.UNSAFE, edits=(edit,)),),
        )
