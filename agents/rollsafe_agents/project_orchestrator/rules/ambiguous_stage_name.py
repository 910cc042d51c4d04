"""Two build stages have one name, or a stage is called like the empty image.

## What it does
Reports a stage whose name an earlier stage has already, and a stage named `scratch` or `context`.

## Why it matters
`COPY --from` and `--target` take the last stage of that name, so that files come from another stage than the one
somebody reads. A stage cannot be found by a reserved name at all: `FROM scratch` is the empty image.

## Bad
```dockerfile title="Dockerfile"
FROM golang:1.23.2 AS build
RUN go build -o /shop ./cmd/shop
FROM node:22.9.0 AS build  # <-
RUN npm ci
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /shop /shop
```

## Good
```dockerfile title="Dockerfile"
FROM golang:1.23.2 AS build
RUN go build -o /shop ./cmd/shop
FROM node:22.9.0 AS build-2
RUN npm ci
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /shop /shop
```

## Fix
Gives the second stage another name. Unsafe: what names the stage gets the first one from then on.

## References
- [BuildKit: DuplicateStageName](https://docs.docker.com/reference/build-checks/duplicate-stage-name/)
- [BuildKit: ReservedStageName](https://docs.docker.com/reference/build-checks/reserved-stage-name/)

## Equivalent rules
- `hadolint:DL3024`
- `hadolint:DL3063`
- `checkov:CKV_DOCKER_11`
- `trivy:DS-0012`
- `buildkit:DuplicateStageName`
- `buildkit:ReservedStageName`
"""

from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import Dockerfile, Stage
from rollsafe.formats.dockerfile_words import Word
from rollsafe.rules import Edit, Finding, Fix, Related, Safety, Severity, Span, rule

_RESERVED = frozenset({"scratch", "context"})
_TWICE = ("hadolint:DL3024", "checkov:CKV_DOCKER_11", "trivy:DS-0012", "buildkit:DuplicateStageName")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Yield a finding for each name that does not name one stage."""
    first: dict[str, Stage] = {}
    taken = {(stage.name or "").lower() for stage in dockerfile.stages}
    for stage in dockerfile.stages:
        if stage.name is None:
            continue
        name = stage.name.lower()
        earlier = first.setdefault(name, stage)
        word = stage.name_word if name in _RESERVED or earlier is not stage else None
        if word is None:
            continue
        if name in _RESERVED:
            yield Finding(
                Span.of(word),
                f"`{word.text}` is a reserved name: no stage is found by it",
                fixes=(_renamed(word, f"{word.text}-stage", taken),),
                equivalents=("hadolint:DL3063", "buildkit:ReservedStageName"),
            )
        elif earlier is not stage:
            yield Finding(
                Span.of(word),
                f"two stages are called `{word.text}`; the name means this one from here on",
                fixes=(_renamed(word, word.text, taken),),
                related=(Related(stage.file, earlier.title_span, f"the first `{word.text}`"),),
                equivalents=_TWICE,
            )


def _renamed(word: Word, name: str, taken: set[str]) -> Fix:
    number = 2
    while name.lower() in taken:
        name = f"{word.text}-{number}"
        number += 1
    return Fix(f"Call it `{name}`", Safety.UNSAFE, edits=(Edit(Span.of(word), name),))
