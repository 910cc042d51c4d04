"""A container is told to run as root.

## What it does
Reports containers with `runAsUser: 0` or `runAsNonRoot: false`, their own or taken from the pod. Init containers,
which often prepare volumes, and agents of nodes are told of to auditors only.

## Why it matters
Root in the container is root for every file the container shares with its node, and for the kernel unless user
namespaces are used. Most ways out of a container begin there.

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
      securityContext:
        runAsUser: 0  # <-
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
      securityContext:
        runAsUser: 10001
```

## Fix
Runs it as another user. Unsafe: files that belong to root cannot be written any more.

## References
- [Kubernetes: security context](https://kubernetes.io/docs/tasks/configure-pod-container/security-context/)

## Equivalent rules
- `kube-linter:run-as-non-root`
- `kube-score:container-security-context-user-group-id`
- `polaris:runAsRootAllowed`
- `checkov:CKV_K8S_23`
- `checkov:CKV_K8S_40`
- `trivy:KSV-0012`
- `trivy:KSV-0020`
- `trivy:KSV-0105`
- `kubesec:RunAsNonRoot`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Container
from rollsafe.formats.nodes import Node
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.hardening import level_of, runs_on_windows

_ALLOWED: Final = (
    *("kube-linter:run-as-non-root", "polaris:runAsRootAllowed", "checkov:CKV_K8S_23"),
    *("trivy:KSV-0012", "kubesec:RunAsNonRoot"),
)
_ROOT: Final = (
    *(*_ALLOWED, "kube-score:container-security-context-user-group-id", "checkov:CKV_K8S_40"),
    *("trivy:KSV-0020", "trivy:KSV-0105"),
)


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(container: Container) -> Iterator[Finding]:
    """Yield a finding for a container that is meant to be root."""
    security = container.security
    is_root = security.user == 0
    is_allowed = security.flag("runAsNonRoot") is False and not security.user
    key = "runAsUser" if is_root else "runAsNonRoot"
    node = security.at(key)
    if not (is_root or is_allowed) or node is None or runs_on_windows(container.workload):
        return
    # With both, the kubelet refuses to start the container: another rule's matter.
    if is_root and security.flag("runAsNonRoot") is True:
        return
    yield _finding(container, node, is_root=is_root)


def _finding(container: Container, node: Node, *, is_root: bool) -> Finding:
    workload = container.workload
    is_own = container.start <= node.start < container.end
    related = () if is_own else (Related(container.file, node, "the pod's setting"),)
    words = "is told to run as root" if is_root else "is allowed to run as root"
    edit = set_value(node, "10001" if is_root else "true")
    title = "Run as user 10001" if is_root else "Refuse to run as root"
    return Finding(
        node if is_own else container.title_node,
        f"container `{container.name}` of `{workload.name}` {words}",
        fixes=(Fix(title, Safety.UNSAFE, edits=(edit,)),),
        related=related,
        level=Level.AUDITOR if container.is_init else level_of(workload),
        equivalents=_ROOT if is_root else _ALLOWED,
    )
