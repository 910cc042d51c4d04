"""A stage downloads by two programs.

## What it does
Reports a stage whose commands use both `curl` and `wget`.

## Why it matters
The image carries two programs for one thing, each with its own options for certificates, proxies and failures, and
each to be patched.

## Bad
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN wget -q https://example.com/a.txt
RUN curl -fsSLO https://example.com/b.txt  # <-
USER 10001
```

## Good
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN wget -q https://example.com/a.txt
RUN wget -q https://example.com/b.txt
USER 10001
```

## Fix
There is none: the options of the two differ.

## References
- [Docker: build best practices](https://docs.docker.com/build/building/best-practices/)

## Equivalent rules
- `hadolint:DL4001`
- `trivy:DS-0014`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.rules.dockerfiles import place_in

_TOOLS: Final = frozenset({"curl", "wget"})


@rule(severity=Severity.INFO, since="0.2.0", level=Level.AUDITOR)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for the RUN by which the second tool comes in."""
    used = instruction.tools & _TOOLS
    if not used:
        return
    before = frozenset[str]().union(*(one.tools for one in instruction.before)) & _TOOLS
    if len(before) == 2 or len(before | used) < 2:
        return
    other = next(iter(before or used))
    command = next(one for one in instruction.commands if one.name in _TOOLS and one.name != other)
    yield Finding(
        place_in(instruction, instruction.span_of(command.word(0))),
        f"the stage downloads by `{command.name}` and by `{other}`",
    )
