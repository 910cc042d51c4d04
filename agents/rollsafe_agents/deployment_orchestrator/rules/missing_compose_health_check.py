"""A Compose service others wait for cannot say whether it is healthy.

## What it does
Reports services that run a published image, have no health check, and are named in another service's
`depends_on`. Services built in the repository are judged by their Dockerfile. Other services without a check
are reported at level `pedantic`, and so are development files and checks that are switched off.

## Why it matters
Without a health check Compose knows only that the container exists. Whatever depends on it starts too early
after every restart of the host, and a hung database stays "up" for as long as nobody looks.

## Bad
```yaml title="compose.yaml"
services:
  db:  # <-
    image: postgres:16.4
    volumes:
      - data:/var/lib/postgresql/data
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/db
  api:
    image: registry.example/api:1.2.0
    healthcheck:
      test: ["CMD", "/app/healthy"]
    depends_on:
      db:
        condition: service_started
volumes:
  data:
```

## Good
```yaml title="compose.yaml"
services:
  db:
    image: postgres:16.4
    volumes:
      - data:/var/lib/postgresql/data
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/db
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U $${POSTGRES_USER:-postgres} -d $${POSTGRES_DB:-$${POSTGRES_USER:-postgres}}"]
      interval: 10s
      timeout: 5s
      retries: 5
  api:
    image: registry.example/api:1.2.0
    healthcheck:
      test: ["CMD", "/app/healthy"]
    depends_on:
      db:
        condition: service_started
volumes:
  data:
```

## Fix
Adds the check that fits a widely used image. Unsafe: `docker compose up --wait` waits for it, and Swarm
replaces a container that fails it.

## References
- [Compose: healthcheck](https://docs.docker.com/reference/compose-file/services/#healthcheck)

## Equivalent rules
- `kics:healthcheck_not_set`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.compose import ComposeService
from rollsafe.rules import Finding, Level, Related, Safety, Severity, rule
from rollsafe.rules.compose_edits import removed, with_health_check
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import is_shipped


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(service: ComposeService, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a service without a health check."""
    check = service.healthcheck
    if check is not None and check.is_disabled and service.node.key_at("healthcheck") is not None:
        yield _switched_off(service)
    if service.build is not None or not service.lacks("healthcheck"):
        return
    found = service.compose.dependants.get(service.name, [])
    dependants = sorted(found, key=lambda one: one[0].name)
    waited_for = bool(dependants) and is_shipped(service.compose, graph)
    who = ", ".join(f"`{other.name}`" for other, _ in dependants)
    what = f", which {who} depend{'s' * (len(dependants) == 1)} on," if dependants else ""
    yield Finding(
        service.title_node,
        f"service `{service.name}`{what} has no health check",
        fixes=partial(with_health_check, service, Safety.UNSAFE),
        related=tuple(
            Related(other.file, dependency.node, f"`{other.name}` depends on `{service.name}`")
            for other, dependency in dependants[:3]
        ),
        level=None if waited_for else Level.PEDANTIC,
        detail=f"Compose takes `{service.name}` for ready as soon as its container exists",
    )


def _switched_off(service: ComposeService) -> Finding:
    for key in ("disable", "test"):
        place = service.node.at("healthcheck", key)
        if place is not None:
            break
    title = "Remove what switches the image's check off"
    return Finding(
        place or service.title_node,
        f"service `{service.name}` switches its health check off",
        fixes=removed(service, "healthcheck", title, Safety.UNSAFE),
        level=Level.PEDANTIC,
        detail=f"a `{service.name}` that hangs stays up for as long as nobody looks",
    )
