"""A build changes the directory inside of a command, where the next instruction does not see it.

## What it does
Reports `cd` in `RUN`.

## Why it matters
The next instruction works in the old directory again, which readers overlook; and a `cd` that fails before a `;` lets
everything behind it run in the wrong place.

## Bad
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
WORKDIR /app
RUN cd /opt/tool && make install  # <-
USER 1000
```

## Good
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
WORKDIR /app
WORKDIR /opt/tool
RUN make install
WORKDIR /app
USER 1000
```

## Fix
Says it by `WORKDIR`, and goes back afterwards, where the command begins with `cd` to an absolute path.

## References
- [Dockerfile: WORKDIR](https://docs.docker.com/reference/dockerfile/#workdir)

## Equivalent rules
- `hadolint:DL3003`
- `trivy:DS-0013`
"""

from collections.abc import Callable, Iterator
from functools import partial

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.artefacts.dockerfile.paths import directory_at, is_absolute
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.dockerfiles import cased, line_above, line_end, place_in

_PLAIN = "$`*?~\\"


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR, fix=Safety.SAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for a RUN that changes the directory."""
    if "cd" not in instruction.tools:
        return
    command = next((one for one in instruction.commands if one.name == "cd"), None)
    if command is None:
        return
    target = command.texts[1] if len(command.texts) > 1 else "~"
    yield Finding(
        place_in(instruction, instruction.span_of(command)),
        f"`cd {target}` ends with this `RUN`",
        fixes=_fixes(instruction, target),
        equivalents=None if is_absolute(target) else ("hadolint:DL3003",),
    )


def _fixes(instruction: DockerInstruction, target: str) -> Callable[[], tuple[Fix, ...]] | tuple[()]:
    first, here = instruction.commands[0], directory_at(instruction)
    script = instruction.node.script
    if first.name != "cd" or len(first.texts) != 2 or len(instruction.commands) < 2 or here is None:
        return ()
    if first.separator_after != "&&" or not target.startswith("/") or any(mark in target for mark in _PLAIN):
        return ()
    if script is None or instruction.heredocs or sum(one.name == "cd" for one in instruction.commands) > 1:
        return ()
    start, after = instruction.span_of(first).start, instruction.span_of(instruction.commands[1]).start
    if start != script.start:
        return ()
    return partial(_saying, instruction, target, here, Span(start, after))


def _saying(instruction: DockerInstruction, target: str, here: str, change: Span) -> tuple[Fix, ...]:
    edits = (
        line_above(instruction, f"WORKDIR {target}"),
        Edit(change, ""),
        Edit(Span.at(instruction.end), line_end(instruction) + cased(instruction, f"WORKDIR {here}")),
    )
    return (Fix(f"Say it by `WORKDIR {target}`", Safety.SAFE, edits=edits),)
