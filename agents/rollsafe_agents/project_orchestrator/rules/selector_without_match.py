"""A policy, budget or monitor selects nothing.

## What it does
Reports NetworkPolicies, peers inside of them, PodDisruptionBudgets, ServiceMonitors and PodMonitors whose selector finds
nothing of the repository. Sure of it where a label differs by a typing error from one that is carried; else told
to auditors only. Charts, and projects whose kustomizations add labels, are left alone.

## Why it matters
None of these objects says that it does nothing. The policy protects no pod, the budget lets a drain take all of them,
the metrics are not collected, and everything looks applied.

## Bad
```yaml title="k8s/worker.yaml"
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: worker
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app: wroker  # <-
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  replicas: 2
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
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: worker
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app: worker
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  replicas: 2
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
Uses the nearest value of the label that is carried. Unsafe: the policy, budget or monitor begins to work.

## References
- [Kubernetes: labels and selectors](https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/)

## Equivalent rules
- `kube-linter:dangling-networkpolicy`
- `kube-linter:dangling-networkpolicypeer-podselector`
- `kube-linter:dangling-servicemonitor`
- `kube-score:networkpolicy-targets-pod`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Monitor, NetworkPolicy, PodDisruptionBudget
from rollsafe.formats.nodes import Node
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.selecting import Idle, idle_monitor, idle_selectors

_POLICY = ("kube-linter:dangling-networkpolicy", "kube-score:networkpolicy-targets-pod")
_MONITOR = ("kube-linter:dangling-servicemonitor",)
_NONE: tuple[str, ...] = ()
_PEER = ("kube-linter:dangling-networkpolicypeer-podselector",)


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(selecting: NetworkPolicy | PodDisruptionBudget | Monitor, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each selector that finds nothing."""
    if selecting.from_template or selecting.is_patch:
        return
    who = f"{selecting.kind} `{selecting.name}`"
    if isinstance(selecting, Monitor):
        idle = idle_monitor(selecting, graph)
        if idle is not None:
            what = "pods" if selecting.finds_pods else "Service"
            names = _NONE if selecting.finds_pods else _MONITOR
            place = selecting.node.key_at("spec", "namespaceSelector") or selecting.title_node
            yield _finding(idle, f"{who} finds no {what}", names, place)
        return
    own = selecting.pod_selector if isinstance(selecting, NetworkPolicy) else selecting.selector
    names = _POLICY if isinstance(selecting, NetworkPolicy) else _NONE
    for idle in idle_selectors(selecting, [own] if own is not None else [], graph):
        yield _finding(idle, f"{who} selects no pod", names, selecting.title_node)
    if isinstance(selecting, NetworkPolicy):
        for idle in idle_selectors(selecting, selecting.peers, graph):
            yield _finding(idle, f"{who} lets in or out pods nobody runs", _PEER, selecting.title_node)


def _finding(idle: Idle, words: str, names: tuple[str, ...], place: Node) -> Finding:
    is_sure = idle.meant is not None and idle.value is not None
    fixes: tuple[Fix, ...] = ()
    if idle.meant is not None and idle.value is not None:
        edit = set_value(idle.value, idle.meant)
        fixes = (Fix(f"Select `{idle.key}: {idle.meant}`", Safety.UNSAFE, edits=(edit,)),)
    where = idle.value or (idle.selector.node if idle.selector is not None else place)
    return Finding(
        where,
        f"{words}: nothing carries `{idle.words}`",
        fixes=fixes,
        severity=None if is_sure else Severity.WARNING,
        confidence=None if is_sure else Confidence.LOW,
        level=None if is_sure else Level.AUDITOR,
        equivalents=names,
    )
