"""A working directory depends on the one before it, or on the base image's.

## What it does
Reports a relative `WORKDIR`. After an absolute one in the same file it is told to auditors only: there it is clear.

## Why it matters
The first relative `WORKDIR` of a file counts from whatever the base image says. A new base image moves the program to
another directory, where mounts and start commands do not find it.

## Bad
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
WORKDIR app  # <-
COPY . .
USER 1000
```

## Good
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
WORKDIR /app
COPY . .
USER 1000
```

## Fix
Writes the whole path. Unsafe where the base image decides what comes before: `/` is assumed.

## References
- [Dockerfile: WORKDIR](https://docs.docker.com/reference/dockerfile/#workdir)
- [BuildKit: WorkdirRelativePath](https://docs.docker.com/reference/build-checks/workdir-relative-path/)

## Equivalent rules
- `hadolint:DL3000`
- `checkov:CKV_DOCKER_10`
- `trivy:DS-0009`
- `buildkit:WorkdirRelativePath`
"""

import posixpath
from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.artefacts.dockerfile.paths import directory_at, is_absolute
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for a directory that is relative to another."""
    if instruction.deed != "WORKDIR":
        return
    word = instruction.held.argument
    if word is None or is_absolute(word.text) or "$" in word.text:
        return
    known = directory_at(instruction)
    path = posixpath.normpath(posixpath.join(known or "/", word.text))
    edit = Edit(Span.of(word), f'"{path}"' if " " in path else path)
    above = f"`{known}`" if known is not None else "the directory of the base image"
    peers = ("hadolint:DL3000", "checkov:CKV_DOCKER_10", "trivy:DS-0009")
    yield Finding(
        Span.of(word),
        f"`WORKDIR {word.text}` counts from {above}",
        fixes=(Fix(f"Write `{path}`", Safety.SAFE if known else Safety.UNSAFE, edits=(edit,)),),
        level=Level.AUDITOR if known is not None else None,
        equivalents=peers if known is not None else None,
    )
