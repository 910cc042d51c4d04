"""A platform is told to run one instance of what gets requests.

## What it does
Reports `numInstances: 1` on Render, `numReplicas: 1` on Railway, `DesiredCount: 1` of services on ECS behind a load balancer, and
one instance at most on Cloud Run and App Engine. Services with a disk, which can have no second instance, workers and jobs by the
clock are left alone, and so are files for development. A comment beside the number counts as a reason.

## Why it matters
While the instance is replaced, moved or crashed nobody serves. A release that is slow to start is an outage, and so is a host
that the platform takes away.

## Bad
```yaml title="render.yaml"
services:
  - type: web
    name: shop
    runtime: node
    startCommand: node server.js
    healthCheckPath: /up
    numInstances: 1  # <-
```

## Good
```yaml title="render.yaml"
services:
  - type: web
    name: shop
    runtime: node
    startCommand: node server.js
    healthCheckPath: /up
    numInstances: 2
```

## Fix
Runs two. Unsafe: they are paid for, and the service has to bear it.

## References
- [Render: scaling](https://render.com/docs/scaling)
- [Amazon ECS: service parameters](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html)
- [Cloud Run: maximum instances](https://cloud.google.com/run/docs/configuring/max-instances)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.platforms import PlatformService
from rollsafe.artefacts.platforms.instances import most_instances
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.intent import explained


@rule(
    severity=Severity.WARNING,
    since="0.1.0",
    fix=Safety.UNSAFE,
    confidence=Confidence.MEDIUM,
    level=Level.PEDANTIC,
)
def check(service: PlatformService) -> Iterator[Finding]:
    """Yield a finding for a service that is one instance by intent of its file."""
    node = most_instances(service)
    if node is None or node.text != "1" or service.is_development or explained(service.file, node):
        return
    yield Finding(
        node,
        f"{service.platform} runs one instance of `{service.name}`",
        fixes=(Fix("Run two", Safety.UNSAFE, edits=(set_value(node, "2"),)),),
        detail="nobody serves while it is replaced, moved or restarted",
    )
