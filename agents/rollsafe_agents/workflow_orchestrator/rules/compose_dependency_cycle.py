"""Compose services wait for each other in a circle.

## What it does
Follows `depends_on`, `links`, `volumes_from` and `network_mode: service:…` from service to service and reports
each circle once, where it closes.

## Why it matters
`docker compose up` refuses the file: there is no order in which these services could be started.

## Bad
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    healthcheck:
      test: ["CMD", "/app/healthy"]
    depends_on:
      worker:
        condition: service_healthy
  worker:
    image: registry.example/worker:1.2.0
    healthcheck:
      test: ["CMD", "/app/healthy"]
    depends_on:
      api:  # <-
        condition: service_healthy
```

## Good
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    healthcheck:
      test: ["CMD", "/app/healthy"]
    depends_on:
      worker:
        condition: service_healthy
  worker:
    image: registry.example/worker:1.2.0
    healthcheck:
      test: ["CMD", "/app/healthy"]
```

## Fix
Takes out the dependency that closes the circle. Unsafe: another one of them may be the one that is not needed.

## References
- [Compose: depends_on](https://docs.docker.com/reference/compose-file/services/#depends_on)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeFile, ComposeService, Use
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.compose_edits import without_item


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(compose: ComposeFile) -> Iterator[Finding]:
    """Yield a finding for each dependency that closes a circle."""
    done: set[str] = set()
    for start in compose.services:
        yield from _visit(compose, start, done)


def _visit(compose: ComposeFile, start: str, done: set[str]) -> Iterator[Finding]:
    """Go through what `start` needs, deepest first, without recursion."""
    way: list[tuple[str, Iterator[Use]]] = []
    on_way: list[str] = []
    pending: str | None = start
    while pending is not None or way:
        if pending is not None:
            if pending in done:
                pending = None
                continue
            on_way.append(pending)
            way.append((pending, iter(_needs(compose.services[pending]))))
            pending = None
        name, needs = way[-1]
        use = next(needs, None)
        if use is None:
            done.add(name)
            way.pop()
            on_way.pop()
        elif use.name in on_way:
            yield _finding(compose.services[name], use, on_way[on_way.index(use.name) :])
        elif use.name in compose.services:
            pending = use.name


def _needs(service: ComposeService) -> list[Use]:
    return [use for use in service.uses if use.section == "services"]


def _finding(service: ComposeService, use: Use, circle: list[str]) -> Finding:
    names = [*circle, use.name]
    chain = " → ".join(f"`{name}`" for name in names)
    alone = f"service `{service.name}` depends on itself"
    return Finding(
        use.where,
        f"services wait for each other in a circle: {chain}" if len(circle) > 1 else alone,
        fixes=tuple(_fixes(service, use)),
        detail="there is no order in which Compose can start them",
    )


def _fixes(service: ComposeService, use: Use) -> Iterator[Fix]:
    if isinstance(use.where, Scalar):
        edit = without_item(service.file.text, service.node, "depends_on", use.where)
        if edit is not None:
            yield Fix(f"Remove the dependency on `{use.name}`", Safety.UNSAFE, edits=(edit,))
