"""Files are copied to a place that the base image decides.

## What it does
Reports `COPY` and `ADD` to a relative destination in a stage without `WORKDIR`. Stages on images that are known to set one are
told to auditors only.

## Why it matters
The files land wherever the base image works. With the next base image they land somewhere else, and the program is
not where its start command looks.

## Bad
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
COPY server.js ./server.js  # <-
USER 1000
```

## Good
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
COPY server.js /server.js
USER 1000
```

## Fix
Writes the path from `/`, which is where most base images work. Unsafe: this one may work elsewhere.

## References
- [Dockerfile: COPY, destination](https://docs.docker.com/reference/dockerfile/#destination-1)

## Equivalent rules
- `hadolint:DL3045`
"""

import posixpath
from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.artefacts.dockerfile.paths import has_directory, is_absolute
from rollsafe.formats.dockerfile_words import Word
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for a destination nobody can tell."""
    if instruction.deed not in ("COPY", "ADD"):
        return
    words = instruction.words if instruction.keyword == instruction.deed else ()
    if len(words) < 2 or is_absolute(instruction.file.slice(Span.of(words[-1]))) or "$" in words[-1].text:
        return
    stage = instruction.stage
    own = stage is not None and any(one.keyword == "WORKDIR" for one in instruction.before)
    inherited = not own and has_directory(instruction)
    if own or (inherited and stage is not None and len(stage.lineage) > 1):
        return
    word = words[-1]
    yield Finding(
        Span.of(word),
        f"`{instruction.deed}` to `{word.text}` goes where the base image works: no `WORKDIR` says where that is",
        fixes=tuple(_fixes(instruction, word)) if not inherited else (),
        level=Level.AUDITOR if inherited else None,
        equivalents=None if instruction.deed == "COPY" else (),
    )


def _fixes(instruction: DockerInstruction, word: Word) -> Iterator[Fix]:
    if instruction.file.slice(Span.of(word)) != word.text or "\\" in word.text:
        return
    slash = "/" if word.text.endswith("/") else ""
    path = posixpath.normpath("/" + word.text)
    path = path if path == "/" else path + slash
    yield Fix(f"Write `{path}`", Safety.UNSAFE, edits=(Edit(Span.of(word), path),))
