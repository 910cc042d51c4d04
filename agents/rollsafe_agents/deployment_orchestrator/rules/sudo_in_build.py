"""A build step uses `sudo`.

## What it does
Reports `sudo` in `RUN`.

## Why it matters
Builds run as root unless `USER` says otherwise, so it gains nothing there. An image that has `sudo` hands root to
whoever breaks into its program, and signals do not always get through it.

## Bad
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN sudo mkdir /srv/shop  # <-
USER 10001
```

## Good
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN mkdir /srv/shop
USER 10001
```

## Fix
Removes it. Unsafe: the command runs as the user of the build, which has to be root at this place.

## References
- [Docker: build best practices, USER](https://docs.docker.com/build/building/best-practices/#user)

## Equivalent rules
- `hadolint:DL3004`
- `trivy:DS-0010`
- `checkov:CKV2_DOCKER_1`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.formats.shell import ShellCommand
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.dockerfiles import place_in, quiet_level

_SUDO: Final = re.compile(r"sudo[ \t]+(?=[^-\s])")


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for a RUN that uses sudo, with one fix for all of it."""
    if "sudo" not in instruction.tools:
        return
    found = [one for one in instruction.commands if "sudo" in one.wrappers or one.name == "sudo"]
    yield Finding(
        place_in(instruction, _word(instruction, found[0])),
        f"`{' '.join(('sudo', *found[0].texts[:1]))}` gains nothing in a build and leaves a way to root in the image",
        fixes=tuple(_fixes(instruction, found)),
        level=quiet_level(instruction),
    )


def _word(instruction: DockerInstruction, command: ShellCommand) -> Span:
    start = instruction.span_of(command).start
    return Span(start, start + len("sudo"))


def _fixes(instruction: DockerInstruction, found: list[ShellCommand]) -> Iterator[Fix]:
    text = instruction.file.text_for(instruction)
    matches = [_SUDO.match(text, instruction.span_of(one).start) for one in found]
    if all(match is not None for match in matches) and instruction.held.exec_form is None:
        edits = tuple(Edit(Span(match.start(), match.end()), "") for match in matches if match is not None)
        yield Fix("Remove `sudo`", Safety.UNSAFE, edits=edits)
