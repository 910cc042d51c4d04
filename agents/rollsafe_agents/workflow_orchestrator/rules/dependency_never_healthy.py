"""A Compose service waits for the health of one that has no health check.

## What it does
Reports `condition: service_healthy` on a service whose check is switched off, or which has none: neither in this
file nor in its Dockerfile, or its image is a widely used one that is known to bring none. Other images are left
alone, since they may have a check of their own.

## Why it matters
`docker compose up` stops with `container … has no healthcheck configured`, and the waiting service never starts.

## Bad
```yaml title="compose.yaml"
services:
  db:
    image: postgres:16.4
    volumes:
      - data:/var/lib/postgresql/data
  api:
    image: registry.example/api:1.2.0
    healthcheck:
      test: ["CMD", "/app/healthy"]
    depends_on:
      db:
        condition: service_healthy  # <-
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
        condition: service_healthy
volumes:
  data:
```

## Fix
Adds the check that fits a widely used image; it changes nothing else. For others the condition can be lowered to
`service_started`, which is unsafe: the service then starts before the other can answer.

## References
- [Compose: control startup order](https://docs.docker.com/compose/how-tos/startup-order/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeService, Dependency
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.compose_edits import with_health_check
from rollsafe.workspace.compose_project import companions
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import dockerfile_stage_of, health_check_of

_WITH_CHECK = frozenset({"Redpanda", "MinIO", "SQL Server", "Keycloak", "Vault", "Elasticsearch", "MySQL"})
"""Products of which some images, or some versions, bring a check of their own."""


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(service: ComposeService, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a condition that no health check can meet."""
    for dependency in service.own_depends_on:
        if dependency.condition != "service_healthy":
            continue
        target = service.compose.service(dependency.service)
        if target is not None and _has_none(target, graph):
            yield _finding(service, dependency, target)


def _has_none(target: ComposeService, graph: Graph) -> bool:
    if target.healthcheck is not None:
        return target.healthcheck.is_disabled
    if not target.lacks("healthcheck") or health_check_of(target, graph) or target.at("provider") is not None:
        return False
    others = (one.service(target.name) for one in companions(target.compose, graph))
    if any(other is not None and other.healthcheck is not None for other in others):
        return False
    if target.build is not None:
        stage = dockerfile_stage_of(target, graph)
        return stage is not None and stage.image is not None and stage.image.path in _BASES
    known = target.known
    return known is not None and bool(known.health_test) and known.title not in _WITH_CHECK


_BASES = frozenset(
    {
        "alpine",
        "debian",
        "ubuntu",
        "python",
        "node",
        "golang",
        "ruby",
        "php",
        "eclipse-temurin",
        "rust",
        "nginx",
    }
)
"""Images that programs are built on and that bring no check."""


def _finding(service: ComposeService, dependency: Dependency, target: ComposeService) -> Finding:
    is_off = target.healthcheck is not None
    why = "switches its health check off" if is_off else "has no health check"
    node = dependency.condition_node or dependency.node
    lowered = Fix("Wait for the start only", Safety.UNSAFE, edits=(set_value(node, "service_started"),))
    return Finding(
        node,
        f"`{service.name}` waits until `{target.name}` is healthy, which {why}",
        fixes=(() if is_off else with_health_check(target, Safety.SAFE)) or (lowered,),
        related=(Related(target.file, target.title_node, f"`{target.name}` is defined here"),),
        detail=f"`docker compose up` stops, and `{service.name}` is never started",
    )
