"""A build calls `apt`, whose command line is made for people.

## What it does
Reports `apt` in `RUN`.

## Why it matters
`apt` says of itself that its command line and output may change between versions: a script that used it can stop
working with the next base image. `apt-get` and `apt-cache` stay as they are.

## Bad
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN apt install -y --no-install-recommends libpq5=15.8-0+deb12u1  # <-
USER 10001
```

## Good
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN apt-get install -y --no-install-recommends libpq5=15.8-0+deb12u1
USER 10001
```

## Fix
Writes `apt-get`, or `apt-cache` for what only asks.

## References
- [Debian: apt(8), script usage](https://manpages.debian.org/stable/apt/apt.8.en.html#SCRIPT_USAGE_AND_DIFFERENCES_FROM_OTHER_APT_TOOLS)

## Equivalent rules
- `hadolint:DL3027`
- `checkov:CKV_DOCKER_9`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.artefacts.dockerfile.packages import Invocation
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.dockerfiles import place_in, quiet_level

_SAME: Final = {
    **dict.fromkeys(
        [
            "install",
            "reinstall",
            "update",
            "upgrade",
            "full-upgrade",
            "remove",
            "purge",
            "autoremove",
            "clean",
            "autoclean",
            "build-dep",
        ],
        "apt-get",
    ),
    **dict.fromkeys(("search", "show", "policy", "depends", "rdepends"), "apt-cache"),
}


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.SAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for a RUN that uses `apt`."""
    if "apt" not in instruction.tools:
        return
    found = [one for one in instruction.invocations if one.manager == "apt"]
    yield Finding(
        place_in(instruction, instruction.span_of(found[0].command.word(0))),
        f"`{found[0].called}` is made for people: its command line may change",
        fixes=tuple(_fixes(instruction, found)),
        level=quiet_level(instruction),
    )


def _fixes(instruction: DockerInstruction, found: list[Invocation]) -> Iterator[Fix]:
    if all(one.verb.text in _SAME for one in found):
        edits = tuple(Edit(instruction.span_of(one.command.word(0)), _SAME[one.verb.text]) for one in found)
        yield Fix(f"Call `{edits[0].text}`", Safety.SAFE, edits=edits)
