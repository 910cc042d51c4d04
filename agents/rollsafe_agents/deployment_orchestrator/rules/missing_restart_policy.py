"""A Compose service stays down once it has stopped.

## What it does
Reports services without a `restart` policy where most others of the file have one, and where the file's name says
production; other files at level `pedantic`. Services that end by themselves, those of a profile, and development
files are left alone. A policy that gives up after some attempts is told to auditors.

## Why it matters
After a crash, or a reboot of the host, Docker starts only containers that have a policy. The others stay down
until somebody notices.

## Bad
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    restart: unless-stopped
  worker:  # <-
    image: registry.example/worker:1.2.0
```

## Good
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    restart: unless-stopped
  worker:
    image: registry.example/worker:1.2.0
    restart: unless-stopped
```

## Fix
Adds the policy most services of the file have. Unsafe: a container that ends by itself would start over and over.

## References
- [Compose: restart](https://docs.docker.com/reference/compose-file/services/#restart)

## Equivalent rules
- `kics:restart_policy_on_failure_not_set_to_5`
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import cast

from rollsafe.artefacts.compose import ComposeFile, ComposeService
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.compose_edits import added
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import is_for_production, is_shipped

_ATTEMPTS = "5"
"""What Docker's benchmark, and KICS with it, asks for."""


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(service: ComposeService, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a service nobody starts again."""
    yield from _limited(service)
    if (
        not _lacks(service)
        or service.is_run_once
        or service.profiles
        or not is_shipped(service.compose, graph)
    ):
        return
    policies, running = _policies(service.compose)
    is_odd = sum(policies.values()) * 2 > running - 1
    policy = policies.most_common(1)[0][0] if policies else "unless-stopped"
    yield Finding(
        service.title_node,
        f"service `{service.name}` has no `restart` policy",
        fixes=partial(added, service, "restart", policy, f"Add `restart: {policy}`", Safety.UNSAFE),
        level=None if is_odd or is_for_production(service.compose) else Level.PEDANTIC,
        detail=f"after a crash or a reboot of the host `{service.name}` stays down",
        equivalents=(),
    )


def _policies(compose: ComposeFile) -> tuple[Counter[str], int]:
    """Return how often each policy is written for services that keep running, and how many these are."""
    known = compose.kept.get(_policies)
    if known is None:
        running = [one for one in compose.services.values() if not one.is_run_once]
        written = Counter(one.restart for one in running if one.restart is not None)
        known = compose.kept[_policies] = written, len(running)
    return cast("tuple[Counter[str], int]", known)


def _lacks(service: ComposeService) -> bool:
    is_without = service.lacks("restart") and service.lacks("deploy", "restart_policy")
    return is_without and "stack" not in service.file.name.lower()


def _limited(service: ComposeService) -> Iterator[Finding]:
    node = service.node.at("restart")
    before = ""
    if isinstance(node, Scalar):
        before, _, attempts = node.text.partition(":")
    else:
        node = service.node.at("deploy", "restart_policy", "max_attempts")
        if service.text_at("deploy", "restart_policy", "condition") != "on-failure":
            return
        attempts = node.text if isinstance(node, Scalar) else ""
    if isinstance(node, Scalar) and attempts.isdigit() and attempts != _ATTEMPTS:
        value = f"{before}:{_ATTEMPTS}" if before else _ATTEMPTS
        fix = Fix(f"Allow `{_ATTEMPTS}` attempts", Safety.UNSAFE, edits=(set_value(node, value),))
        yield Finding(
            node,
            f"service `{service.name}` stays down after `{attempts}` failed starts",
            fixes=(fix,),
            level=Level.AUDITOR,
        )
