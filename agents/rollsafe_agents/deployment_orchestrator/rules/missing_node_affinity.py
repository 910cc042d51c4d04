"""A workload does not say on which nodes it may run.

## What it does
Reports workloads without a node affinity.

## Why it matters
In a cluster with several kinds of nodes the scheduler may put a pod onto one that is made for others: with another
processor, without the fast disk, or that is taken away at any time.

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
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms:
              - matchExpressions:
                  - {key: kubernetes.io/arch, operator: In, values: [amd64]}
      containers:
        - name: web
          image: registry.example/web:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
None: which nodes there are is known to the cluster only.

## References
- [Kubernetes: node affinity](https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity)

## Equivalent rules
- `kube-linter:no-node-affinity`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.rules import Finding, Level, Severity, rule


@rule(severity=Severity.HINT, since="0.1.0", level=Level.AUDITOR)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for a workload that may run anywhere."""
    if workload.is_patch or workload.pod_spec is None:
        return
    if workload.pod_lacks("affinity", "nodeAffinity"):
        yield Finding(workload.title_node, f"`{workload.name}` may run on any node: it has no node affinity")
