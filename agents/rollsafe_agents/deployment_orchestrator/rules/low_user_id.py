"""A container runs under a user id that its node may use as well.

## What it does
Reports user and group ids from 1 to 9999, and the root group, where they are written in a security context. Root
as the user is `container-runs-as-root`; no id at all is `unhardened-container`. Pods with user namespaces
(`hostUsers: false`) are left alone.

## Why it matters
Without user namespaces an id means the same user inside and outside. A container that breaks out as user 1000 owns
the files of the node's user 1000; above 10000 there is usually nobody.

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
        runAsUser: 1000  # <-
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
        runAsUser: 11000
```

## Fix
Adds 10000 to the id. Unsafe: files that belong to the old one are no longer its own.

## References
- [Kubernetes: user namespaces](https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/)

## Equivalent rules
- `kube-score:container-security-context-user-group-id`
- `checkov:CKV_K8S_40`
- `trivy:KSV-0020`
- `trivy:KSV-0021`
- `trivy:KSV-0116`
- `kubesec:RunAsUser`
- `kubesec:RunAsGroup`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Container
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.hardening import has_own_users, runs_on_windows

_FREE: Final = 10_000
_IDS: Final = ("runAsUser", "runAsGroup")
_USER: Final = (
    *("kube-score:container-security-context-user-group-id", "checkov:CKV_K8S_40"),
    *("trivy:KSV-0020", "kubesec:RunAsUser"),
)
_GROUP: Final = (
    "kube-score:container-security-context-user-group-id",
    *("trivy:KSV-0021", "kubesec:RunAsGroup"),
)


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(container: Container) -> Iterator[Finding]:
    """Yield a finding for a low user id, else for a low group id."""
    security = container.security
    user, group = security.user, security.group
    if runs_on_windows(container.workload) or has_own_users(container.workload):
        return
    if isinstance(user, int) and 0 < user < _FREE:
        names = (*_USER, *_GROUP[1:]) if isinstance(group, int) and group < _FREE else _USER
        yield _finding(container, "runAsUser", user, names)
    elif isinstance(group, int) and group < _FREE:
        more = ("trivy:KSV-0116",) if group == 0 else ()
        yield _finding(container, "runAsGroup", group, (*_GROUP, *more))


def _is_low(container: Container, key: str) -> bool:
    number = container.security.user if key == "runAsUser" else container.security.group
    return isinstance(number, int) and number < _FREE


def _raise(container: Container, key: str) -> Edit:
    node = container.security.at(key)
    assert isinstance(node, Scalar)
    return set_value(node, str(int(node.text) + _FREE))


def _finding(container: Container, key: str, number: int, names: tuple[str, ...]) -> Finding:
    node = container.security.at(key)
    raised = [it for it in _IDS if isinstance(container.security.at(it), Scalar) and _is_low(container, it)]
    edits = [_raise(container, it) for it in raised]
    ids = " and ".join(dict.fromkeys(edit.text for edit in edits))
    fixes = (Fix(f"Use the id {ids}", Safety.UNSAFE, edits=tuple(edits)),) if key in raised else ()
    is_own = node is not None and container.start <= node.start < container.end
    return Finding(
        node if node is not None and is_own else container.title_node,
        f"container `{container.name}` of `{container.workload.name}` runs with `{key}: {number}`, "
        "an id its node may use",
        fixes=fixes,
        equivalents=names,
    )
