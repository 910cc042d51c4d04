"""Instructions stand before the first `FROM`, where there is no image to build.

## What it does
Reports everything but `ARG` and comments above the first `FROM`, and a Dockerfile without a `FROM`.

## Why it matters
The builder refuses the file: "no build stage in current context".

## Bad
```dockerfile title="Dockerfile"
ARG VERSION=3.20.3
LABEL team=shop  # <-
FROM alpine:${VERSION}
USER 10001
```

## Good
```dockerfile title="Dockerfile"
ARG VERSION=3.20.3
FROM alpine:${VERSION}
LABEL team=shop
USER 10001
```

## Fix
Moves them below the `FROM`.

## References
- [Dockerfile: format](https://docs.docker.com/reference/dockerfile/#format)

## Equivalent rules
- `hadolint:DL3061`
"""

from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import Dockerfile, DockerInstruction
from rollsafe.formats.yaml_edit import eol_of
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.dockerfiles import without_instruction


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Yield a finding for each run of instructions before the first FROM."""
    early: list[DockerInstruction] = []
    for one in dockerfile.preamble:
        if one.keyword != "ARG" and one.node.is_known:
            early.append(one)
        elif early:
            yield _finding(dockerfile, early)
            early = []
    if early:
        yield _finding(dockerfile, early)


def _finding(dockerfile: Dockerfile, early: list[DockerInstruction]) -> Finding:
    first = early[0]
    where = "before the first `FROM`" if dockerfile.stages else "in a file without `FROM`"
    what = (
        f"`{first.keyword}` stands"
        if len(early) == 1
        else f"`{first.keyword}` and {len(early) - 1} more stand"
    )
    return Finding(
        Span(first.start, early[-1].end),
        f"{what} {where}, where there is no image",
        fixes=tuple(_fixes(dockerfile, early)),
        detail="the builder refuses the file",
    )


def _fixes(dockerfile: Dockerfile, early: list[DockerInstruction]) -> Iterator[Fix]:
    if not dockerfile.stages or any(one.heredocs for one in early):
        return
    text, start = dockerfile.file.text, dockerfile.stages[0].from_instruction
    moved = "".join(f"{eol_of(text)}{dockerfile.file.slice(one)}" for one in early)
    edits = (*map(without_instruction, early), Edit(Span.at(start.end), moved))
    yield Fix("Move it below the `FROM`", Safety.SAFE, edits=edits)
