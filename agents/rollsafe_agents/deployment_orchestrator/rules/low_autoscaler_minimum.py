"""An autoscaler may leave a single pod.

## What it does
Reports autoscalers whose lower bound is one, written or by default, at level `pedantic`, and those with two at level
`auditor`. A KEDA ScaledObject that goes down to nothing is reported where a Service sends traffic to its pods: the
first requests meet nobody.

## Why it matters
At night, when load is low, the autoscaler takes all pods but one away. A drained node or a crash is an outage then,
and a rolling update goes from that one pod.

## Bad
```yaml title="k8s/scaling.yaml"
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1  # <-
  maxReplicas: 6
```

## Good
```yaml title="k8s/scaling.yaml"
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 3
  maxReplicas: 6
```

## Fix
Keeps three pods, and allows six where there would be no room to scale. Unsafe: they cost more.

## References
- [Kubernetes: horizontal pod autoscaling](https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/)

## Equivalent rules
- `kube-linter:hpa-minimum-three-replicas`
- `kube-score:horizontalpodautoscaler-replicas`
- `polaris:hpaMinAvailability`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import HorizontalPodAutoscaler
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.intent import explained
from rollsafe.rules.manifest_edits import putting
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import is_served, targets_of

_ENOUGH = 3
_TWO = ("kube-linter:hpa-minimum-three-replicas",)
_ONE = (*_TWO, "kube-score:horizontalpodautoscaler-replicas", "polaris:hpaMinAvailability")


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(scaler: HorizontalPodAutoscaler, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a lower bound below what survives a drained node."""
    node, least = scaler.min_replicas_node, scaler.min_replicas
    if node is None and scaler.lacks("spec", scaler.min_key):
        least = scaler.default_min
    if not isinstance(least, int) or least >= _ENOUGH or scaler.is_patch:
        return
    if node is not None and explained(scaler.file, node):
        return
    if least == 0 and not any(is_served(one, graph) for one in targets_of(scaler, graph)):
        return
    values = [(("spec", scaler.min_key), str(_ENOUGH))]
    title = f"Keep {_ENOUGH} pods"
    if isinstance(scaler.max_replicas, int) and scaler.max_replicas <= _ENOUGH:
        values.append((("spec", scaler.max_key), str(2 * _ENOUGH)))
        title += f", at most {2 * _ENOUGH}"
    yield Finding(
        node or scaler.title_node,
        f"`{scaler.name}` may leave `{scaler.target_name}` {_pods(least)}",
        fixes=putting(
            title,
            Safety.UNSAFE,
            scaler.file,
            scaler.root,
            *values,
        ),
        level=Level.AUDITOR if least == 2 else None,
        detail="requests meet nobody until the first pod has started" if least == 0 else "",
        equivalents=_TWO if least == 2 or node is None else _ONE,
    )


def _pods(count: int) -> str:
    return "without a pod" if count == 0 else f"{count} pod{'s' * (count > 1)}"
