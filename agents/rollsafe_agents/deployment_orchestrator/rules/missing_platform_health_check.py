"""A platform sends requests to a service without asking for its health.

## What it does
Reports apps on Fly.io that get requests and have no check, and services on Railway that start a server and have no
`healthcheckPath`. Workers and jobs by the clock are left alone. At level `pedantic` it also reports web services on
Render without `healthCheckPath`, where a connection to the port is all that is tried, other services on Railway,
containers on ECS that open a port and have neither a `healthCheck` nor a load balancer that asks, and containers with a
port on Cloud Run without any probe.

## Why it matters
Without a check an instance counts as good the moment its process runs. A release that starts but cannot serve
replaces every instance of the old one, the deployment says it succeeded, and an instance that hangs keeps
getting requests.

## Bad
```toml title="fly.toml"
app = "shop"
primary_region = "fra"

[http_service]  # <-
  internal_port = 8080
  force_https = true
  min_machines_running = 2
```

## Good
```toml title="fly.toml"
app = "shop"
primary_region = "fra"

[http_service]
  internal_port = 8080
  force_https = true
  min_machines_running = 2

[checks.alive]
  type = "tcp"
  port = 8080
  interval = "15s"
  timeout = "2s"
  grace_period = "10s"
```

## Fix
Fly.io: adds a check of the port. Unsafe: deployments wait for it. It only shows that something listens; a path that
checks the server's own work says more. Elsewhere it adds the path `/`, which is manual, since the server has to
answer it.

## References
- [Fly.io: health checks](https://fly.io/docs/reference/health-checks/)
- [Railway: health checks](https://docs.railway.com/guides/healthchecks)
- [Render: health checks](https://render.com/docs/health-checks)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.platforms import (
    CloudRunService,
    EcsContainer,
    EcsService,
    FlyApp,
    RailwayService,
    RenderService,
)
from rollsafe.formats.toml_edit import add_toml_table
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.platforms import entry_edit
from rollsafe.workspace.graph import Graph

_SERVER: Final = re.compile(
    r"\b(?:gunicorn|uvicorn|hypercorn|daphne|puma|unicorn|runserver|nginx|caddy)\b|\brails s(?:erver)?\b"
    r"|\bnext start\b|\bflask run\b|\bartisan serve\b"
)
_PROBES: Final = ("startupProbe", "livenessProbe", "readinessProbe")
_DETAIL: Final = (
    "an instance counts as good as soon as its process runs, so a release that starts and cannot serve "
    "replaces the old one"
)


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, confidence=Confidence.MEDIUM)
def check(
    service: FlyApp | RailwayService | RenderService | EcsContainer | CloudRunService, graph: Graph
) -> Iterator[Finding]:
    """Yield a finding for a service nobody asks for its health."""
    if service.is_development:
        return
    if isinstance(service, FlyApp):
        yield from _on_fly(service)
    elif isinstance(service, RailwayService):
        yield from _on_railway(service)
    elif isinstance(service, RenderService):
        yield from _on_render(service)
    elif isinstance(service, CloudRunService):
        yield from _on_cloud_run(service)
    else:
        yield from _on_ecs(service, graph)


def _on_fly(app: FlyApp) -> Iterator[Finding]:
    served = next(iter(app.services), None)
    if served is None or app.has_checks or not app.lacks("checks"):
        return
    fixes: tuple[Fix, ...] = ()
    port = app.internal_port.as_int() if app.internal_port is not None else None
    if port is not None:
        block = (
            f'[checks.alive]\n  type = "tcp"\n  port = {port}\n  interval = "15s"\n  timeout = "2s"\n'
            '  grace_period = "10s"'
        )
        edit = add_toml_table(app.file.text, block)
        fixes = (Fix(f"Add a check of port {port}", Safety.UNSAFE, edits=(edit,)),)
    where = app.node.key_at("http_service") or app.node.key_at("services") or app.title
    yield Finding(
        where, f"Fly.io sends requests to `{app.name}` without a check", fixes=fixes, detail=_DETAIL
    )


def _on_railway(service: RailwayService) -> Iterator[Finding]:
    deploy = service.deploy
    if deploy is None or service.schedules or not service.lacks("deploy", "healthcheckPath"):
        return
    serves = any(_SERVER.search(one.text) for one in service.start_commands)
    edit = entry_edit(service, deploy, "healthcheckPath", "/")
    title = "Add `healthcheckPath` (put in the path that your server answers)"
    yield Finding(
        deploy.entry("startCommand") or service.title,
        "Railway sends requests to the service without asking a `healthcheckPath`",
        fixes=(Fix(title, Safety.MANUAL, edits=(edit,)),),
        level=None if serves else Level.PEDANTIC,
        detail=_DETAIL,
    )


def _on_render(service: RenderService) -> Iterator[Finding]:
    if service.type != "web" or service.is_static or not service.lacks("healthCheckPath"):
        return
    edit = entry_edit(service, service.node, "healthCheckPath", "/")
    title = "Add `healthCheckPath` (put in the path that your server answers)"
    yield Finding(
        service.title,
        f"Render asks web service `{service.name}` no `healthCheckPath`",
        fixes=(Fix(title, Safety.MANUAL, edits=(edit,)),),
        level=Level.PEDANTIC,
        detail="an instance counts as good as soon as something listens on its port",
    )


def _on_cloud_run(service: CloudRunService) -> Iterator[Finding]:
    ingress = [one for one in service.containers if one.at("ports") is not None] or service.containers[:1]
    for container in ingress:
        if service.is_templated or any(container.at(key) is not None for key in _PROBES):
            continue
        edit = add_entry(service.file.text, container, "startupProbe", "httpGet:\n  path: /")
        title = "Add a `startupProbe` (put in the path that your server answers)"
        yield Finding(
            container.key_at("image") or service.title,
            f"Cloud Run asks `{service.name}` for nothing but an open port",
            fixes=(Fix(title, Safety.MANUAL, edits=(edit,)),),
            level=Level.PEDANTIC,
            detail="a revision gets requests as soon as something listens",
        )


def _on_ecs(container: EcsContainer, graph: Graph) -> Iterator[Finding]:
    ports = container.node.items_at(container.key("portMappings"))
    if not ports or not container.lacks(container.key("healthCheck")):
        return
    beside = graph.find(EcsService, f"path:{container.file.path}")
    if any(one.find("loadBalancers") is not None for one in beside):
        return
    yield Finding(
        container.title,
        f"ECS asks container `{container.name}` for no health",
        level=Level.PEDANTIC,
        detail="a task counts as healthy as long as its process runs, unless a load balancer asks",
    )
