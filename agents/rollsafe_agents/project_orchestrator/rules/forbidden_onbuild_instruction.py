"""`ONBUILD` holds an instruction that it cannot hold.

## What it does
Reports `ONBUILD FROM`, `ONBUILD MAINTAINER` and `ONBUILD ONBUILD`.

## Why it matters
The builder refuses the file.

## Bad
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
ONBUILD ONBUILD COPY . /app  # <-
USER 1000
```

## Good
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
ONBUILD COPY . /app
USER 1000
```

## Fix
Takes the second `ONBUILD` away, and others with their line.

## References
- [Dockerfile: ONBUILD](https://docs.docker.com/reference/dockerfile/#onbuild)

## Equivalent rules
- `hadolint:DL3043`
"""

from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.dockerfiles import without_instruction

_FORBIDDEN = frozenset({"FROM", "MAINTAINER", "ONBUILD"})


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for an instruction that ONBUILD cannot hold."""
    if instruction.deed not in _FORBIDDEN or instruction.keyword != "ONBUILD":
        return
    words = instruction.words
    if not words or words[0].text.upper() not in _FORBIDDEN:
        return
    first = words[0]
    held = words[1:2]
    twice = first.text.upper() == "ONBUILD" and bool(held)
    edit = Edit(Span(first.start, held[0].start), "") if twice else without_instruction(instruction)
    yield Finding(
        Span.of(first),
        f"`ONBUILD {first.text}` is not allowed: the builder refuses the file",
        fixes=(Fix(f"Remove the `{first.text}`", Safety.UNSAFE, edits=(edit,)),),
    )
