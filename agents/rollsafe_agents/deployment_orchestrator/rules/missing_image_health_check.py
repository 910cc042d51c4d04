"""An image that Compose runs as a service has no health check.

## What it does
Reports the final stage of a Dockerfile without `HEALTHCHECK` when a Compose service builds it, that service has
no check of its own, and the image exposes a port. Other Dockerfiles are reported at level `pedantic`:
Kubernetes ignores `HEALTHCHECK`.

## Why it matters
A process that hangs keeps its container "up". Nothing restarts it, a reverse proxy goes on sending it requests,
and services that wait for it cannot know when to start.

## Bad
```dockerfile title="api/Dockerfile"
FROM python:3.12.7-slim  # <-
COPY . /app
USER 10001
EXPOSE 9000
CMD ["python", "-m", "api"]
```
```yaml title="compose.yaml"
services:
  api:
    build: api
```

## Good
```dockerfile title="api/Dockerfile"
FROM python:3.12.7-slim
COPY . /app
USER 10001
EXPOSE 9000
HEALTHCHECK --interval=30s --timeout=3s CMD ["python", "-c", "import socket; socket.create_connection(('127.0.0.1', 9000), 2)"]
CMD ["python", "-m", "api"]
```
```yaml title="compose.yaml"
services:
  api:
    build: api
```

## Fix
Adds a check that connects to the exposed port with what the base image has (Python or Node). Unsafe: a
container that does not listen becomes unhealthy. Asking a health endpoint says more.

## References
- [Dockerfile: HEALTHCHECK](https://docs.docker.com/reference/dockerfile/#healthcheck)

## Equivalent rules
- `hadolint:DL3057`
- `checkov:CKV_DOCKER_2`
- `trivy:DS-0026`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.compose import ComposeService
from rollsafe.artefacts.dockerfile import Dockerfile, Stage
from rollsafe.formats.yaml_edit import comments_above, eol_of
from rollsafe.rules import Edit, Finding, Fix, Level, Related, Safety, Severity, Span, rule
from rollsafe.rules.dockerfiles import cased
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import is_shipped

_PROBES: Final = {
    "python": '["python", "-c", "import socket; socket.create_connection((\'127.0.0.1\', {port}), 2)"]',
    "node": '["node", "-e", "require(\'net\').connect({port}, \'127.0.0.1\')'
    ".on('connect', () => process.exit(0)).on('error', () => process.exit(1))\"]",
}


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(dockerfile: Dockerfile, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a final stage nothing can ask for its health."""
    stage = dockerfile.final_stage
    if stage is None or stage.healthcheck is not None or (stage.image is None and stage.base_stage is None):
        return
    service = _runner(dockerfile, graph)
    serves = bool(stage.exposed_ports)
    runs = f", which Compose runs as `{service.name}`," if service is not None else ""
    yield Finding(
        stage.title_span,
        f"the image of `{dockerfile.file.path}`{runs} has no health check",
        fixes=tuple(_fixes(stage)),
        related=(Related(service.file, service.title_node, "built and run here"),) if service else (),
        level=None if service is not None and serves else Level.PEDANTIC,
        detail="a process that hangs keeps its container up; nothing restarts it and nothing can wait for it",
    )


def _runner(dockerfile: Dockerfile, graph: Graph) -> ComposeService | None:
    for service in graph.find(ComposeService, f"builds:{dockerfile.file.path}"):
        if not is_shipped(service.compose, graph) or (service.build is not None and service.build.target):
            continue
        if service.healthcheck is None:
            return service
    return None


def _fixes(stage: Stage) -> Iterator[Fix]:
    ports = [port.number for port in stage.exposed_ports if isinstance(port.number, int)]
    name = stage.root.image.name if stage.root.image is not None else ""
    command = stage.last("CMD") or stage.last("ENTRYPOINT")
    if len(ports) != 1 or name not in _PROBES or command is None:
        return
    check = f"HEALTHCHECK --interval=30s --timeout=3s CMD {_PROBES[name].format(port=ports[0])}"
    text = stage.file.text
    edit = Edit(Span.at(comments_above(text, command.start)), cased(stage, check) + eol_of(text))
    yield Fix(f"Add a health check of port {ports[0]}", Safety.UNSAFE, edits=(edit,))
