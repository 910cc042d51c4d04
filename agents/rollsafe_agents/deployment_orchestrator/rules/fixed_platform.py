"""`FROM` says for which platform it is, and so overrules whoever builds.

## What it does
Reports `FROM --platform` with a fixed value, and with `$TARGETPLATFORM`, which is what `FROM` does anyway.
`$BUILDPLATFORM` and other variables are left alone.

## Why it matters
An image built for another architecture holds programs of this one: the container starts nowhere, or in emulation.

## Bad
```dockerfile title="Dockerfile"
FROM --platform=$TARGETPLATFORM alpine:3.20.3  # <-
USER 10001
```

## Good
```dockerfile title="Dockerfile"
FROM alpine:3.20.3
USER 10001
```

## Fix
Removes the flag. Unsafe for a fixed value: builds on another architecture then give an image for that one.

## References
- [BuildKit: RedundantTargetPlatform](https://docs.docker.com/reference/build-checks/redundant-target-platform/)
- [BuildKit: FromPlatformFlagConstDisallowed](https://docs.docker.com/reference/build-checks/from-platform-flag-const-disallowed/)

## Equivalent rules
- `hadolint:DL3029`
- `hadolint:DL3065`
- `buildkit:RedundantTargetPlatform`
- `buildkit:FromPlatformFlagConstDisallowed`
"""

from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule

_TARGET = frozenset({"$TARGETPLATFORM", "${TARGETPLATFORM}"})
_REDUNDANT = ("hadolint:DL3065", "buildkit:RedundantTargetPlatform")
_FIXED = ("hadolint:DL3029", "buildkit:FromPlatformFlagConstDisallowed")


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.SAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for a platform that is fixed or said twice."""
    if instruction.deed != "FROM":
        return
    flag = instruction.flag("platform")
    if flag is None or not flag.value:
        return
    redundant = flag.value in _TARGET
    if not redundant and "$" in flag.value:
        return
    following = instruction.argument
    edit = Edit(Span(flag.start, following.start if following is not None else flag.end), "")
    message = f"`{flag.value}` is what `FROM` builds for anyway"
    if not redundant:
        message = f"the stage is for `{flag.value}`, whatever the build is for"
    yield Finding(
        Span.of(flag),
        message,
        fixes=(Fix("Remove `--platform`", Safety.SAFE if redundant else Safety.UNSAFE, edits=(edit,)),),
        level=None if redundant or not _says_so(instruction) else Level.AUDITOR,
        equivalents=_REDUNDANT if redundant else _FIXED if not _says_so(instruction) else _FIXED[:1],
    )


def _says_so(instruction: DockerInstruction) -> bool:
    """Say whether the stage's name names the architecture: `AS build_arm64`."""
    flag, stage = instruction.flag("platform"), instruction.stage
    architecture = (flag.value or "").rpartition("/")[2] if flag is not None else ""
    return bool(architecture) and stage is not None and architecture in (stage.name or "")
