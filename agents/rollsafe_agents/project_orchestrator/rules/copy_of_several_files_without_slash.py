"""Several files are copied to a destination that is no directory.

## What it does
Reports `COPY` and `ADD` with more than one source whose destination does not end in `/`.

## Why it matters
The build fails: with several sources the destination has to be a directory, and the slash says so.

## Bad
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
COPY package.json package-lock.json /app  # <-
USER 1000
```

## Good
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
COPY package.json package-lock.json /app/
USER 1000
```

## Fix
Adds the slash.

## References
- [Dockerfile: COPY, destination](https://docs.docker.com/reference/dockerfile/#destination-1)

## Equivalent rules
- `hadolint:DL3021`
- `trivy:DS-0011`
"""

from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for a destination of several files without a slash."""
    if instruction.deed not in ("COPY", "ADD"):
        return
    words = instruction.held.words
    last = words[-1] if len(words) > 2 else None
    if last is None or last.text.endswith(("/", "\\")) or last.text in (".", "..") or "$" in last.text:
        return
    if last.text.endswith(("/.", "/..")):
        return
    end = last.end - 1 if instruction.file.slice(Span(last.end - 1, last.end)) in ("'", '"') else last.end
    edit = Edit(Span.at(end), "/")
    yield Finding(
        Span.of(last),
        f"`{last.text}` does not end in `/`, and {len(words) - 1} files cannot become one",
        fixes=(Fix("Add the slash", Safety.SAFE, edits=(edit,)),),
        equivalents=None if instruction.deed == "COPY" else (),
    )
