"""A Compose service publishes a port on every address of the host.

## What it does
Reports published ports of databases, caches, queues and search engines that are not bound to an address; in
development files at level `pedantic`. Ports of other services are told to auditors, once for each service.

## Why it matters
Docker writes its own firewall rules, in front of those of the host: what `ufw` closes is open all the same. A Redis
or MongoDB that answers to the internet is found within hours.

## Bad
```yaml title="compose.yaml"
services:
  db:
    image: postgres:16.4
    ports:
      - "5432:5432"  # <-
    volumes:
      - data:/var/lib/postgresql/data
volumes:
  data:
```

## Good
```yaml title="compose.yaml"
services:
  db:
    image: postgres:16.4
    ports:
      - "127.0.0.1:5432:5432"
    volumes:
      - data:/var/lib/postgresql/data
volumes:
  data:
```

## Fix
Publishes the port on the host itself only. Unsafe: another machine may use it.

## References
- [Docker: packet filtering and firewalls](https://docs.docker.com/engine/network/packet-filtering-firewalls/)

## Equivalent rules
- `dclint:no-unbound-port-interfaces`
- `kics:container_traffic_not_bound_to_host_interface`
"""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeService, PortMapping
from rollsafe.artefacts.known_images import Layer
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.compose_edits import on_loopback
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import is_shipped

_STORES = frozenset({Layer.DATABASE, Layer.CACHE, Layer.QUEUE, Layer.SEARCH, Layer.COORDINATION})
_EQUIVALENTS = ("dclint:no-unbound-port-interfaces", "kics:container_traffic_not_bound_to_host_interface")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(service: ComposeService, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for ports that other machines reach."""
    own = [one for one in service.ports if service.start <= one.node.start < service.end]
    is_open = [port for port in own if port.is_on_every_interface and not _is_variable(port)]
    if not is_open:
        return
    if service.known is not None and service.known.layer in _STORES:
        level = None if is_shipped(service.compose, graph) else Level.PEDANTIC
        for port in is_open:
            yield _of_store(service, port, level)
        return
    key = service.key_at("ports")
    edits = [on_loopback(port, service.file.text) for port in is_open]
    numbers = ", ".join(f"`{_number(port)}`" for port in is_open[:5])
    yield Finding(
        key or service.title_node,
        f"service `{service.name}` publishes {numbers} on every address of the host",
        fixes=_fixes(edits),
        severity=Severity.INFO,
        level=Level.AUDITOR,
        equivalents=_equivalents(is_open),
    )


def _of_store(service: ComposeService, port: PortMapping, level: Level | None) -> Finding:
    edit = on_loopback(port, service.file.text)
    what = service.known.title if service.known is not None else service.name
    return Finding(
        port.node,
        f"{what} of service `{service.name}` is published on every address of the host (port `{_number(port)}`)",
        fixes=_fixes([edit]),
        level=level,
        detail="Docker opens the port in front of the host's own firewall",
        equivalents=_equivalents([port]),
    )


def _fixes(edits: list[Edit | None]) -> tuple[Fix, ...]:
    """Return the fix that makes all edits; none where one of the ports cannot be written that way."""
    known = tuple(edit for edit in edits if edit is not None)
    if len(known) < len(edits):
        return ()
    return (Fix("Publish on `127.0.0.1` only", Safety.UNSAFE, edits=known),)


def _equivalents(ports: list[PortMapping]) -> tuple[str, ...]:
    return _EQUIVALENTS if any(port.host_ip is None for port in ports) else ()


def _is_variable(port: PortMapping) -> bool:
    """Say whether a variable may hold the address."""
    return port.host_ip is not None and "?" in port.host_ip


def _number(port: PortMapping) -> str:
    found = port.published or port.target
    return str(found.first) if found is not None else "?"
