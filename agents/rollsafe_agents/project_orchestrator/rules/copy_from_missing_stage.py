"""Files are taken from a build stage that is not there.

## What it does
Reports `COPY --from` and mounts that name their own stage, a later one, or a name that no stage before has. A name
that can only be an image (with a registry, tag or digest, or with a `/`) is left alone; any other is an image without a
tag and told at level `pedantic`.

## Why it matters
The build fails, or takes the files from an image of that name on Docker Hub, which is somebody else's.

## Bad
```dockerfile title="Dockerfile"
FROM golang:1.23.2 AS build
RUN go build -o /shop ./cmd/shop
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=biuld /shop /shop  # <-
```

## Good
```dockerfile title="Dockerfile"
FROM golang:1.23.2 AS build
RUN go build -o /shop ./cmd/shop
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /shop /shop
```

## Fix
Names the stage that is spelled most alike. Unsafe: another one may be meant.

## References
- [Docker: multi-stage builds](https://docs.docker.com/build/building/multi-stage/)

## Equivalent rules
- `hadolint:DL3022`
- `hadolint:DL3023`
- `trivy:DS-0006`
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from rollsafe.artefacts.dockerfile import DockerInstruction, Stage
from rollsafe.artefacts.images import parse_image
from rollsafe.artefacts.known_images import known_image
from rollsafe.formats.dockerfile_nodes import Flag
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule

_MOST = 30
_LONGEST = 100
_ALIKE = 0.7
_COPYING = frozenset({"COPY", "ADD", "RUN"})


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for each source that no earlier stage is."""
    if instruction.deed not in _COPYING or "--" not in instruction.held.body:
        return
    for flag in instruction.held.flags:
        name, span = _source(flag, instruction)
        if name and "$" not in name:
            yield from _judged(instruction, flag, name, span)


def _source(flag: Flag, instruction: DockerInstruction) -> tuple[str, Span]:
    """Return the name a flag gives to a source and where it stands; an empty name when it gives none."""
    if flag.name == "from":
        return flag.value or "", flag.value_span
    if flag.name != "mount":
        return "", flag.value_span
    text = instruction.file.slice(flag.value_span)
    at = text.find("from=")
    name = text[at + len("from=") :].partition(",")[0].strip("\"'") if at >= 0 else ""
    start = flag.value_span.start + at + len("from=")
    return name, Span(start, start + len(name))


def _judged(instruction: DockerInstruction, flag: Flag, name: str, span: Span) -> Iterator[Finding]:
    stage = instruction.stage
    if stage is not None and stage.dockerfile.number_of_stage(name, stage.index) is not None:
        return
    own = stage is not None and (name.lower() == (stage.name or "").lower() or name == str(stage.index))
    if own:
        message = f"`--{flag.name}` takes files from its own stage `{name}`"
        yield Finding(span, message, equivalents=("hadolint:DL3023", "trivy:DS-0006"))
        return
    if any(mark in name for mark in ":@/"):
        return
    yield _missing(instruction, flag, name, span)


def _missing(instruction: DockerInstruction, flag: Flag, name: str, span: Span) -> Finding:
    stage = instruction.stage
    later = stage is not None and name.lower() in stage.dockerfile.stages_by_name
    alike = _alike(name[:_LONGEST], stage) if stage is not None else ()
    is_image = not (name.isdigit() or later or alike) and stage is not None
    says = "stands below" if later else "is not in this file"
    message = f"`--{flag.name}` takes files from stage `{name}`, which {says}"
    if is_image:
        message = f"`--{flag.name}` names no stage of this file: files come from the image `{name}:latest`"
    known = is_image and _is_known(name)
    fixes = tuple(Fix(f"Take them from `{one}`", Safety.UNSAFE, edits=(Edit(span, one),)) for one in alike)
    return Finding(
        span,
        message,
        fixes=fixes,
        level=Level.PEDANTIC if known or is_image else None,
        severity=Severity.WARNING if is_image else None,
        equivalents=("hadolint:DL3022",),
    )


def _alike(name: str, stage: Stage) -> tuple[str, ...]:
    """Return the name of the earlier stage that is most like another one, if any is; the nearest are tried."""
    above = stage.dockerfile.stage_names[: stage.index]
    return _most_alike(name, tuple(islice((one for one in reversed(above) if one), _MOST)))


@lru_cache(maxsize=4_096)
def _most_alike(name: str, tried: tuple[str, ...]) -> tuple[str, ...]:
    alike = [(ratio, one) for one in tried if (ratio := _likeness(name, one)) >= _ALIKE]
    return (max(alike)[1],) if alike else ()


@lru_cache(maxsize=1_024)
def _is_known(name: str) -> bool:
    return known_image(parse_image(name)) is not None


@lru_cache(maxsize=4_096)
def _likeness(name: str, other: str) -> float:
    """Return how alike two names are; what is surely below `_ALIKE` counts as 0."""
    from difflib import SequenceMatcher  # most files name stages that are there

    matcher = SequenceMatcher(None, other, name)
    is_near = matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE
    return matcher.ratio() if is_near else 0
