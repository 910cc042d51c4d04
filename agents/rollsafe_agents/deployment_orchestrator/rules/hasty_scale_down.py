"""A Rollout stops the old version before its traffic is gone.

## What it does
Reports a `scaleDownDelaySeconds` below 10 of a Rollout that switches traffic: a `blueGreen`, or a `canary` with a router.
The default is 30.

## Why it matters
When the Service or the router is switched, nodes and proxies hear of it one after the other. Whoever has not heard yet
sends requests to pods that are gone, which ends in errors at each release. There is also nothing left to switch back to.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: web
spec:
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  strategy:
    blueGreen:
      activeService: web
      autoPromotionEnabled: false
      scaleDownDelaySeconds: 0  # <-
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: web
spec:
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  strategy:
    blueGreen:
      activeService: web
      autoPromotionEnabled: false
      scaleDownDelaySeconds: 30
```

## Fix
Waits 30 seconds, which is the default. Unsafe: both versions take their resources for that long.

## References
- [Argo Rollouts: BlueGreen, scaleDownDelaySeconds](https://argo-rollouts.readthedocs.io/en/stable/features/bluegreen/#scaledowndelayseconds)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.intent import explained

_LEAST: Final = 10
_KEY: Final = "scaleDownDelaySeconds"


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for a delay that is too short for a switch to be heard of."""
    strategy = workload.strategy if workload.kind == "Rollout" else None
    if strategy is None:
        return
    for name in ("blueGreen", "canary"):
        holder = strategy.map_at(name)
        node = holder.at(_KEY) if holder is not None else None
        seconds = holder.int_at(_KEY) if holder is not None else None
        if holder is None or node is None or seconds is None or not 0 <= seconds < _LEAST:
            continue
        if (name == "canary" and holder.at("trafficRouting") is None) or explained(workload.file, node):
            continue
        yield Finding(
            node,
            f"the old version of `{workload.name}` is stopped {seconds} s after the switch",
            fixes=(Fix("Wait 30 seconds", Safety.UNSAFE, edits=(set_value(node, "30"),)),),
            detail="proxies that have not heard of the switch yet send requests to pods that are gone",
        )
