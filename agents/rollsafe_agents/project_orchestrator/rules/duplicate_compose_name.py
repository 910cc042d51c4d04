"""Two services of a Compose file want the same container name or the same port of the host.

## What it does
Reports a `container_name` or a published port that an earlier service of the file has already. Services that no
profile starts together, and ports on different addresses or of different protocols, do not collide.

## Why it matters
The second container does not start: the name is in use, or `port is already allocated`. Which of the two is second
depends on timing, so that a restart can swap them.

## Bad
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    healthcheck:
      test: ["CMD", "/app/healthy"]
    ports:
      - "8080:80"
  admin:
    image: registry.example/admin:1.2.0
    healthcheck:
      test: ["CMD", "/app/healthy"]
    ports:
      - "8080:80"  # <-
```

## Good
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    healthcheck:
      test: ["CMD", "/app/healthy"]
    ports:
      - "8080:80"
  admin:
    image: registry.example/admin:1.2.0
    healthcheck:
      test: ["CMD", "/app/healthy"]
    ports:
      - "8081:80"
```

## Fix
Publishes the next free port, or takes the second name away, so that Compose makes one. Unsafe: somebody may know
the service by it.

## References
- [Compose: ports](https://docs.docker.com/reference/compose-file/services/#ports)

## Equivalent rules
- `dclint:no-duplicate-container-names`
- `dclint:no-duplicate-exported-ports`
"""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeFile, ComposeService, PortMapping
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.rules import Edit, Finding, Fix, Related, Safety, Severity, Span, rule
from rollsafe.rules.compose_edits import removed


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(compose: ComposeFile) -> Iterator[Finding]:
    """Yield a finding for the second use of each name and port."""
    yield from _names(compose)
    yield from _ports(compose)


def _names(compose: ComposeFile) -> Iterator[Finding]:
    names: dict[str, ComposeService] = {}
    for service in compose.services.values():
        node = service.node.at("container_name")
        if isinstance(node, Scalar) and node.text and "$" not in node.text:
            first = names.setdefault(node.text, service)
            if first is not service and _run_together(first, service):
                yield _same_name(service, first, node)


def _ports(compose: ComposeFile) -> Iterator[Finding]:
    published = [port.published for one in compose.services.values() for port in one.ports if port.published]
    if len({one.first for one in published}) == len(published) and all(
        one.first == one.last for one in published
    ):
        return
    ports: list[tuple[ComposeService, PortMapping]] = []
    for service in compose.services.values():
        for port in service.ports:
            earlier = next(
                (one for one, other in ports if _collide(other, port) and _run_together(one, service)), None
            )
            if earlier is not None and port.node.start >= service.start:
                yield _same_port(service, earlier, port, ports)
            ports.append((service, port))


def _collide(one: PortMapping, other: PortMapping) -> bool:
    if one.published is None or other.published is None or one.protocol != other.protocol:
        return False
    if not one.published.overlaps(other.published) or one.node is other.node:
        return False
    is_open = one.is_on_every_interface or other.is_on_every_interface
    return is_open or one.host_ip == other.host_ip


def _run_together(one: ComposeService, other: ComposeService) -> bool:
    return not one.profiles or not other.profiles or not set(one.profiles).isdisjoint(other.profiles)


def _same_name(service: ComposeService, first: ComposeService, node: Scalar) -> Finding:
    return Finding(
        node,
        f"services `{first.name}` and `{service.name}` both name their container `{node.text}`",
        fixes=removed(service, "container_name", "Let Compose name the container", Safety.UNSAFE),
        related=(Related(first.file, first.title_node, f"`{first.name}` has the name first"),),
        detail=f"the container of `{service.name}` does not start while that of `{first.name}` is there",
        equivalents=("dclint:no-duplicate-container-names",),
    )


def _same_port(
    service: ComposeService,
    first: ComposeService,
    port: PortMapping,
    taken: list[tuple[ComposeService, PortMapping]],
) -> Finding:
    published = port.published
    number = published.first if published is not None else 0
    who = (
        f"services `{first.name}` and `{service.name}` both publish"
        if first is not service
        else f"service `{service.name}` publishes"
    )
    return Finding(
        port.node,
        f"{who} port `{number}` of the host{' twice' if first is service else ''}",
        fixes=tuple(_next_port(port, taken)),
        related=(Related(first.file, first.title_node, f"`{first.name}` has the port first"),),
        detail=f"the container of `{service.name}` does not start: `port is already allocated`",
        equivalents=("dclint:no-duplicate-exported-ports",),
    )


def _next_port(port: PortMapping, taken: list[tuple[ComposeService, PortMapping]]) -> Iterator[Fix]:
    published, node = port.published, port.node
    if published is None or published.first != published.last:
        return
    used = {
        n for _, one in taken if one.published for n in range(one.published.first, one.published.last + 1)
    }
    free = next((n for n in range(published.first + 1, 65_536) if n not in used), None)
    written = node.at("published") if isinstance(node, Mapping) else node
    if free is None or not isinstance(written, Scalar) or "$" in written.text:
        return
    before = written.text[: -len(written.text.split(":", 1)[1])] if ":" in written.text else written.text
    at = before.find(str(published.first))
    if (port.host_ip is None and at == 0) or isinstance(node, Mapping):
        start = written.start + (0 if written.plain else 1)
        edit = Edit(Span(start, start + len(str(published.first))), str(free))
        yield Fix(f"Publish `{free}` instead", Safety.UNSAFE, edits=(edit,))
