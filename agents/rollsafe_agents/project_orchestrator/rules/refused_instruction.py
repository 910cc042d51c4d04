"""An instruction is written in a way the builder refuses.

## What it does
Reports what the parser of Docker's builder stops at in an instruction it knows: a flag that the instruction does not
have or that lacks its value, too few or too many arguments, a comment behind the arguments of `FROM`, `ENV`, `LABEL`
or `EXPOSE`, a stage's name, signal, port or duration that is none, a quote that is not closed. Templates of
Dockerfiles, and files for a builder of their own (`# syntax=`), are left alone.

## Why it matters
The build stops with `dockerfile parse error` before it has begun: no image is made of any commit from then on.

## Bad
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim app  # <-
COPY --chwon=node . /app  # <-
HEALTHCHECK --interval=30 CMD ["node", "/app/check.js"]  # <-
USER 1000
CMD ["node", "/app/index.js"]
```

## Good
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim AS app
COPY --chown=node . /app
HEALTHCHECK --interval=30s CMD ["node", "/app/check.js"]
USER 1000
CMD ["node", "/app/index.js"]
```

## Fix
Writes the flag that is spelled most alike, the unit, `AS`, `CMD` or the JSON form where it is plain what was meant.
Unsafe: something else may be.

## References
- [Dockerfile reference](https://docs.docker.com/reference/dockerfile/)

## Equivalent rules
- `hadolint:DL1000`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.artefacts.dockerfile.grammar import Refusal, refusals
from rollsafe.artefacts.source import SourceFile
from rollsafe.rules import Finding, Fix, Safety, Severity, rule

_TEMPLATE: Final = re.compile(r"\{\{|\{%|<%|^[ \t]*(?:#include|INCLUDE\+?|define\()", re.M)
_BUILDER: Final = re.compile(r"\A(?:#[ \t]*\w+[ \t]*=[^\r\n]*\s+){0,3}?#[ \t]*syntax[ \t]*=[ \t]*(\S+)", re.I)


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for each thing the builder's parser refuses."""
    if instruction.keyword == "ONBUILD":
        return
    found = list(refusals(instruction.node))
    if not found or not instruction.file.told(_is_for_docker):
        return
    for refusal in found:
        names = ("hadolint:DL1000",) if refusal.breaks_shape else ()
        yield Finding(refusal.span, refusal.message, fixes=tuple(_fixes(refusal)), equivalents=names)


def _is_for_docker(file: SourceFile) -> bool:
    """Say whether Docker's own parser reads the file, and reads it as it stands."""
    builder = _BUILDER.match(file.text)
    return _TEMPLATE.search(file.text) is None and (builder is None or "dockerfile" in builder[1])


def _fixes(refusal: Refusal) -> Iterator[Fix]:
    if refusal.edit is not None and refusal.title is not None:
        yield Fix(refusal.title, Safety.UNSAFE, edits=(refusal.edit,))
