"""A Compose service refers to a service, volume, network or secret that is not there.

## What it does
Reports names in `depends_on` and `networks` that the file does not define. Files that are merged with others
(overrides, `include`, `extends` from elsewhere) are left alone.

## Why it matters
`docker compose up` refuses the whole file. When the typing error sits in a file only the server uses, the next
deployment stops with everything down.

## Bad
```yaml title="compose.yaml"
services:
  cache:
    image: redis:7.4.1
    healthcheck:
      test: ["CMD", "redis-cli", "ping"]
  api:
    image: registry.example/api:1.2.0
    healthcheck:
      test: ["CMD", "/app/healthy"]
    depends_on:
      cahce:  # <-
        condition: service_healthy
```

## Good
```yaml title="compose.yaml"
services:
  cache:
    image: redis:7.4.1
    healthcheck:
      test: ["CMD", "redis-cli", "ping"]
  api:
    image: registry.example/api:1.2.0
    healthcheck:
      test: ["CMD", "/app/healthy"]
    depends_on:
      cache:
        condition: service_healthy
```

## Fix
Uses the nearest name that exists. Unsafe: whether it is the one that was meant is a guess.

## References
- [Compose: depends_on](https://docs.docker.com/reference/compose-file/services/#depends_on)

## Equivalent rules
None known.
"""

from collections.abc import Iterable, Iterator

from rollsafe.artefacts.compose import ComposeFile, ComposeService
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.text import nearest


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(service: ComposeService) -> Iterator[Finding]:
    """Yield a finding for each name nobody defines."""
    compose = service.compose
    if _is_part_of_more(compose) or service.extends_elsewhere:
        return
    for dependency in service.depends_on:
        if dependency.is_required and dependency.service not in compose.services:
            yield _finding(service, dependency.node, "service", compose.services)
    for network in service.networks:
        if network.text != "default" and network.text not in compose.networks:
            yield _finding(service, network, "network", compose.networks)


def _is_part_of_more(compose: ComposeFile) -> bool:
    return compose.is_override or bool(compose.includes) or compose.tree.templated


def _finding(service: ComposeService, node: Scalar, what: str, known: Iterable[str]) -> Finding:
    close = nearest(node.text, known)
    fixes: tuple[Fix, ...] = ()
    if close is not None and "$" not in node.text:
        fixes = (Fix(f"Use the {what} `{close}`", Safety.UNSAFE, edits=(set_value(node, close),)),)
    return Finding(
        node,
        f"service `{service.name}` needs the {what} `{node.text}`, which this file does not define",
        fixes=fixes,
        detail=f"`docker compose up` refuses `{service.file.path}` as a whole",
    )
