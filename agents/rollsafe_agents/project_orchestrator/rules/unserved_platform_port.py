"""A platform sends requests to a port that the image does not serve.

## What it does
Compares the `internal_port` of a `fly.toml` with what the app is told to listen on: `PORT` in its `[env]`, else `PORT` of
the image, else the ports that the Dockerfile it is built from exposes. Apps built otherwise are left alone.

## Why it matters
The machine starts, and every request fails because nothing answers on the port that Fly.io connects to. Checks of that
port never pass, so the deployment fails after it has waited for them.

## Bad
```toml title="fly.toml"
app = "shop"

[http_service]
  internal_port = 8080  # <-
  min_machines_running = 1

[[http_service.checks]]
  path = "/healthz"
  interval = "15s"
  timeout = "2s"
```
```dockerfile title="Dockerfile"
FROM node:22.11.0-slim
WORKDIR /app
COPY . .
EXPOSE 3000
USER 10001
CMD ["node", "server.js"]
```

## Good
```toml title="fly.toml"
app = "shop"

[http_service]
  internal_port = 3000
  min_machines_running = 1

[[http_service.checks]]
  path = "/healthz"
  interval = "15s"
  timeout = "2s"
```
```dockerfile title="Dockerfile"
FROM node:22.11.0-slim
WORKDIR /app
COPY . .
EXPOSE 3000
USER 10001
CMD ["node", "server.js"]
```

## Fix
Sends requests to the port that is served, where there is one alone. Unsafe: it changes where requests go.

## References
- [Fly.io: the http_service section](https://fly.io/docs/reference/configuration/#the-http_service-section)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import Dockerfile
from rollsafe.artefacts.platforms import FlyApp
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Related, Safety, Severity, Span, rule
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, confidence=Confidence.MEDIUM)
def check(app: FlyApp, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a port that nothing listens on."""
    node = app.internal_port
    port = node.as_int() if node is not None else None
    if node is None or port is None:
        return
    ports, related = _served(app, graph)
    if not ports or port in ports:
        return
    listed = ", ".join(map(str, ports))
    fixes: tuple[Fix, ...] = ()
    if len(ports) == 1:
        edit = set_value(node, str(ports[0]))
        fixes = (Fix(f"Send requests to port {ports[0]}", Safety.UNSAFE, edits=(edit,)),)
    yield Finding(
        node,
        f"Fly.io sends requests of `{app.name}` to port `{port}`, but the app serves `{listed}`",
        fixes=fixes,
        related=related,
        detail="connections are refused although the machine runs, and checks of the port never pass",
    )


def _served(app: FlyApp, graph: Graph) -> tuple[list[int], tuple[Related, ...]]:
    """Return the ports the app listens on as far as files tell, and where they tell it."""
    told = next((one for one in app.variables if one.name == "PORT"), None)
    if told is not None:
        number = _number(told.node.text)
        related = (Related(app.file, told.node, "`PORT` is what the app listens on"),)
        return ([], ()) if number is None else ([number], related)
    path = app.dockerfile
    dockerfile = next(iter(graph.find(Dockerfile, f"path:{path}")), None) if path is not None else None
    stage = dockerfile.final_stage if dockerfile is not None else None
    if stage is None or app.start_commands or not app.lacks("build", "build-target"):
        return [], ()
    exposed = stage.exposed_ports
    numbers = [one.number for one in exposed if one.number is not None and one.number == one.last]
    if not numbers or len(numbers) < len(exposed):
        return [], ()
    if "PORT" in stage.environment:
        number = _number(stage.environment["PORT"] or "")
        if number is None:
            return [], ()
        numbers.append(number)
    related = (Related(stage.file, Span.of(exposed[0].word), "the image exposes this"),)
    return sorted(set(numbers)), related


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
