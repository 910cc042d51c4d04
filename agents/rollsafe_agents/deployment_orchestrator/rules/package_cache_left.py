"""A package manager's cache stays in the shipped image.

## What it does
Reports `apt-get update` without a later `rm` of its lists in the same `RUN`, and installations by `apk`, `yum`, `dnf`,
`zypper`, `pip` and `yarn` whose cache is neither switched off, nor cleaned, nor on a cache mount. Stages that do not
ship are left alone: nothing of their layers reaches the image.

## Why it matters
A layer keeps what a later one deletes. The cache is pulled by every node at every release, which makes rollouts and
roll-backs slower by tens of megabytes.

## Bad
```dockerfile title="Dockerfile"
FROM python:3.12.7-slim
COPY requirements.txt ./
RUN pip install -r requirements.txt  # <-
USER 10001
```

## Good
```dockerfile title="Dockerfile"
FROM python:3.12.7-slim
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
USER 10001
```

## Fix
Adds the flag that switches the cache off, or cleans it at the end of the same `RUN`. Unsafe where a later `RUN` installs
from the index that is cleaned away.

## References
- [Docker: build best practices, RUN](https://docs.docker.com/build/building/best-practices/#run)

## Equivalent rules
- `hadolint:DL3009`
- `hadolint:DL3019`
- `hadolint:DL3032`
- `hadolint:DL3036`
- `hadolint:DL3040`
- `hadolint:DL3042`
- `hadolint:DL3060`
- `trivy:DS-0015`
- `trivy:DS-0019`
- `trivy:DS-0020`
- `trivy:DS-0025`
- `trivy:DS-0027`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.artefacts.dockerfile.caches import left_behind
from rollsafe.artefacts.dockerfile.packages import Action, Invocation
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.dockerfiles import after_verb, appended, call_in, quiet_level

_PEERS: Final = {
    "apt-get": ("hadolint:DL3009",),
    "apt": ("hadolint:DL3009",),
    "apk": ("hadolint:DL3019", "trivy:DS-0025"),
    "yum": ("hadolint:DL3032", "trivy:DS-0015"),
    "zypper": ("hadolint:DL3036", "trivy:DS-0020"),
    "dnf": ("hadolint:DL3040", "trivy:DS-0019"),
    "microdnf": ("hadolint:DL3040", "trivy:DS-0027"),
    "pip": ("hadolint:DL3042",),
    "yarn": ("hadolint:DL3060",),
}
_FLAGS: Final = {"apk": "--no-cache", "pip": "--no-cache-dir"}
_CLEANERS: Final = {
    "apt-get": "rm -rf /var/lib/apt/lists/*",
    "apt": "rm -rf /var/lib/apt/lists/*",
    "yum": "yum clean all",
    "dnf": "{name} clean all",
    "zypper": "zypper clean --all",
    "yarn": "yarn cache clean",
}


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.SAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for each command whose cache stays in a shipped layer."""
    if not instruction.tools or not instruction.is_shipped:
        return
    for one in left_behind(instruction):
        yield Finding(
            call_in(instruction, one),
            f"the cache of `{one.called}` stays in the image",
            fixes=partial(_fixes, instruction, one),
            level=quiet_level(instruction),
            detail="every node pulls it at every release; deleting it in a later layer does not help",
            equivalents=_PEERS.get(one.command.name) or _PEERS[one.manager],
        )


def _fixes(instruction: DockerInstruction, one: Invocation) -> tuple[Fix, ...]:
    flag = _FLAGS.get(one.manager)
    if flag is not None:
        return (Fix(f"Add `{flag}`", Safety.SAFE, edits=(after_verb(instruction, one, flag),)),)
    cleaner = _CLEANERS[one.manager].format(name=one.command.name)
    command = f"sudo {cleaner}" if "sudo" in one.command.wrappers else cleaner
    edit = appended(instruction, command)
    safety = Safety.UNSAFE if _is_needed_later(instruction, one) else Safety.SAFE
    return (Fix(f"Run `{cleaner}` at the end", safety, edits=(edit,)),) if edit is not None else ()


def _is_needed_later(instruction: DockerInstruction, one: Invocation) -> bool:
    """Say whether a later instruction of the stage installs from the index that this one fetched."""
    for following in instruction.after:
        same = [other for other in following.invocations if other.manager == one.manager]
        if any(other.action is Action.UPDATE for other in same[:1]):
            return False
        if same:
            return True
    return False
