"""A workload names a priority class that the repository does not define.

## What it does
Reports workloads whose `priorityClassName` is neither one of Kubernetes' own nor defined by a file of the
repository.

## Why it matters
Where the cluster has no class of that name, every new pod is refused, while the object itself is accepted: the
rollout hangs until its deadline, and a drained pod does not come back.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      priorityClassName: servng  # <-
      containers:
        - name: web
          image: registry.example/web:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata:
  name: serving
value: 1000
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      priorityClassName: serving
      containers:
        - name: web
          image: registry.example/web:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata:
  name: serving
value: 1000
```

## Fix
Names the class of the repository that is spelled nearly like it. Unsafe: it may have another priority.

## References
- [Kubernetes: pod priority](https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/)

## Equivalent rules
- `kube-linter:priority-class-name`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import KubernetesObject, Workload, is_placeholder
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.workspace.graph import Graph

_OWN: Final = frozenset({"system-cluster-critical", "system-node-critical"})


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a class that may not be there."""
    node = workload.pod_spec.at("priorityClassName") if workload.pod_spec is not None else None
    if not isinstance(node, Scalar) or not node.text or node.text in _OWN or is_placeholder(node.text):
        return
    known = [one.name for one in graph.every(KubernetesObject, "PriorityClass/")]
    if node.text in known:
        return
    from difflib import get_close_matches  # only mistakes need it

    near = get_close_matches(node.text, known, n=1)
    yield Finding(
        node,
        f"`{workload.name}` names the priority class `{node.text}`, which no file defines",
        fixes=tuple(Fix(f"Use `{name}`", Safety.UNSAFE, edits=(set_value(node, name),)) for name in near),
    )
