"""A container may use all memory of its node.

## What it does
Reports containers without a memory limit. Where a LimitRange of the repository gives defaults, nothing is reported.

## Why it matters
A leak takes the node's memory until the kernel or the kubelet kills something: often a neighbour that did nothing
wrong. With a limit the container that leaks is the one that is restarted.

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
              memory: 128Mi
```

## Fix
Adds a limit of as much as is requested, to begin from. Manual: the right number is what the container needs at its worst.

## References
- [Kubernetes: resource management](https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/)

## Equivalent rules
- `kube-linter:unset-memory-requirements`
- `kube-score:container-resources`
- `kube-score:container-resource-requests-equal-limits`
- `kube-score:container-memory-requests-equal-limits`
- `polaris:memoryLimitsMissing`
- `checkov:CKV_K8S_13`
- `trivy:KSV-0018`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Container
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.resource_amounts import first_limit, insert_limit, unequal_names
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import has_default_requests

_NAMES: Final = (
    *("kube-score:container-resources", "kube-linter:unset-memory-requirements"),
    *("polaris:memoryLimitsMissing", "checkov:CKV_K8S_13", "trivy:KSV-0018"),
)


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.MANUAL)
def check(container: Container, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a container without a memory limit."""
    workload = container.workload
    if workload.is_patch or not container.lacks("resources", "limits", "memory"):
        return
    if has_default_requests(workload, graph):
        return
    is_rest = {"cpu", "memory"} <= container.requests.keys()
    amount = first_limit(container, "memory", "256Mi")
    yield Finding(
        container.title_node,
        f"container `{container.name}` of `{workload.name}` has no memory limit",
        fixes=insert_limit(container, "memory", amount),
        equivalents=(*(_NAMES if is_rest else _NAMES[1:]), *unequal_names(container, "memory")),
        detail=f"a leak of `{container.name}` takes the memory of its neighbours on the node",
    )
