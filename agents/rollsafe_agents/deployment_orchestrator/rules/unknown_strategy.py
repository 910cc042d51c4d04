"""A workload names a strategy that its kind does not have.

## What it does
Reports Deployments, StatefulSets, DaemonSets and DeploymentConfigs whose strategy has another type than Kubernetes
knows for them.

## Why it matters
Kubernetes refuses the object. The release stops at `kubectl apply`, and what else was in the same file may be
applied already.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  strategy:
    type: Rolling  # <-
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
  strategy:
    type: RollingUpdate
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

## Fix
Names the strategy that replaces one pod after the other. Safe: as it is, nothing is applied.

## References
- [Kubernetes: strategy](https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy)

## Equivalent rules
- `kube-linter:no-rolling-update-strategy`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Workload, is_placeholder
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule

_TYPES: Final = {
    "Deployment": ("RollingUpdate", "Recreate"),
    "StatefulSet": ("RollingUpdate", "OnDelete"),
    "DaemonSet": ("RollingUpdate", "OnDelete"),
    "DeploymentConfig": ("Rolling", "Recreate", "Custom"),
}


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for a strategy that is refused."""
    known, strategy = _TYPES.get(workload.kind), workload.strategy
    node = strategy.at("type") if strategy is not None else None
    if known is None or not isinstance(node, Scalar) or node.is_null or is_placeholder(node.text):
        return
    if node.text not in known:
        yield Finding(
            node,
            f"Kubernetes refuses `{workload.name}`: a {workload.kind} has no strategy `{node.text}`",
            fixes=(Fix(f"Use `{known[0]}`", Safety.SAFE, edits=(set_value(node, known[0]),)),),
        )
