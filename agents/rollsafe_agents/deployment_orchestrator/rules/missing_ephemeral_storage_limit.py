"""A container may fill the disk of its node.

## What it does
Reports containers without a request and a limit of `ephemeral-storage`.

## Why it matters
Logs and temporary files of one pod can fill the node's disk; the kubelet then evicts pods by their usage against
their request, and those that asked for nothing go first.

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
            requests: {cpu: 100m, memory: 128Mi, ephemeral-storage: 1Gi}
            limits:
              ephemeral-storage: 1Gi
```

## Fix
Inserts a request and a limit to begin from. Manual: the right numbers are what the container writes.

## References
- [Kubernetes: local ephemeral storage](https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#local-ephemeral-storage)

## Equivalent rules
- `kube-score:container-ephemeral-storage-request-and-limit`
- `kube-score:container-ephemeral-storage-request-equals-limit`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Container
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.manifest_edits import putting
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import has_default_requests

_NAME: Final = "ephemeral-storage"
_TOGETHER: Final = "kube-score:container-ephemeral-storage-request-and-limit"
_EQUAL: Final = "kube-score:container-ephemeral-storage-request-equals-limit"
_GROUPS: Final = ("requests", "limits")
_AMOUNT: Final = "1Gi"


@rule(severity=Severity.HINT, since="0.1.0", level=Level.AUDITOR, fix=Safety.MANUAL)
def check(container: Container, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a container that does not say what it writes."""
    missing = [group for group in _GROUPS if container.lacks("resources", group, _NAME)]
    if not missing or container.workload.is_patch or has_default_requests(container.workload, graph):
        return
    written = container.requests.get(_NAME) or container.limits.get(_NAME) or _AMOUNT
    unequal = "limits" in missing and "requests" not in missing
    fixes = putting(
        "Bound what it writes (adjust the amounts)",
        Safety.MANUAL,
        container.file,
        container.node,
        *((("resources", group, _NAME), written) for group in missing),
    )
    yield Finding(
        container.title_node,
        f"container `{container.name}` has no {' and no '.join(one[:-1] for one in missing)} of `{_NAME}`",
        fixes=fixes if container.node.entry("resources") is not None else (),
        equivalents=(_TOGETHER, _EQUAL) if unequal else (_TOGETHER,),
    )
