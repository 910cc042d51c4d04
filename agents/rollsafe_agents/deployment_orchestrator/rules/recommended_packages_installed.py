"""An image gets packages that nobody asked for.

## What it does
Reports `apt-get install` without `--no-install-recommends`, unless the file switches recommended packages off in
apt's configuration.

## Why it matters
Recommended packages make images larger, and every one of them has to be patched when it has a vulnerability.

## Bad
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN apt-get install -y libpq5=15.8-0+deb12u1  # <-
USER 10001
```

## Good
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN apt-get install -y --no-install-recommends libpq5=15.8-0+deb12u1
USER 10001
```

## Fix
Adds `--no-install-recommends`. Unsafe: the program may need one of the packages, which then has to be named.

## References
- [Debian: apt-get(8)](https://manpages.debian.org/stable/apt/apt-get.8.en.html)

## Equivalent rules
- `hadolint:DL3015`
- `trivy:DS-0029`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.artefacts.dockerfile.packages import Action, Invocation
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.dockerfiles import call_in, quiet_level

_FLAG: Final = "--no-install-recommends"
_CONFIGURED: Final = re.compile(r"""Install-Recommends["']?[ \t=]+["']?(?:0|false|no)\b""", re.I)


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for each installation with recommended packages."""
    if "apt-get" not in instruction.tools and "apt" not in instruction.tools:
        return
    for one in instruction.invocations:
        is_apt = one.manager in ("apt-get", "apt") and one.action is Action.INSTALL
        if is_apt and one.operands and not one.command.has_flag(_FLAG) and not _is_configured(instruction):
            yield Finding(
                call_in(instruction, one),
                f"`{one.called}` brings recommended packages along",
                fixes=(Fix(f"Add `{_FLAG}`", Safety.UNSAFE, edits=(_edit(instruction, one),)),),
                level=quiet_level(instruction),
                detail="they make the image larger, and each has to be patched when it has a vulnerability",
                equivalents=None if one.manager == "apt-get" else (),
            )


def _is_configured(instruction: DockerInstruction) -> bool:
    """Say whether apt's configuration leaves recommended packages out, here or in an instruction above."""
    above = (one for one in instruction.before if "ecommends" in one.node.body or one.heredocs)
    texts = (instruction.file.slice(one) for one in (*above, instruction))
    return any(_CONFIGURED.search(text) is not None for text in texts)


def _edit(instruction: DockerInstruction, one: Invocation) -> Edit:
    """Return the edit that adds the flag behind the verb and the short flags that follow it."""
    at = one.verb.end
    for word in one.command.args:
        if at < word.start <= at + 1 and re.fullmatch(r"-[a-zA-Z]{1,3}", word.text):
            at = word.end
    return Edit(Span.at(instruction.span_of(Span(at, at)).start), f" {_FLAG}")
