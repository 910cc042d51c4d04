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


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for the RUN by which the second tool comes in."""
    if instruction.tools.isdisjoint(_TOOLS):
        return
    before = frozenset[str]().union(*(one.tools for one in instruction.before)) & _TOOLS
    seen = sorted(before)
    for command in instruction.commands if len(before) < len(_TOOLS) else ():
        if command.name in _TOOLS and command.name not in seen:
            seen.append(command.name)
            if len(seen) == len(_TOOLS):
                yield Finding(
                    place_in(instruction, instruction.span_of(command.word(0))),
                    f"the stage downloads by `{command.name}` and by `{seen[0]}`",
                )
