"""A process of a container may become more powerful than the container was started.

## What it does
Reports containers with `allowPrivilegeEscalation: true`. Where nothing is written, `unhardened-container` says so;
privileged containers and those with `SYS_ADMIN` always have it.

## Why it matters
With escalation allowed, programs with the set-user-id bit work: an attacker who gets in as an ordinary user
becomes root of the container with one faulty `sudo` or `mount`. With it denied the kernel refuses.

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
        allowPrivilegeEscalation: true  # <-
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
        allowPrivilegeEscalation: false
```

## Fix
Denies it. Unsafe: images that start as a user and call `sudo` fail.

## References
- [Kubernetes: security context](https://kubernetes.io/docs/tasks/configure-pod-container/security-context/)

## Equivalent rules
- `kube-linter:privilege-escalation-container`
- `polaris:privilegeEscalationAllowed`
- `checkov:CKV_K8S_20`
- `trivy:KSV-0001`
- `kubesec:AllowPrivilegeEscalation`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Container
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.hardening import level_of


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(container: Container) -> Iterator[Finding]:
    """Yield a finding for a container that is told it may escalate."""
    security = container.security
    node = security.at("allowPrivilegeEscalation")
    if node is None or security.flag("allowPrivilegeEscalation") is not True or security.is_privileged:
        return
    # The API server refuses `false` beside this capability.
    needs_it = security.adds("SYS_ADMIN", "ALL") is not None
    deny = Fix("Deny privilege escalation", Safety.UNSAFE, edits=(set_value(node, "false"),))
    yield Finding(
        node,
        f"container `{container.name}` of `{container.workload.name}` lets its processes gain privileges",
        fixes=() if needs_it else (deny,),
        level=level_of(container.workload),
        detail=f"programs with the set-user-id bit make an intruder in `{container.name}` its root",
    )
