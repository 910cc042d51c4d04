"""An update reaches only part of the pods, or none.

## What it does
Reports StatefulSets whose `partition` is at least their number of pods, so that no pod is updated; a smaller
`partition` above zero, which holds back part of them, and `OnDelete`, which waits for somebody to delete pods, are
reported at level `pedantic`. A comment at the value counts as intent.

## Why it matters
`kubectl apply` and `kubectl rollout status` report success while pods go on with the old version, a security fix
among them. They change when they are deleted by chance: at the next drain, in the middle of the night.

## Bad
```yaml title="k8s/queue.yaml"
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: queue
spec:
  replicas: 3
  serviceName: queue
  updateStrategy:
    rollingUpdate:
      partition: 3  # <-
  selector:
    matchLabels: {app: queue}
  template:
    metadata:
      labels: {app: queue}
    spec:
      containers:
        - name: queue
          image: registry.example/queue:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/queue.yaml"
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: queue
spec:
  replicas: 3
  serviceName: queue
  updateStrategy:
    rollingUpdate:
      partition: 0
  selector:
    matchLabels: {app: queue}
  template:
    metadata:
      labels: {app: queue}
    spec:
      containers:
        - name: queue
          image: registry.example/queue:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Updates all pods. Unsafe: those held back are replaced.

## References
- [Kubernetes: update strategies](https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#update-strategies)

## Equivalent rules
- `kube-linter:no-rolling-update-strategy`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.artefacts.kubernetes.templates import amount_at
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.intent import explained
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.rollout_budget import budget_of


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for pods that an update does not reach."""
    strategy = workload.strategy
    if workload.kind not in ("StatefulSet", "DaemonSet") or strategy is None:
        return
    kind = strategy.at("type")
    if isinstance(kind, Scalar) and kind.text == "OnDelete" and not explained(workload.file, kind):
        yield Finding(
            kind,
            f"no pod of `{workload.name}` is updated before somebody deletes it",
            fixes=(Fix("Use `RollingUpdate`", Safety.UNSAFE, edits=(set_value(kind, "RollingUpdate"),)),),
            level=Level.PEDANTIC,
        )
    yield from _of_partition(workload, graph)


def _of_partition(workload: Workload, graph: Graph) -> Iterator[Finding]:
    strategy = workload.strategy
    node = strategy.at("rollingUpdate", "partition") if strategy is not None else None
    held = amount_at(node)
    if node is None or not isinstance(held, int) or held < 1 or explained(workload.file, node):
        return
    replicas = budget_of(workload, graph).replicas
    none = replicas is not None and held >= replicas.value > 0
    which = "no pod" if none else f"no pod below number {held}"
    yield Finding(
        node,
        f"`partition: {held}` holds `{workload.name}` back: an update reaches {which}",
        fixes=(Fix("Update all pods", Safety.UNSAFE, edits=(set_value(node, "0"),)),),
        level=None if none else Level.PEDANTIC,
        detail="what is held back goes on with the old version until it is deleted by chance",
        equivalents=(),
    )
