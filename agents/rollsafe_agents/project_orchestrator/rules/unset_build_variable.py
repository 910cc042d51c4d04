"""An instruction uses a build variable that is not set there.

## What it does
Reports variables in `FROM` that no `ARG` above the first `FROM` declares, and variables in a stage that are declared
above the first `FROM` only, or that a builder sets but nobody declares (`TARGETARCH` …). A name that nothing sets and
that is spelled almost like a known one is told at level `pedantic`, and so is an `ARG` without a default in `FROM`.

## Why it matters
An `ARG` above the first `FROM` ends there: in a stage the variable is empty, without a word. The program is downloaded
without its version, or the label says nothing.

## Bad
```dockerfile title="Dockerfile"
ARG VERSION=1.4.2
FROM node:22.9.0-slim
LABEL version=$VERSION  # <-
USER 1000
```

## Good
```dockerfile title="Dockerfile"
ARG VERSION=1.4.2
FROM node:22.9.0-slim
ARG VERSION
LABEL version=$VERSION
USER 1000
```

## Fix
Declares it in the stage, which hands the value on. Unsafe: the variable has a value from then on.

## References
- [Dockerfile: ARG and FROM](https://docs.docker.com/reference/dockerfile/#understand-how-arg-and-from-interact)
- [BuildKit: UndefinedVar](https://docs.docker.com/reference/build-checks/undefined-var/)
- [BuildKit: UndefinedArgInFrom](https://docs.docker.com/reference/build-checks/undefined-arg-in-from/)
- [BuildKit: InvalidDefaultArgInFrom](https://docs.docker.com/reference/build-checks/invalid-default-arg-in-from/)

## Equivalent rules
- `buildkit:UndefinedVar`
- `buildkit:UndefinedArgInFrom`
- `buildkit:InvalidDefaultArgInFrom`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dockerfile import Dockerfile, DockerInstruction, Stage
from rollsafe.artefacts.dockerfile.variables import (
    BUILDER_SET,
    PREDEFINED,
    Use,
    assigned_in,
    inherited_by,
    uses_in,
)
from rollsafe.formats.yaml_edit import eol_of
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.dockerfiles import place_in

_LATER: Final = frozenset({"CMD", "ENTRYPOINT", "HEALTHCHECK", "SHELL", "ARG", "ONBUILD"})
"""Instructions whose variables are replaced when a container starts, or in another build."""

_MOST: Final = 60
_LONGEST: Final = 60
_UNDEFINED: Final = ("buildkit:UndefinedVar",)


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Yield a finding for each variable that is empty where it is used."""
    if "$" not in dockerfile.file.text:
        return
    for stage in dockerfile.stages:
        yield from _in_from(dockerfile, stage)
        yield from _in_stage(dockerfile, stage)


def _in_stage(dockerfile: Dockerfile, stage: Stage) -> Iterator[Finding]:
    lost = {*dockerfile.global_args, *BUILDER_SET}
    if not any("$" in one.node.body and one.keyword not in _LATER for one in stage.instructions[1:]):
        return
    known = {*inherited_by(stage), *PREDEFINED}
    for instruction in stage.instructions[1:]:
        in_shell = instruction.keyword == "RUN"
        for use in uses_in(instruction) if not in_shell or _names_one(instruction, lost) else ():
            if use.name not in known and not use.has_default:
                known.add(use.name)
                yield from _judged(dockerfile, instruction, use, known)
        if instruction.keyword in ("ENV", "ARG"):
            known |= {pair.name.text for pair in instruction.pairs}


def _names_one(instruction: DockerInstruction, names: set[str]) -> bool:
    body = instruction.node.body
    return "$" in body and any(name in body for name in names)


def _in_from(dockerfile: Dockerfile, stage: Stage) -> Iterator[Finding]:
    for use in uses_in(stage.from_instruction):
        if use.has_default or use.name in BUILDER_SET or use.name in PREDEFINED:
            continue
        pair = dockerfile.global_args.get(use.name)
        if pair is None:
            yield Finding(
                use.span,
                f"`FROM` uses `{use.name}`, which no `ARG` above the first `FROM` declares",
                severity=Severity.ERROR,
                equivalents=("buildkit:UndefinedArgInFrom",),
            )
        elif pair.value is None and stage.base_word is not None and use.span.end <= stage.base_word.end:
            yield Finding(
                use.span,
                f"`FROM` names no image unless the build sets `{use.name}`",
                level=Level.PEDANTIC,
                equivalents=("buildkit:InvalidDefaultArgInFrom",),
            )


def _judged(
    dockerfile: Dockerfile, instruction: DockerInstruction, use: Use, known: set[str]
) -> Iterator[Finding]:
    name, stage = use.name, instruction.stage
    in_shell = instruction.deed == "RUN"
    if in_shell and assigned_in(instruction, name):
        return
    if (name in dockerfile.global_args or name in BUILDER_SET) and stage is not None:
        where = "by the builder only" if name in BUILDER_SET else "above the first `FROM` only"
        eol = eol_of(dockerfile.file.text)
        edit = Edit(Span.at(stage.from_instruction.end), f"{eol}ARG {name}")
        yield Finding(
            place_in(instruction, use.span),
            f"`{name}` is empty in `{instruction.deed}`: it is set {where}",
            fixes=(Fix(f"Declare `ARG {name}` in the stage", Safety.UNSAFE, edits=(edit,)),),
            equivalents=() if in_shell else _UNDEFINED,
        )
    elif not in_shell:
        yield from _misspelt(instruction, use, known - PREDEFINED - {name})


def _misspelt(instruction: DockerInstruction, use: Use, known: set[str]) -> Iterator[Finding]:
    from difflib import get_close_matches  # only mistakes need it

    alike = get_close_matches(use.name[:_LONGEST], sorted(known)[:_MOST], n=1, cutoff=0.8)
    if alike:
        edit = Edit(use.name_span, alike[0])
        yield Finding(
            place_in(instruction, use.span),
            f"nothing sets `{use.name}`; there is `{alike[0]}`",
            fixes=(Fix(f"Use `{alike[0]}`", Safety.UNSAFE, edits=(edit,)),),
            level=Level.PEDANTIC,
            equivalents=_UNDEFINED,
        )
