"""A Compose service refers to a service, volume, network or secret that is not there.

## What it does
Reports names in `depends_on`, `links`, `volumes_from`, `network_mode`, `extends`, `networks`, `volumes`, `secrets`
and `configs` that nobody defines: neither the file, nor those beside it with Compose's own names, nor those it
includes. Overrides, and files that include something unknown, are left alone.

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
Uses the nearest name that exists, or declares the network or volume. Unsafe: whether it is the one that was meant
is a guess.

## References
- [Compose: depends_on](https://docs.docker.com/reference/compose-file/services/#depends_on)

## Equivalent rules
None known.
"""

from collections.abc import Iterable, Iterator

from rollsafe.artefacts.compose import SINGULAR, ComposeService, Use
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.compose_edits import declaration
from rollsafe.text import nearest
from rollsafe.workspace.compose_project import base_in, companions, is_declared, is_part_of_more
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(service: ComposeService, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each name nobody defines."""
    compose = service.compose
    yield from _extended(service, graph)
    unknown = [
        use for use in service.uses if use.name not in compose.declared(use.section) and "$" not in use.name
    ]
    if not unknown or is_part_of_more(compose, graph):
        return
    for use in unknown:
        if not is_declared(compose, use.section, use.name, graph):
            yield _finding(service, use, graph)


def _extended(service: ComposeService, graph: Graph) -> Iterator[Finding]:
    extends = service.extends
    if extends is None or "$" in extends.service:
        return
    if not extends.is_elsewhere:
        if extends.service not in service.compose.services:
            yield _finding(service, Use("services", extends.service, extends.node), graph)
        return
    found = base_in(service, graph)
    if found is not None and not found[1]:
        yield Finding(
            extends.node,
            f"service `{service.name}` extends `{extends.service}`, which `{found[0]}` does not define",
            detail=f"`docker compose up` refuses `{service.file.path}` as a whole",
        )


def _finding(service: ComposeService, use: Use, graph: Graph) -> Finding:
    compose, what = service.compose, SINGULAR[use.section]
    known = {*compose.declared(use.section)}
    known.update(name for one in companions(compose, graph) for name in one.declared(use.section))
    return Finding(
        use.where,
        f"service `{service.name}` needs the {what} `{use.name}`, which this file does not define",
        fixes=tuple(_fixes(service, use, known)),
        detail=f"`docker compose up` refuses `{service.file.path}` as a whole",
    )


def _fixes(service: ComposeService, use: Use, known: Iterable[str]) -> Iterator[Fix]:
    what = SINGULAR[use.section]
    close = nearest(use.name, known)
    if close is not None:
        is_whole = isinstance(use.where, Scalar) and use.where.text == use.name
        edit = set_value(use.where, close) if is_whole and isinstance(use.where, Scalar) else None
        yield Fix(
            f"Use the {what} `{close}`", Safety.UNSAFE, edits=(edit or Edit(Span.of(use.where), close),)
        )
    if use.section in ("networks", "volumes"):
        declared = declaration(service.compose, use.section, use.name)
        if declared is not None:
            yield Fix(f"Declare the {what} `{use.name}`", Safety.UNSAFE, edits=(declared,))
