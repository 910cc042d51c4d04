"""A container listens on a port that only root may open.

## What it does
Reports declared container ports below 1024, and port 22 by its name.

## Why it matters
A process needs root, `NET_BIND_SERVICE` or a changed sysctl to listen there, so the image cannot run as an ordinary
user with all capabilities dropped. A Service maps any port to any other: pods need no low one. On 22 an SSH server
is to be expected, a second way in that nobody's deployment looks after.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example/web:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      ports:
        - containerPort: 80  # <-
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example/web:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      ports:
        - containerPort: 8080
```

## Fix
None: the program has to listen elsewhere first.

## References
- [Kubernetes: safe and unsafe sysctls](https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/)

## Equivalent rules
- `kube-linter:privileged-ports`
- `kube-linter:ssh-port`
- `trivy:KSV-0117`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Container
from rollsafe.rules import Finding, Level, Severity, rule

_FIRST_FREE: Final = 1024
_SSH: Final = 22


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR)
def check(container: Container) -> Iterator[Finding]:
    """Yield a finding for each low port."""
    for port in container.ports:
        number = port.number
        if not isinstance(number, int) or not 0 < number < _FIRST_FREE:
            continue
        is_ssh = number == _SSH and port.protocol == "TCP"
        names = ("kube-linter:privileged-ports", "trivy:KSV-0117")
        why = "where SSH is to be expected" if is_ssh else "which only root may open"
        yield Finding(
            port.number_node or port.node,
            f"container `{container.name}` of `{container.workload.name}` listens on port {number}, {why}",
            equivalents=(*names, "kube-linter:ssh-port") if is_ssh else names,
        )
