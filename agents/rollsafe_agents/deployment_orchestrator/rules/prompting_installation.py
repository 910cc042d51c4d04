"""An installation in an image build asks a question that nobody answers.

## What it does
Reports `install` of `apt-get`, `yum`, `dnf` and `zypper` without the flag that answers yes. Commands that get an
answer through a pipe, and files that configure the answer, are left alone.

## Why it matters
A build has no terminal. As soon as the package brings another one along, the manager asks, gets no answer and
aborts: the release cannot be built on the day a dependency is added upstream.

## Bad
```dockerfile title="Dockerfile"
FROM rockylinux:9.4
RUN dnf install httpd-2.4.57 && dnf clean all  # <-
USER 10001
```

## Good
```dockerfile title="Dockerfile"
FROM rockylinux:9.4
RUN dnf install -y httpd-2.4.57 && dnf clean all
USER 10001
```

## Fix
Adds `-y`.

## References
- [Debian: apt-get(8)](https://manpages.debian.org/stable/apt/apt-get.8.en.html)

## Equivalent rules
- `hadolint:DL3014`
- `hadolint:DL3030`
- `hadolint:DL3034`
- `hadolint:DL3038`
- `trivy:DS-0021`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.artefacts.dockerfile.packages import Action, Invocation
from rollsafe.artefacts.source import SourceFile
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.dockerfiles import after_verb, call_in, quiet_level

_PEERS: Final = {
    "apt-get": ("hadolint:DL3014", "trivy:DS-0021"),
    "apt": (),
    "yum": ("hadolint:DL3030",),
    "zypper": ("hadolint:DL3034",),
    "dnf": ("hadolint:DL3038",),
}


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.SAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for each installation that asks before it goes on."""
    if instruction.tools.isdisjoint(_PEERS):
        return
    for one in instruction.invocations:
        if (
            one.manager in _PEERS
            and one.action is Action.INSTALL
            and one.operands
            and _asks(instruction, one)
        ):
            # microdnf has no questions to ask in most of its versions.
            level = Level.PEDANTIC if one.command.name == "microdnf" else quiet_level(instruction)
            yield Finding(
                call_in(instruction, one),
                f"`{one.called}` asks whether to go on, and nobody answers in a build",
                fixes=(Fix("Add `-y`", Safety.SAFE, edits=(after_verb(instruction, one, "-y"),)),),
                level=level,
                detail="the command aborts as soon as the package brings another one along",
                equivalents=_PEERS[one.manager],
            )


def _is_configured(file: SourceFile) -> bool:
    """Say whether a manager is told to answer for itself, anywhere in a file."""
    return "Assume-Yes" in file.text or "assumeyes" in file.text


def _asks(instruction: DockerInstruction, one: Invocation) -> bool:
    if one.is_confirmed or instruction.file.told(_is_configured):
        return False
    at = instruction.commands.index(one.command)
    return at == 0 or instruction.commands[at - 1].separator_after != "|"
