"""A build gives a user a password.

## What it does
Reports `chpasswd` and `passwd --stdin` in `RUN`.

## Why it matters
The password is in the file, in the image's history and in every container. Whoever gets into one knows it for all.

## Bad
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN echo "app:secret" | chpasswd  # <-
USER 10001
```

## Good
```dockerfile title="Dockerfile"
FROM debian:12.7
USER 10001
```

## Fix
Removes the instruction where it does nothing else. Unsafe: somebody may log in by the password.

## References
- [Docker: build secrets](https://docs.docker.com/build/building/secrets/)

## Equivalent rules
- `checkov:CKV2_DOCKER_17`
"""

from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.dockerfiles import place_in, without_instruction


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for a RUN that sets a password."""
    if "chpasswd" not in instruction.tools:
        return
    commands = instruction.commands
    command = next((one for one in commands if one.name.rpartition("/")[2] == "chpasswd"), None)
    if command is None or command.has_flag("-e", "--encrypted"):
        return
    alone = len(commands) == 2 and commands[0].name in ("echo", "printf")
    fix = Fix("Remove the password", Safety.UNSAFE, edits=(without_instruction(instruction),))
    yield Finding(
        place_in(instruction, instruction.span_of(command)),
        f"`{command.name}` sets a password that every container of the image has",
        fixes=(fix,) if alone else (),
    )
