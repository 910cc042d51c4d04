"""A whole file system is copied from another stage or image.

## What it does
Reports `COPY --from` of `/` to `/`. On `scratch` it flattens an image, which is told to auditors only.

## Why it matters
What the stage was to leave behind comes along: compilers, caches, credentials of the build. Files of the base image
are overwritten by others of the same name.

## Bad
```dockerfile title="Dockerfile"
FROM golang:1.23.2 AS build
RUN go build -o /shop ./cmd/shop
FROM debian:12.7
COPY --from=build / /  # <-
USER 10001
```

## Good
```dockerfile title="Dockerfile"
FROM golang:1.23.2 AS build
RUN go build -o /shop ./cmd/shop
FROM debian:12.7
COPY --from=build /shop /shop
USER 10001
```

## Fix
There is none: what is needed has to be named.

## References
- [Docker: multi-stage builds](https://docs.docker.com/build/building/multi-stage/)

## Equivalent rules
- `hadolint:DL3067`
"""

from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.rules import Finding, Level, Severity, Span, rule

_WHOLE = frozenset({"/", "/.", "/*", "//"})


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for a copy of everything."""
    if instruction.deed != "COPY":
        return
    source = instruction.held.flag("from")
    words = instruction.held.words if source is not None else ()
    if source is None or len(words) != 2 or words[0].text not in _WHOLE or words[1].text not in _WHOLE:
        return
    stage = instruction.stage
    image = stage.image if stage is not None else None
    yield Finding(
        Span(words[0].start, words[1].end),
        f"`COPY --from={source.value}` takes everything, the tools of the build too",
        level=Level.AUDITOR if image is not None and image.is_scratch else None,
    )
