"""A Compose service starts before what it depends on can answer.

## What it does
Reports `depends_on` without `condition: service_healthy` where the dependency is a database, queue, cache or
the like, or has a health check. Development files are left alone.

## Why it matters
`depends_on` alone waits for the container to exist, not for the database in it to accept connections. After a
reboot of the host the service starts first, fails, and depending on its restart policy stays down.

## Bad
```yaml title="compose.yaml"
services:
  db:
    image: postgres:16.4
    volumes:
      - data:/var/lib/postgresql/data
    healthcheck:
      test: ["CMD-SHELL", "pg_isready"]
  api:
    image: registry.example/api:1.2.0
    healthcheck:
      test: ["CMD", "/app/healthy"]
    depends_on:
      - db  # <-
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
      test: ["CMD-SHELL", "pg_isready"]
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
Writes the dependency with its condition. Unsafe: the service waits, and does not start at all when the
dependency never becomes healthy. Without a health check on the dependency there is no fix: the condition
would never hold.

## References
- [Compose: control startup order](https://docs.docker.com/compose/how-tos/startup-order/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeService, Dependency
from rollsafe.artefacts.known_images import Layer
from rollsafe.formats.nodes import Mapping, Sequence
from rollsafe.formats.yaml_edit import add_entry, column_of, deepened, eol_of, indent_of, indented, line_start
from rollsafe.rules import Edit, Finding, Fix, Related, Safety, Severity, Span, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import health_check_of, is_shipped

_LAYERS = frozenset({Layer.DATABASE, Layer.QUEUE, Layer.CACHE, Layer.SEARCH})


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(service: ComposeService, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a dependency that is only started."""
    if not service.depends_on or not is_shipped(service.compose, graph):
        return
    for dependency in service.depends_on:
        target = service.compose.service(dependency.service)
        if target is None or dependency.condition not in (None, "service_started"):
            continue
        healthy = health_check_of(target, graph)
        stateful = target.known is not None and target.known.layer in _LAYERS
        if dependency.condition is None and (healthy or stateful) and not target.profiles:
            yield _finding(service, dependency, target, can_wait=healthy)


def _finding(
    service: ComposeService, dependency: Dependency, target: ComposeService, *, can_wait: bool
) -> Finding:
    fixes = tuple(_fixes(service, dependency)) if can_wait else ()
    return Finding(
        dependency.node,
        f"`{service.name}` starts before `{dependency.service}` can answer: nothing waits for its health",
        fixes=fixes,
        related=(Related(target.file, target.title_node, f"`{target.name}` is defined here"),),
        detail=f"after a restart of the host `{service.name}` meets a `{dependency.service}` that does not accept "
        "connections yet",
    )


def _fixes(service: ComposeService, dependency: Dependency) -> Iterator[Fix]:
    node = service.node.at("depends_on")
    edit: Edit | None = None
    if isinstance(node, Sequence) and not node.flow:
        edit = _as_mapping(service, node, dependency)
    elif isinstance(node, Mapping):
        value = node.map_at(dependency.service)
        if value is not None and value.entries:
            edit = add_entry(service.file.text, value, "condition", "service_healthy")
    if edit is not None:
        yield Fix(f"Wait until `{dependency.service}` is healthy", Safety.UNSAFE, edits=(edit,))


def _as_mapping(service: ComposeService, node: Sequence, dependency: Dependency) -> Edit | None:
    """Rewrite the short form; the other dependencies keep their meaning."""
    text = service.file.text
    source = text[node.start : node.end]
    key = service.key_at("depends_on")
    if key is None or "#" in source:
        return None
    lines: list[str] = []
    for one in service.depends_on:
        condition = "service_healthy" if one.service == dependency.service else "service_started"
        lines += (f"{one.service}:", f"  condition: {condition}")
    indent = indent_of(text)
    block = indented(deepened("\n".join(lines), indent), " " * column_of(text, key.start) + indent)
    return Edit(Span(line_start(text, node.start), node.end), block.replace("\n", eol_of(text)))
