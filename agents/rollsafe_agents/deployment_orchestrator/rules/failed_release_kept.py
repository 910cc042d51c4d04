"""A release that fails is not taken back by the platform.

## What it does
Reports services on ECS that ECS itself rolls out without a deployment circuit breaker that rolls back, and
apps on Fly.io with `auto_rollback = false`. Services that roll back on alarms, daemons and services that another
controller deploys are left alone.

## Why it matters
Without the circuit breaker ECS starts the tasks of a broken release again and again, for hours, and never says that
the deployment failed: the pipeline waits until it gives up, old and new run side by side, and somebody has to notice
and deploy the old version by hand.

## Bad
```yaml title="cloudformation/shop.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Shop:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref ShopTask
      DesiredCount: 3
      DeploymentConfiguration:  # <-
        MinimumHealthyPercent: 100
        MaximumPercent: 200
```

## Good
```yaml title="cloudformation/shop.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Shop:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref ShopTask
      DesiredCount: 3
      DeploymentConfiguration:
        MinimumHealthyPercent: 100
        MaximumPercent: 200
        DeploymentCircuitBreaker:
          Enable: true
          Rollback: true
```

## Fix
Adds a circuit breaker that rolls back, or switches the rollback on. Unsafe: a deployment that fails now ends with the
old release.

## References
- [ECS: deployment circuit breaker](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.platforms import EcsService, FlyApp
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_edit import add_entry, set_value
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, rule
from rollsafe.text import Located


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(service: EcsService | FlyApp) -> Iterator[Finding]:
    """Yield a finding for a service whose failed releases stay."""
    if service.is_development:
        return
    if isinstance(service, FlyApp):
        yield from _on_fly(service)
    elif service.is_rolling and not service.is_daemon and not service.is_templated:
        yield from _on_ecs(service)


def _on_fly(app: FlyApp) -> Iterator[Finding]:
    node = app.auto_rollback
    if node is None or node.as_bool() is not False:
        return
    yield Finding(
        app.node.key_at("experimental", "auto_rollback") or node,
        f"`auto_rollback = false` leaves a failed release of `{app.name}` where it is",
        fixes=(Fix("Roll back when a release fails", Safety.UNSAFE, edits=(set_value(node, "true"),)),),
        detail="machines that already run the new release keep it, and nobody is told to go back",
    )


def _on_ecs(service: EcsService) -> Iterator[Finding]:
    found = _without_rollback(service)
    if found is None:
        return
    where, what, edit = found
    yield Finding(
        where,
        f"ECS does not take a failed release of `{service.name}` back: {what}",
        fixes=(Fix("Roll back when a release fails", Safety.UNSAFE, edits=(edit,)),),
        detail="tasks that fail are started again and again, and the deployment goes on until somebody "
        "deploys the old version",
    )


def _without_rollback(service: EcsService) -> tuple[Located, str, Edit] | None:
    """Return where the rollback is missing, why, and the edit that adds it; None where nothing is missing."""
    text, key = service.file.text, service.key
    named, breaker_key = key("deploymentConfiguration"), key("deploymentCircuitBreaker")
    block = f"{key('enable')}: true\n{key('rollback')}: true"
    held = service.node.at(named)
    if held is None:
        whole = f"{breaker_key}:\n  {key('enable')}: true\n  {key('rollback')}: true"
        return service.title, "it has no circuit breaker", add_entry(text, service.node, named, whole)
    if not _is_literal(held) or service.find("deploymentConfiguration", "alarms") is not None:
        return None
    breaker = held.at(breaker_key)
    if breaker is None and isinstance(held, Mapping):
        where = service.node.key_at(named) or service.title
        return where, "it has no circuit breaker", add_entry(text, held, breaker_key, block)
    for name in ("enable", "rollback"):
        value = breaker.at(key(name)) if breaker is not None and _is_literal(breaker) else None
        if isinstance(value, Scalar) and value.text.lower() == "false":
            return value, f"`{key(name)}` is off", set_value(value, "true")
    return None


def _is_literal(node: object) -> bool:
    """Say whether a mapping is what it looks like: not the call of a function of the template."""
    if not isinstance(node, Mapping) or node.tag is not None:
        return False
    return not any(entry.name == "Ref" or entry.name.startswith("Fn::") for entry in node.entries)
