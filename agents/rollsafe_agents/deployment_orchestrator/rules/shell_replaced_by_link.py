"""The system's shell is replaced for the sake of a build.

## What it does
Reports `ln` that makes `/bin/sh` another shell.

## Why it matters
Every script of the distribution runs in the other shell from then on, also at run time. The next update of the base
image puts the old one back.

## Bad
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN ln -sf /bin/bash /bin/sh  # <-
USER 10001
```

## Good
```dockerfile title="Dockerfile"
FROM debian:12.7
SHELL ["/bin/bash", "-c"]
USER 10001
```

## Fix
Says by `SHELL` what instructions run in. Unsafe: scripts that need the other shell without naming it fail.

## References
- [Dockerfile: SHELL](https://docs.docker.com/reference/dockerfile/#shell)

## Equivalent rules
- `hadolint:DL4005`
"""

from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.dockerfiles import cased, place_in


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for each link in the place of /bin/sh."""
    if "ln" not in instruction.tools:
        return
    for command in instruction.commands:
        words = command.bare_words if command.name == "ln" else []
        if words[-1:] == ["/bin/sh"] and len(words) == 2:
            alone = len(instruction.commands) == 1 and instruction.keyword == "RUN"
            edit = Edit(Span.of(instruction), cased(instruction, f'SHELL ["{words[0]}", "-c"]'))
            fix = Fix(f"Set the shell to `{words[0]}`", Safety.UNSAFE, edits=(edit,))
            yield Finding(
                place_in(instruction, instruction.span_of(command)),
                f"`ln` makes `{words[0]}` the shell of every script in the image",
                fixes=(fix,) if alone and words[0].startswith("/") else (),
            )
