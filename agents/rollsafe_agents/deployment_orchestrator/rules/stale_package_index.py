r"""The package index is fetched in another layer than the packages.

## What it does
Reports a `RUN` that updates the index of `apt-get` or `apk` and installs nothing by it afterwards, unless the index
lies on a cache mount.

## Why it matters
The layer with the index is cached. When the line that installs changes weeks later, it works with the old index: it
installs old versions, or fails with 404 because the repository no longer has them.

## Bad
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN apt-get update  # <-
RUN apt-get install -y --no-install-recommends libpq5=15.8-0+deb12u1 && rm -rf /var/lib/apt/lists/*
USER 10001
```

## Good
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq5=15.8-0+deb12u1 && rm -rf /var/lib/apt/lists/*
USER 10001
```

## Fix
Joins it with the `RUN` that installs, where that is the next instruction.

## References
- [Docker: build best practices, apt-get](https://docs.docker.com/build/building/best-practices/#apt-get)

## Equivalent rules
- `checkov:CKV_DOCKER_5`
- `trivy:DS-0017`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.artefacts.dockerfile.packages import Action, Invocation
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.dockerfiles import call_in, line_end, quiet_level

_FAMILIES: Final = {"apt-get": "apt", "apt": "apt", "apk": "apk"}
_USES: Final = frozenset({Action.INSTALL, Action.UPGRADE, Action.RELEASE_UPGRADE})


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.SAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for a RUN that fetches an index for a later layer."""
    if instruction.tools.isdisjoint(_FAMILIES):
        return
    one = next((one for one in instruction.invocations if _is_alone(instruction, one)), None)
    if one is None or any("/var/lib/apt" in target for target in instruction.mounts("cache")):
        return
    yield Finding(
        call_in(instruction, one),
        f"`{one.called}` fetches the package index in a layer of its own",
        fixes=tuple(_fixes(instruction, one)),
        level=quiet_level(instruction),
        detail="the layer is cached: a later installation works with an old index, or fails with 404",
    )


def _is_alone(instruction: DockerInstruction, one: Invocation) -> bool:
    if one.action is not Action.UPDATE or one.manager not in _FAMILIES or one.command.has_flag("--no-cache"):
        return False
    invocations = instruction.invocations
    return not any(_uses(other, one) for other in invocations[invocations.index(one) + 1 :])


def _uses(other: Invocation, one: Invocation) -> bool:
    return other.action in _USES and _FAMILIES.get(other.manager) == _FAMILIES[one.manager]


def _fixes(instruction: DockerInstruction, one: Invocation) -> Iterator[Fix]:
    following = next(iter(instruction.after), None)
    if following is None or not any(_uses(other, one) for other in following.invocations):
        return
    scripts = instruction.node.script, following.node.script
    plain = all(script is not None and script.interpreter is None for script in scripts)
    marked = (*instruction.heredocs, *following.heredocs, *instruction.flags, *following.flags)
    between = instruction.file.slice(Span(instruction.end, following.start))
    if plain and not marked and following.keyword == "RUN" and not between.strip() and scripts[1] is not None:
        joint = f" \\{line_end(instruction)}    && "
        edit = Edit(Span(instruction.end, scripts[1].start), joint)
        yield Fix("Join it with the next `RUN`", Safety.SAFE, edits=(edit,))
