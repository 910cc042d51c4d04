"""A workload does not say how much it matters beside others.

## What it does
Reports workloads without a `priorityClassName`.

## Why it matters
When there is no room, pods of a higher priority take the place of lower ones. Without a class all are the same, and
the job that could wait keeps out the service that cannot.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web  # <-
spec:
  replicas: 2
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
Uses a class the repository defines. Manual: which one fits is for the team to say.

## References
- [Kubernetes: pod priority](https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/)

## Equivalent rules
- `polaris:priorityClassNotSet`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.kubernetes import KubernetesObject, Workload
from rollsafe.formats.nodes import Mapping
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.manifest_edits import put_all
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.HINT, since="0.1.0", level=Level.AUDITOR, fix=Safety.MANUAL)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a workload without a priority class."""
    spec = workload.pod_spec
    if workload.is_patch or spec is None or not workload.pod_lacks("priorityClassName"):
        return
    yield Finding(
        workload.title_node,
        f"`{workload.name}` has no priority class",
        fixes=partial(_fixes, workload, spec, graph),
    )


def _fixes(workload: Workload, spec: Mapping, graph: Graph) -> tuple[Fix, ...]:
    fixes: list[Fix] = []
    for one in graph.every(KubernetesObject, "PriorityClass/"):
        value = (("priorityClassName",), one.name)
        fixes += put_all(f"Use `{one.name}`", Safety.MANUAL, workload.file.text, spec, value)
    return tuple(fixes)
