"""A workload runs fewer pods than survive a drained node and a crash at once.

## What it does
Reports Deployments and their like that ask for fewer than three pods and that no autoscaler scales.

## Why it matters
With two pods a drained node leaves one, and a crash of that is an outage. Whether three are worth it is for the team
to say: a worker of a queue may do with one.

## Bad
```yaml title="k8s/worker.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  replicas: 2  # <-
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
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  replicas: 3
  selector:
    matchLabels: {app: worker}
  template:
    metadata:
      labels: {app: worker}
    spec:
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {app: worker}
      containers:
        - name: worker
          image: registry.example/worker:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Runs three pods, spread over the nodes; where a Service sends traffic to them, each has to be ready for ten seconds
before the next is replaced. Unsafe: they cost more, and the application has to stand running three times.

## References
- [Kubernetes: disruptions](https://kubernetes.io/docs/concepts/workloads/pods/disruptions/)

## Equivalent rules
- `kube-linter:minimum-three-replicas`
- `kube-score:deployment-replicas`
- `polaris:deploymentMissingReplicas`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.replica_fixes import more_pods
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import autoscalers_of, keeps_data, replica_overrides

_ENOUGH = 3
_ONE = ("kube-score:deployment-replicas", "polaris:deploymentMissingReplicas")
_KINDS = frozenset(
    {"Deployment", "DeploymentConfig", "ReplicaSet", "ReplicationController", "StatefulSet", "Rollout"}
)


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a workload with one or two pods."""
    count = workload.replica_count
    if workload.kind not in _KINDS or count is None or not 0 < count < _ENOUGH or _is_partial(workload):
        return
    if autoscalers_of(workload, graph) or replica_overrides(workload, graph):
        return
    is_one = count == 1 and workload.kind == "Deployment"
    equivalents = ("kube-linter:minimum-three-replicas", *(_ONE if is_one else ()))
    yield Finding(
        workload.node.key_at("spec", "replicas") or workload.title_node,
        f"`{workload.name}` runs {count} pod{'s' * (count > 1)}",
        fixes=partial(more_pods, workload, graph, _ENOUGH) if not keeps_data(workload) else (),
        equivalents=equivalents,
    )


def _is_partial(workload: Workload) -> bool:
    """Say whether it changes an object written elsewhere, which says how many pods there are."""
    return workload.is_patch and workload.node.at("spec", "replicas") is None
