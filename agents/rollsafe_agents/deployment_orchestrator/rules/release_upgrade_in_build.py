"""A build moves the whole base system to another release.

## What it does
Reports `apt-get dist-upgrade`, `apt full-upgrade`, `zypper dist-upgrade` and `dnf distro-sync` in `RUN`.

## Why it matters
The image is no longer what its base image says: packages are replaced and removed, and the same commit gives another
system tomorrow. A newer base image brings the same updates in a way that can be named and taken back.

## Bad
```dockerfile title="Dockerfile"
FROM opensuse/leap:15.6
RUN zypper --non-interactive dist-upgrade && zypper clean --all  # <-
USER 10001
```

## Good
```dockerfile title="Dockerfile"
FROM opensuse/leap:15.6
RUN zypper clean --all
USER 10001
```

## Fix
Takes the command out. Unsafe: updates that the base image lacks are missing until it is replaced by a newer one.

## References
- [Docker: build best practices](https://docs.docker.com/build/building/best-practices/)

## Equivalent rules
- `hadolint:DL3035`
- `trivy:DS-0024`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.artefacts.dockerfile.packages import Action, Invocation
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.dockerfiles import call_in, quiet_level, without_command

_PEERS: Final = {"zypper": ("hadolint:DL3035",), "apt-get": ("trivy:DS-0024",)}
_MANAGERS: Final = frozenset({"zypper", "apt-get", "apt", "dnf", "yum"})


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for each command that moves the system to another release."""
    if instruction.tools.isdisjoint(_MANAGERS):
        return
    for one in instruction.invocations:
        if one.action is Action.RELEASE_UPGRADE:
            yield Finding(
                call_in(instruction, one),
                f"`{one.called}` turns the base image into another system",
                fixes=tuple(_fixes(instruction, one)),
                level=quiet_level(instruction),
                detail="the same commit gives another system tomorrow; a newer base image can be named",
                equivalents=_PEERS.get(one.manager, ()),
            )


def _fixes(instruction: DockerInstruction, one: Invocation) -> Iterator[Fix]:
    edit = without_command(instruction, instruction.commands.index(one.command))
    if edit is not None:
        yield Fix(f"Remove `{one.called}`", Safety.UNSAFE, edits=(edit,))
