"""A container may use all CPUs of its node.

## What it does
Reports containers without a CPU limit. Where a LimitRange of the repository gives defaults, nothing is reported.

## Why it matters
A busy container takes the CPUs its neighbours do not hold by their requests, and what it can do differs from node to
node. Many teams leave CPU limits out on purpose: a limit slows a container down while CPUs are idle.

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
      containers:
        - name: web  # <-
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
      containers:
        - name: web
          image: registry.example/web:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits:
              cpu: 100m
```

## Fix
Adds a limit of as much as is requested, to begin from. Manual: the right number is what the container needs under load.

## References
- [Kubernetes: resource management](https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/)

## Equivalent rules
- `kube-score:container-resources`
- `kube-score:container-resource-requests-equal-limits`
- `kube-score:container-cpu-requests-equal-limits`
- `polaris:cpuLimitsMissing`
- `checkov:CKV_K8S_11`
- `trivy:KSV-0011`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Container
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.resource_amounts import first_limit, insert_limit, unequal_names
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import has_default_requests

_NAMES: Final = (
    *("kube-score:container-resources", "polaris:cpuLimitsMissing", "checkov:CKV_K8S_11", "trivy:KSV-0011"),
)


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR, fix=Safety.MANUAL)
def check(container: Container, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a container without a CPU limit."""
    workload = container.workload
    if workload.is_patch or not container.lacks("resources", "limits", "cpu"):
        return
    if has_default_requests(workload, graph):
        return
    amount = first_limit(container, "cpu", "500m")
    yield Finding(
        container.title_node,
        f"container `{container.name}` of `{workload.name}` has no CPU limit",
        fixes=insert_limit(container, "cpu", amount),
        equivalents=(*(_NAMES if _is_rest(container) else _NAMES[1:]), *unequal_names(container, "cpu")),
        detail=f"a busy `{container.name}` takes what its neighbours do not request",
    )


def _is_rest(container: Container) -> bool:
    """Say whether nothing else is missing of what kube-score asks for in one."""
    return "memory" in container.limits and ("cpu" in container.requests or container.is_init)
