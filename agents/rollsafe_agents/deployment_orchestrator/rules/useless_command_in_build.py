"""A build step runs a program that makes no sense in it.

## What it does
Reports `top`, `ps`, `free`, `kill`, `service`, `shutdown`, `ssh`, `vim`, `mount` and `ifconfig` in `RUN`.

## Why it matters
A process that a build starts or stops is gone when the layer is done: a `service` that was started does not run in the
container, and what looks like a part of the image is none.

## Bad
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN service nginx start && ldconfig  # <-
USER 10001
```

## Good
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN ldconfig
USER 10001
```

## Fix
Takes the command out. Unsafe: another command of the same `RUN` may need the process.

## References
- [Docker: build best practices](https://docs.docker.com/build/building/best-practices/)

## Equivalent rules
- `hadolint:DL3001`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.dockerfiles import place_in, without_command

_USELESS: Final = frozenset(
    {"ssh", "vim", "shutdown", "service", "ps", "free", "top", "kill", "mount", "ifconfig", "nano"}
)


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for each command that does nothing for an image."""
    if instruction.tools.isdisjoint(_USELESS):
        return
    for index, command in enumerate(instruction.commands):
        if command.name in _USELESS:
            edit = without_command(instruction, index)
            title = f"Remove `{command.name}`"
            yield Finding(
                place_in(instruction, instruction.span_of(command)),
                f"`{command.name}` does nothing for the image",
                fixes=(Fix(title, Safety.UNSAFE, edits=(edit,)),) if edit is not None else (),
                equivalents=None if command.name != "nano" else (),
            )
