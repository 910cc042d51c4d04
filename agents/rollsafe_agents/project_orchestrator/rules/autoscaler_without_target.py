"""An autoscaler scales a workload that does not exist.

## What it does
Reports HorizontalPodAutoscalers and KEDA ScaledObjects whose target is not in the repository although other workloads
are beside it or one has nearly the same name; without such a sign it is told to auditors only. Charts are left alone.

## Why it matters
The autoscaler only notes `FailedGetScale` in its own status. The workload stays at the number of replicas it was
started with, until the load it was meant for comes.

## Bad
```yaml title="k8s/worker.yaml"
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: worker
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: workers  # <-
  minReplicas: 2
  maxReplicas: 6
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  selector:
    matchLabels: {app: worker}
  template:
    metadata:
      labels: {app: worker}
    spec:
      containers:
        - name: worker
          image: registry.example/worker:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/worker.yaml"
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: worker
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: worker
  minReplicas: 2
  maxReplicas: 6
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  selector:
    matchLabels: {app: worker}
  template:
    metadata:
      labels: {app: worker}
    spec:
      containers:
        - name: worker
          image: registry.example/worker:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Uses the nearest name. Unsafe: that workload begins to be scaled.

## References
- [Kubernetes: horizontal pod autoscaling](https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/)

## Equivalent rules
- `kube-linter:dangling-horizontalpodautoscaler`
- `kube-score:horizontalpodautoscaler-has-target`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import HorizontalPodAutoscaler, KubernetesObject
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.missing import missing


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(autoscaler: HorizontalPodAutoscaler, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for an autoscaler without a target."""
    node, kind, name = autoscaler.target_node, autoscaler.target_kind, autoscaler.target_name
    gone = missing(autoscaler, KubernetesObject, kind, name, graph)
    if gone is None or node is None:
        return
    fixes: tuple[Fix, ...] = ()
    if gone.close is not None:
        fixes = (Fix(f"Scale `{gone.close}`", Safety.UNSAFE, edits=(set_value(node, gone.close),)),)
    yield Finding(
        node,
        f"autoscaler `{autoscaler.name}` scales {kind} `{name}`, which nobody defines",
        fixes=fixes,
        severity=None if gone.is_sure else Severity.WARNING,
        confidence=None if gone.is_sure else Confidence.LOW,
        level=None if gone.is_sure else Level.AUDITOR,
        detail="the number of replicas stays what it is, whatever the load",
    )
