"""A deployment on the platform stops every instance at once.

## What it does
Reports `strategy = "immediate"` of apps on Fly.io that get requests, and services on ECS with a minimum
healthy percentage of 0 that run more than one task or are behind a load balancer. Daemons, which cannot overlap, and
services that another controller deploys are left alone.

## Why it matters
Nobody serves from the moment the old instances stop until the new ones are ready. If the new release does not start,
nobody serves at all, and nothing stops the deployment while one instance has failed and the others still work.

## Bad
```toml title="fly.toml"
app = "shop"

[deploy]
  strategy = "immediate"  # <-

[http_service]
  internal_port = 8080
  min_machines_running = 2

[[http_service.checks]]
  path = "/healthz"
  interval = "15s"
  timeout = "2s"
```

## Good
```toml title="fly.toml"
app = "shop"

[deploy]
  strategy = "rolling"

[http_service]
  internal_port = 8080
  min_machines_running = 2

[[http_service.checks]]
  path = "/healthz"
  interval = "15s"
  timeout = "2s"
```

## Fix
Fly.io: replaces machines one after another. ECS: keeps all tasks until new ones are healthy, where there is room for
more. Unsafe: old and new run side by side, and the deployment takes longer.

## References
- [Fly.io: deployment strategies](https://fly.io/docs/reference/configuration/#the-deploy-section)
- [ECS: service definition parameters](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.platforms import EcsService, FlyApp
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule

_NO_ROOM = 100
"""Percent of the wanted tasks that may run; at this there is room for no other."""


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(service: FlyApp | EcsService) -> Iterator[Finding]:
    """Yield a finding for a deployment that leaves nobody to serve."""
    if service.is_development:
        return
    if isinstance(service, FlyApp):
        yield from _on_fly(service)
    else:
        yield from _on_ecs(service)


def _on_fly(app: FlyApp) -> Iterator[Finding]:
    node = app.strategy
    if node is None or node.text != "immediate" or not app.services:
        return
    yield Finding(
        node,
        f'`strategy = "immediate"` replaces every machine of `{app.name}` without waiting for one to work',
        fixes=(
            Fix("Replace machines one after another", Safety.UNSAFE, edits=(set_value(node, "rolling"),)),
        ),
        detail="checks are not waited for, so a release that does not start takes all machines down",
    )


def _on_ecs(service: EcsService) -> Iterator[Finding]:
    node = service.find("deploymentConfiguration", "minimumHealthyPercent")
    least = service.number("deploymentConfiguration", "minimumHealthyPercent")
    count = service.desired_count
    many = (count is not None and count > 1) or (count != 0 and bool(service.find("loadBalancers")))
    if node is None or least != 0 or service.is_daemon or not service.is_rolling or not many:
        return
    most = service.number("deploymentConfiguration", "maximumPercent")
    given = service.find("deploymentConfiguration", "maximumPercent") is not None
    has_room = (most is not None and most > _NO_ROOM) or not given
    fixes = (Fix("Keep all tasks until new ones work", Safety.UNSAFE, edits=(set_value(node, "100"),)),)
    yield Finding(
        node,
        f"a deployment may stop every task of `{service.name}` before a new one runs",
        fixes=fixes if has_room else (),
        detail="ECS may go below one healthy task, so requests are refused until the new release is up",
    )
