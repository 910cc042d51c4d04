"""A failure in the middle of a pipe does not fail the build.

## What it does
Reports a `|` in `RUN` where the shell in force does not fail with the first failing command of a pipe. A pipe that
begins with `echo`, `printf` or `yes` is told to auditors only.

## Why it matters
A download that fails half-way leaves half of its content in the image, and the build is green.

## Bad
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN curl -fsSL https://example.com/tool.tar.gz | tar -xz -C /opt  # <-
USER 10001
```

## Good
```dockerfile title="Dockerfile"
FROM debian:12.7
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN curl -fsSL https://example.com/tool.tar.gz | tar -xz -C /opt
USER 10001
```

## Fix
Sets a shell that fails, from this `RUN` on. Unsafe: the image has to have that shell, and a pipe whose first command
may fail, such as `grep`, fails the build from then on.

## References
- [Docker: build best practices, using pipes](https://docs.docker.com/build/building/best-practices/#using-pipes)

## Equivalent rules
- `hadolint:DL4006`
- `trivy:DS-0032`
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.dockerfiles import line_above, place_in, quiet_level

_SURE: Final = frozenset({"echo", "printf", "yes", "true", ":"})
_BASH: Final = 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]'
_ASH: Final = 'SHELL ["/bin/ash", "-eo", "pipefail", "-c"]'


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for a RUN with a pipe whose failures nobody sees."""
    if "|" not in instruction.tools or "pipefail" in (instruction.shell or ()):
        return
    heads = [
        one
        for one in instruction.commands
        if one.separator_after == "|" and not one.options.pipefail and not one.surroundings.condition
    ]
    if not heads:
        return
    failing = [one for one in heads if one.name not in _SURE]
    head = (failing or heads)[0]
    yield Finding(
        place_in(instruction, instruction.span_of(head)),
        f"the build goes on when `{head.name}` in front of `|` fails",
        fixes=_fixes(instruction),
        level=quiet_level(instruction) if failing else Level.AUDITOR,
    )


def _fixes(instruction: DockerInstruction) -> Callable[[], tuple[Fix, ...]] | tuple[()]:
    stage = instruction.stage
    image = stage.root.image if stage is not None else None
    if image is None or image.is_scratch or "distroless" in image.repository or image.is_dynamic:
        return ()
    slim = f"{image.name} {image.tag or ''}"
    if "busybox" in slim or instruction.node.trigger is not None:
        return ()
    line = _ASH if "alpine" in slim else _BASH
    return partial(_setting, instruction, line)


def _setting(instruction: DockerInstruction, line: str) -> tuple[Fix, ...]:
    edits = (line_above(instruction, line),)
    return (Fix("Let a pipe fail from here on", Safety.UNSAFE, edits=edits),)
