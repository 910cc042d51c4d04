"""An autoscaler has no room to scale.

## What it does
Reports autoscalers whose upper bound is not above the lower one. One below the other is refused by Kubernetes; equal
bounds are reported at level `pedantic`.

## Why it matters
The autoscaler is there and does nothing: under load no pod is added. Whoever reads the file believes otherwise.

## Bad
```yaml title="k8s/scaling.yaml"
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 6
  maxReplicas: 3  # <-
```

## Good
```yaml title="k8s/scaling.yaml"
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 6
  maxReplicas: 12
```

## Fix
Doubles the lower bound for the upper one. Manual: how many pods there may be is for the team to say.

## References
- [Kubernetes: horizontal pod autoscaling](https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/)

## Equivalent rules
- `polaris:hpaMaxAvailability`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import HorizontalPodAutoscaler
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.intent import explained


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.MANUAL)
def check(scaler: HorizontalPodAutoscaler) -> Iterator[Finding]:
    """Yield a finding for bounds that leave no room."""
    node, most, least = scaler.max_replicas_node, scaler.max_replicas, scaler.min_replicas
    if least is None and scaler.lacks("spec", scaler.min_key):
        least = scaler.default_min
    if node is None or not isinstance(most, int) or not isinstance(least, int) or most > least:
        return
    if most == least and explained(scaler.file, node):
        return
    refused = most < least
    yield Finding(
        node,
        f"Kubernetes refuses `{scaler.name}`: at most {most} pods, at least {least}"
        if refused
        else f"`{scaler.name}` scales nothing: at least and at most {most} pod{'s' * (most > 1)}",
        fixes=(
            Fix(f"Allow {2 * least} pods (adjust)", Safety.MANUAL, edits=(set_value(node, str(2 * least)),)),
        )
        if least
        else (),
        level=None if refused else Level.PEDANTIC,
        severity=None if refused else Severity.WARNING,
    )
