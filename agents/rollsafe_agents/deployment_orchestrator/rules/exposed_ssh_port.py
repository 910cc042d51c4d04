"""An image offers a login by SSH.

## What it does
Reports `EXPOSE 22`.

## Why it matters
A container is replaced, not repaired: what somebody changes in it by hand is gone with the next release, and until
then nobody knows of it. The SSH server is one more program to patch and one more door.

## Bad
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
USER 1000
EXPOSE 8080 22  # <-
```

## Good
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
USER 1000
EXPOSE 8080
```

## Fix
Removes the port. Unsafe: somebody may log in by it.

## References
- [Dockerfile: EXPOSE](https://docs.docker.com/reference/dockerfile/#expose)

## Equivalent rules
- `checkov:CKV_DOCKER_1`
- `trivy:DS-0004`
"""

from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.dockerfiles import without_instruction


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for the port of SSH."""
    if instruction.deed != "EXPOSE":
        return
    words = instruction.held.words
    for at, word in enumerate(words):
        if word.text.partition("/")[0] != "22" or word.text.endswith("/udp"):
            continue
        if len(words) == 1:
            edit = without_instruction(instruction)
        elif at:
            edit = Edit(Span(words[at - 1].end, word.end), "")
        else:
            edit = Edit(Span(word.start, words[1].start), "")
        yield Finding(
            Span.of(word),
            "the image offers a login by SSH on port `22`",
            fixes=(Fix("Remove the port", Safety.UNSAFE, edits=(edit,)),),
        )
