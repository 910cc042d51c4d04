"""A Compose service others wait for cannot say whether it is healthy.

## What it does
Reports services that run a published image, have no health check, and are named in another service's
`depends_on`. Services built in the repository are judged by their Dockerfile. Other services without a check
are reported at level `pedantic`, and so are development files.

## Why it matters
Without a health check Compose knows only that the container exists. Whatever depends on it starts too early
after every restart of the host, and a hung database stays "up" for as long as nobody looks.

## Bad
```yaml title="compose.yaml"
services:
  db:  # <-
    image: postgres:16.4
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/db
  api:
    image: registry.example/api:1.2.0
    healthcheck:
      test: ["CMD", "/app/healthy"]
    depends_on:
      db:
        condition: service_started
```

## Good
```yaml title="compose.yaml"
services:
  db:
    image: postgres:16.4
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
```

## Fix
Adds the check that fits a widely used image. Safe: it only lets Compose know what the container says.

## References
- [Compose: healthcheck](https://docs.docker.com/reference/compose-file/services/#healthcheck)

## Equivalent rules
- `kics:healthcheck_not_set`
"""

from collections.abc import Iterator
from json import dumps

from rollsafe.artefacts.compose import ComposeService
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import is_shipped

_CHECK = "test: {test}\ninterval: 10s\ntimeout: 5s\nretries: 5"


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.SAFE)
def check(service: ComposeService, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a service without a health check."""
    if service.build is not None or not service.lacks("healthcheck"):
        return
    dependants = [
        (other, dependency)
        for other in service.compose.services.values()
        for dependency in other.depends_on
        if dependency.service == service.name
    ]
    waited_for = bool(dependants) and is_shipped(service.compose, graph)
    who = ", ".join(f"`{other.name}`" for other, _ in dependants)
    what = f", which {who} depend{'s' * (len(dependants) == 1)} on," if dependants else ""
    yield Finding(
        service.title_node,
        f"service `{service.name}`{what} has no health check",
        fixes=tuple(_fixes(service)),
        related=tuple(
            Related(other.file, dependency.node, f"`{other.name}` depends on `{service.name}`")
            for other, dependency in dependants[:3]
        ),
        level=None if waited_for else Level.PEDANTIC,
        detail=f"Compose takes `{service.name}` for ready as soon as its container exists",
    )


def _fixes(service: ComposeService) -> Iterator[Fix]:
    known = service.known
    if known is None or not known.health_test or service.node.flow or not service.node.entries:
        return
    check = _CHECK.format(test=dumps(list(known.health_test)))
    edit = add_entry(service.file.text, service.node, "healthcheck", check)
    yield Fix(f"Add a health check for {known.title}", Safety.SAFE, edits=(edit,))
