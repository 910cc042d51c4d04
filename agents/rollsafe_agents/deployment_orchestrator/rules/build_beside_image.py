"""A Compose service is built and has an image's name too.

## What it does
Reports services with both `build` and `image` and no `pull_policy`, for auditors: the name is often meant for what
is built.

## Why it matters
Which of the two runs depends on the host: where the image is not there, Compose first tries to pull it, and builds
only when that fails.

## Bad
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    build: .  # <-
```

## Good
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    build: .
    pull_policy: build
```

## Fix
Says that the image is built. Unsafe: `docker compose up` then builds each time.

## References
- [Compose: build and image](https://docs.docker.com/reference/compose-file/build/#using-build-and-image)

## Equivalent rules
- `dclint:no-build-and-image`
"""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeService
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.compose_edits import added


@rule(severity=Severity.INFO, since="0.1.0", fix=Safety.UNSAFE, level=Level.AUDITOR)
def check(service: ComposeService) -> Iterator[Finding]:
    """Yield a finding for a service that is built and pulled."""
    key = service.key_at("build")
    if key is None or service.node.entry("image") is None or service.at("pull_policy") is not None:
        return
    yield Finding(
        key,
        f"service `{service.name}` has both `build` and `image`, and no `pull_policy` says which one runs",
        fixes=added(service, "pull_policy", "build", "Add `pull_policy: build`", Safety.UNSAFE),
    )
