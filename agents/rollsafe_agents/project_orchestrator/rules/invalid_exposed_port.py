"""`EXPOSE` names a port that cannot be.

## What it does
Reports a port, or the end of a range, above 65535, and a mapping such as `8080:80`, which `EXPOSE` does not know.

## Why it matters
The build fails. Where an old builder accepts it, the container cannot publish the port.

## Bad
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
USER 1000
EXPOSE 8080:80  # <-
```

## Good
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
USER 1000
EXPOSE 80
```

## Fix
Names the container's port of a mapping; which host port it gets is said where the container is run. Too large a
number has to be looked up.

## References
- [Dockerfile: EXPOSE](https://docs.docker.com/reference/dockerfile/#expose)
- [BuildKit: ExposeInvalidFormat](https://docs.docker.com/reference/build-checks/expose-invalid-format/)

## Equivalent rules
- `hadolint:DL3011`
- `trivy:DS-0008`
- `buildkit:ExposeInvalidFormat`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.text.patterns import lazily

_LAST: Final = 65_535
_MAPPING: Final = lazily(r"(?:[\d.]+:|\[[\da-f:]+\]:)?\d*:(?P<port>\d+(?:-\d+)?(?:/\w+)?)\Z", re.I)
_NUMBERS: Final = lazily(r"\d{1,20}")


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for each word of an EXPOSE that is no port."""
    if instruction.deed != "EXPOSE":
        return
    for word in instruction.held.words:
        text = word.text
        if "$" in text:
            text = (instruction.stage.expand(text) if instruction.stage is not None else None) or "$"
        if "$" in text:
            continue
        mapping = _MAPPING.fullmatch(text)
        if mapping is not None:
            edit = Edit(Span.of(word), mapping["port"])
            yield Finding(
                Span.of(word),
                f"`EXPOSE {word.text}` is a mapping, which is said where the container is run",
                fixes=(Fix(f"Expose `{mapping['port']}`", Safety.SAFE, edits=(edit,)),),
                equivalents=("buildkit:ExposeInvalidFormat",),
            )
        elif any(int(number) > _LAST for number in _NUMBERS.findall(text.partition("/")[0])):
            yield Finding(
                Span.of(word),
                f"`EXPOSE {word.text}` names a port above {_LAST}, which there is not",
                equivalents=("hadolint:DL3011", "trivy:DS-0008"),
            )
