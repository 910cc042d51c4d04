"""An image names its user, where a cluster needs the number.

## What it does
Reports `USER` with a name. The one that the shipped image runs as is reported at level `pedantic`, others at level
`auditor`.

## Why it matters
Kubernetes cannot tell from a name that it is not root. With `runAsNonRoot: true` it refuses to start the container:
"image has non-numeric user".

## Bad
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN useradd --uid 10001 app
USER app  # <-
```

## Good
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN useradd --uid 10001 app
USER 10001
```

## Fix
Writes the number that the file gives to the user, or that the base image is known to give to it.

## References
- [Kubernetes: security context](https://kubernetes.io/docs/tasks/configure-pod-container/security-context/)

## Equivalent rules
- `hadolint:DL3066`
"""

from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.artefacts.dockerfile.users import known_number
from rollsafe.formats.dockerfile_words import Word
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.SAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for a user without a number."""
    if instruction.deed != "USER":
        return
    word, stage = instruction.held.argument, instruction.stage
    name = word.text.partition(":")[0] if word is not None else ""
    if word is None or not name or name.isdigit() or "$" in name or "\\" in name:
        return
    counts = stage is None or (
        stage.is_final and stage.user is not None and stage.user.instruction is instruction
    )
    root = name == "root"
    yield Finding(
        Span.of(word),
        f"`USER {name}` does not tell a cluster which number `{name}` has",
        fixes=tuple(_fixes(instruction, word, name)),
        level=None if counts and not root else Level.AUDITOR,
        detail="with `runAsNonRoot` Kubernetes refuses to start the container",
    )


def _fixes(instruction: DockerInstruction, word: Word, name: str) -> Iterator[Fix]:
    number = known_number(instruction.stage, name)
    if number is None:
        return
    written = instruction.file.slice(Span.of(word))
    group = word.text.partition(":")[2]
    if written == word.text:
        kept = number if not group or group == name else f"{number}:{group}"
        kept = f"{number}:{number}" if group == name else kept
        yield Fix(f"Write `{kept}`", Safety.SAFE, edits=(Edit(Span.of(word), kept),))
