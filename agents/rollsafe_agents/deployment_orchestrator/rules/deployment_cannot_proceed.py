"""A service may neither stop an old task nor start a new one.

## What it does
Reports services on ECS whose minimum healthy and maximum percentages leave no room: as many tasks have to stay as may
run. ECS rounds the minimum up and the maximum down to whole tasks.

## Why it matters
The deployment never begins. ECS says that the service was unable to place a task, the pipeline waits until it gives
up, and the old release stays, with whatever the new one was to mend.

## Bad
```yaml title="cloudformation/shop.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Shop:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref ShopTask
      DesiredCount: 1
      DeploymentConfiguration:
        MinimumHealthyPercent: 50
        MaximumPercent: 100  # <-
        DeploymentCircuitBreaker:
          Enable: true
          Rollback: true
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
      DesiredCount: 1
      DeploymentConfiguration:
        MinimumHealthyPercent: 50
        MaximumPercent: 200
        DeploymentCircuitBreaker:
          Enable: true
          Rollback: true
```

## Fix
Lets twice as many tasks run while a deployment lasts, which is what ECS does by default. Unsafe: the machines need
room for them.

## References
- [ECS: service definition parameters](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.platforms import EcsService
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(service: EcsService) -> Iterator[Finding]:
    """Yield a finding for percentages between which no task can be replaced."""
    node = service.find("deploymentConfiguration", "maximumPercent")
    most = service.number("deploymentConfiguration", "maximumPercent")
    if node is None or most is None or service.is_daemon or not service.is_rolling:
        return
    least = service.number("deploymentConfiguration", "minimumHealthyPercent")
    if least is None:
        if service.find("deploymentConfiguration", "minimumHealthyPercent") is not None:
            return
        least = 100
    if not _stalls(least, most, service.desired_count):
        return
    yield Finding(
        node,
        f"no task of `{service.name}` can be replaced: {least} % have to stay and {most} % may run",
        fixes=(Fix("Let twice as many tasks run", Safety.UNSAFE, edits=(set_value(node, "200"),)),),
        detail="ECS rounds the minimum up and the maximum down to whole tasks, so every deployment waits forever",
    )


def _stalls(least: int, most: int, count: int | None) -> bool:
    if count is None:
        return least >= 100 and most <= 100
    # Whole tasks: the least rounded up, the most rounded down.
    return count > 0 and -(-count * least // 100) >= count and count * most // 100 <= count
