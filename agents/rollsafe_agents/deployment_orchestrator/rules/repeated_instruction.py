"""A stage says twice what only counts once.

## What it does
Reports a second `CMD`, `ENTRYPOINT` or `HEALTHCHECK` in one stage.

## Why it matters
Only the last one counts, silently. Whoever reads or changes the first one believes that this is how the container
starts, or how its health is asked for.

## Bad
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
USER 1000
CMD ["node", "server.js"]
CMD ["node", "worker.js"]  # <-
```

## Good
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
USER 1000
CMD ["node", "worker.js"]
```

## Fix
Removes the earlier ones, which do nothing.

## References
- [Dockerfile: CMD](https://docs.docker.com/reference/dockerfile/#cmd)
- [BuildKit: MultipleInstructionsDisallowed](https://docs.docker.com/reference/build-checks/multiple-instructions-disallowed/)

## Equivalent rules
- `hadolint:DL3012`
- `hadolint:DL4003`
- `hadolint:DL4004`
- `trivy:DS-0007`
- `trivy:DS-0016`
- `trivy:DS-0023`
- `buildkit:MultipleInstructionsDisallowed`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.dockerfiles import quiet_level, without_instruction

_PEERS: Final = {
    "CMD": ("hadolint:DL4003", "trivy:DS-0016", "buildkit:MultipleInstructionsDisallowed"),
    "ENTRYPOINT": ("hadolint:DL4004", "trivy:DS-0007", "buildkit:MultipleInstructionsDisallowed"),
    "HEALTHCHECK": ("hadolint:DL3012", "trivy:DS-0023", "buildkit:MultipleInstructionsDisallowed"),
}


_MOST: Final = 5


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.SAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for an instruction that takes the effect of earlier ones."""
    peers = _PEERS.get(instruction.deed)
    if peers is None or instruction.node.trigger is not None:
        return
    earlier = [one for one in instruction.before if one.keyword == instruction.deed][-_MOST:]
    if not earlier:
        return
    name = instruction.deed
    lines = ", ".join(str(one.file.line_number(one)) for one in earlier[:3])
    yield Finding(
        instruction.keyword_span,
        f"this `{name}` replaces the one of line {lines}, which does nothing",
        fixes=partial(_fixes, name, earlier),
        related=tuple(Related(one.file, one.keyword_span, f"this `{name}` does nothing") for one in earlier),
        level=quiet_level(instruction),
        equivalents=peers,
    )


def _fixes(name: str, earlier: list[DockerInstruction]) -> tuple[Fix, ...]:
    edits = tuple(map(without_instruction, earlier))
    return (Fix(f"Remove the earlier `{name}`", Safety.SAFE, edits=edits),)
