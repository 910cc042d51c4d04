"""All pods of a workload may run on one node.

## What it does
Reports workloads that run more than one pod and say neither by an anti-affinity nor by a topology spread that they
are to be kept apart, and those whose anti-affinity does not match their own pods. Workloads with an anti-affinity
only are reported too: it knows nodes, not zones.

## Why it matters
The scheduler spreads pods where it can, and packs them where it must. When the node goes that got them all, several
replicas are one outage.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web  # <-
spec:
  replicas: 3
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {app: web}
      containers:
        - name: web
          image: registry.example/web:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Spreads the pods over the nodes where that is possible. Unsafe: pods are placed anew.

## References
- [Kubernetes: topology spread constraints](https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/)

## Equivalent rules
- `kube-linter:no-anti-affinity`
- `kube-score:deployment-has-host-podantiaffinity`
- `kube-score:statefulset-has-host-podantiaffinity`
- `polaris:topologySpreadConstraint`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.manifest_edits import put_all
from rollsafe.rules.replica_fixes import is_spread, spread_of
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.rollout_budget import budget_of

_KUBE_SCORE: Final = {
    "Deployment": ("kube-score:deployment-has-host-podantiaffinity",),
    "StatefulSet": ("kube-score:statefulset-has-host-podantiaffinity",),
}
_KINDS: Final = frozenset(
    {"Deployment", "StatefulSet", "Rollout", "ReplicaSet", "ReplicationController", "DeploymentConfig"}
)


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for pods that nothing keeps apart."""
    spec = workload.pod_spec
    if workload.kind not in _KINDS or workload.is_patch or spec is None:
        return
    replicas = budget_of(workload, graph).replicas
    if replicas is None or not replicas.value:
        return
    apart = workload.keeps_apart
    if is_spread(workload) or (apart is None and not workload.pod_lacks("affinity")):
        return
    polaris = ("polaris:topologySpreadConstraint",) if workload.kind == "Deployment" else ()
    several = replicas.value > 1
    alone = ("kube-linter:no-anti-affinity", *_KUBE_SCORE.get(workload.kind, ())) if several else ()
    equivalents = polaris if apart else (*alone, *polaris)
    if equivalents:
        yield Finding(
            workload.title_node,
            _message(workload, apart, several),
            fixes=partial(_fix, workload),
            equivalents=equivalents,
        )


def _message(workload: Workload, apart: bool | None, several: bool) -> str:
    if apart:
        return f"pods of `{workload.name}` are kept on different nodes, which may be in one zone"
    if not several:
        return f"`{workload.name}` does not say how its pods are spread"
    return f"all pods of `{workload.name}` may run on one node"


def _fix(workload: Workload) -> tuple[Fix, ...]:
    spec, spread = workload.pod_spec, spread_of(workload)
    if spec is None or spread is None:
        return ()
    value = (("topologySpreadConstraints",), spread)
    return put_all("Spread the pods over the nodes", Safety.UNSAFE, workload.file.text, spec, value)
