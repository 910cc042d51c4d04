"""An image installs a package in whatever version there is that day.

## What it does
Reports packages without a version in `apt-get install`, `apk add`, `yum`, `dnf` and `zypper install`, `pip install`,
`npm`, `yarn` and `pnpm` with package names, `gem install`, `go install` and `cargo install`. Local files, names a
variable decides, and what a lock, constraint or requirements file fixes are left alone.

## Why it matters
The same commit gives another image tomorrow. A rebuild for a one-line change brings new versions along, and going
back to the old commit does not bring the old versions back.

## Bad
```dockerfile title="Dockerfile"
FROM debian:12.7 AS build
RUN apt-get install -y --no-install-recommends libpq5=15.8-0+deb12u1
FROM debian:12.7
RUN apt-get install -y --no-install-recommends libpq5  # <-
USER 10001
```

## Good
```dockerfile title="Dockerfile"
FROM debian:12.7 AS build
RUN apt-get install -y --no-install-recommends libpq5=15.8-0+deb12u1
FROM debian:12.7
RUN apt-get install -y --no-install-recommends libpq5=15.8-0+deb12u1
USER 10001
```

## Fix
Uses the version the same file names elsewhere. Unsafe: it may be another one than was installed so far. Where the
file names none, it has to be looked up.

## References
- [Docker: build best practices, pin versions](https://docs.docker.com/build/building/best-practices/)

## Equivalent rules
- `hadolint:DL3008`
- `hadolint:DL3013`
- `hadolint:DL3016`
- `hadolint:DL3018`
- `hadolint:DL3028`
- `hadolint:DL3033`
- `hadolint:DL3037`
- `hadolint:DL3041`
- `hadolint:DL3062`
"""

from collections.abc import Iterator, Sequence
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.artefacts.dockerfile.packages import Invocation, Package
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.dockerfiles import place_in, quiet_level

_PEERS: Final = {
    "apt-get": "hadolint:DL3008",
    "pip": "hadolint:DL3013",
    "npm": "hadolint:DL3016",
    "apk": "hadolint:DL3018",
    "gem": "hadolint:DL3028",
    "yum": "hadolint:DL3033",
    "zypper": "hadolint:DL3037",
    "dnf": "hadolint:DL3041",
    "go": "hadolint:DL3062",
}
_SHOWN: Final = 3


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for each command that installs packages without a version."""
    if not instruction.tools:
        return
    for one in instruction.invocations:
        loose = [package for package in one.packages if not package.pinned]
        if loose:
            yield _finding(instruction, one, loose)


def _finding(instruction: DockerInstruction, one: Invocation, loose: Sequence[Package]) -> Finding:
    names = ", ".join(f"`{package.name}`" for package in loose[:_SHOWN])
    more = f" and {len(loose) - _SHOWN} more" if len(loose) > _SHOWN else ""
    peer = _PEERS.get(one.manager)
    return Finding(
        place_in(instruction, instruction.span_of(loose[0].word)),
        f"`{one.called}` takes any version of {names}{more}",
        fixes=lambda: tuple(_fixes(instruction, one, loose)),
        level=quiet_level(instruction),
        detail="the same commit gives another image tomorrow, and going back does not bring old versions back",
        equivalents=(peer,) if peer is not None and not _all_moving(one, loose) else (),
    )


def _all_moving(one: Invocation, loose: Sequence[Package]) -> bool:
    """Say whether all name a tag such as `@latest`, which hadolint takes for a version of an npm package."""
    return one.manager == "npm" and all(package.name != package.word.text for package in loose)


def _fixes(instruction: DockerInstruction, one: Invocation, loose: Sequence[Package]) -> Iterator[Fix]:
    known = _versions(instruction, one.manager)
    edits = tuple(
        Edit(instruction.span_of(package.word), known[package.name])
        for package in loose
        if package.name in known
    )
    if edits and len(edits) == len(loose):
        names = ", ".join(f"`{edit.text}`" for edit in edits[:_SHOWN])
        yield Fix(f"Use {names}, as elsewhere in this file", Safety.UNSAFE, edits=edits)


def _versions(instruction: DockerInstruction, manager: str) -> dict[str, str]:
    """Return how packages with a version are written in this file, by name."""
    stages = instruction.stage.dockerfile.stages if instruction.stage is not None else ()
    return {
        package.name: package.word.text
        for stage in stages
        for other in stage.instructions
        for one in other.invocations
        if one.manager == manager
        for package in one.packages
        if package.pinned and package.name != package.word.text and "$" not in package.word.text
    }
