"""A container requests less than its limit, so that it may be killed for its neighbours.

## What it does
Reports containers whose request of CPU, memory or ephemeral storage differs from the limit of the same resource. A
limit that is missing altogether is told by the rules about limits.

## Why it matters
Only pods whose requests equal their limits are of the quality of service `Guaranteed`: the last to be killed when a
node runs out of memory. Most workloads do well without; a database or a queue may not.

## Bad
```yaml title="k8s/db.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: db
spec:
  replicas: 1
  selector:
    matchLabels: {app: db}
  template:
    metadata:
      labels: {app: db}
    spec:
      containers:
        - name: db  # <-
          image: registry.example/db:1.4.2
          resources:
            requests: {cpu: 250m, memory: 256Mi}
            limits: {cpu: 500m, memory: 1Gi}
```

## Good
```yaml title="k8s/db.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: db
spec:
  replicas: 1
  selector:
    matchLabels: {app: db}
  template:
    metadata:
      labels: {app: db}
    spec:
      containers:
        - name: db
          image: registry.example/db:1.4.2
          resources:
            requests: {cpu: 500m, memory: 1Gi}
            limits: {cpu: 500m, memory: 1Gi}
```

## Fix
Requests what the limit allows. Unsafe: pods need more room on their nodes.

## References
- [Kubernetes: quality of service](https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/)

## Equivalent rules
- `kube-score:container-resource-requests-equal-limits`
- `kube-score:container-cpu-requests-equal-limits`
- `kube-score:container-memory-requests-equal-limits`
- `kube-score:container-ephemeral-storage-request-equals-limit`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Container
from rollsafe.artefacts.kubernetes.quantities import quantity
from rollsafe.artefacts.kubernetes.templates import is_placeholder
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.manifest_edits import putting

_NAMES: Final = {
    "cpu": (
        "kube-score:container-resource-requests-equal-limits",
        "kube-score:container-cpu-requests-equal-limits",
    ),
    "memory": (
        "kube-score:container-resource-requests-equal-limits",
        "kube-score:container-memory-requests-equal-limits",
    ),
    "ephemeral-storage": ("kube-score:container-ephemeral-storage-request-equals-limit",),
}


@rule(severity=Severity.HINT, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(container: Container) -> Iterator[Finding]:
    """Yield a finding for a container whose requests are not its limits."""
    different = [name for name in _NAMES if _differs(container, name)]
    if not different or container.workload.is_patch or container.is_templated(container.node.at("resources")):
        return
    limits = [(name, container.limits[name]) for name in different if name in container.limits]
    yield Finding(
        container.title_node,
        f"container `{container.name}` does not request its limit of {' and '.join(different)}",
        fixes=putting(
            "Request what the limit allows",
            Safety.UNSAFE,
            container.file,
            container.node,
            *((("resources", "requests", name), amount) for name, amount in limits),
        )
        if len(limits) == len(different) and container.requests.keys() >= set(different)
        else (),
        equivalents=tuple(dict.fromkeys(equal for name in different for equal in _NAMES[name])),
    )


def _differs(container: Container, name: str) -> bool:
    # Kubernetes takes the limit for the request where none is written.
    asked, most = container.requests.get(name), container.limits.get(name)
    if asked is None or most is None or is_placeholder(asked) or is_placeholder(most):
        return False
    return quantity(asked) != quantity(most)
