"""A container is given capabilities beyond those of the runtime.

## What it does
Reports what stands under `capabilities.add`. Those that amount to the node (`SYS_ADMIN`, `NET_ADMIN`, `ALL` …) count as
hygiene; others, and those of agents of nodes, are told to auditors. `NET_BIND_SERVICE` beside a dropped `ALL` is what
the restricted Pod Security Standard allows and is left alone.

## Why it matters
A capability is a part of root's power. `SYS_ADMIN` mounts file systems, `NET_ADMIN` rewrites routes and rules,
`SYS_PTRACE` reads other processes, `SYS_MODULE` loads code into the kernel.

## Bad
```yaml title="k8s/vpn.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: vpn
spec:
  containers:
    - name: vpn
      image: registry.example/vpn:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      securityContext:
        capabilities:
          add:
            - SYS_ADMIN  # <-
          drop:
            - ALL
```

## Good
```yaml title="k8s/vpn.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: vpn
spec:
  containers:
    - name: vpn
      image: registry.example/vpn:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      securityContext:
        capabilities:
          drop:
            - ALL
```

## Fix
Takes it out of the list. Unsafe: what needs it fails.

## References
- [Kubernetes: capabilities for a container](https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-capabilities-for-a-container)

## Equivalent rules
- `kube-linter:privilege-escalation-container`
- `polaris:dangerousCapabilities`
- `checkov:CKV_K8S_25`
- `checkov:CKV_K8S_39`
- `trivy:KSV-0005`
- `trivy:KSV-0022`
- `trivy:KSV-0106`
- `trivy:KSV-0119`
- `trivy:KSV-0120`
- `kubesec:CapSysAdmin`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Capability, Container
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.hardening import level_of, without_item

_POWERFUL: Final = frozenset(
    {
        *("ALL", "SYS_ADMIN", "NET_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "SYS_BOOT", "BPF"),
        *("DAC_READ_SEARCH", "MAC_ADMIN", "MAC_OVERRIDE", "SYS_TIME", "PERFMON"),
    }
)
_NAMES: Final = {
    "ALL": ("polaris:dangerousCapabilities", "checkov:CKV_K8S_39"),
    "SYS_ADMIN": (
        *("polaris:dangerousCapabilities", "kube-linter:privilege-escalation-container"),
        *("checkov:CKV_K8S_39", "trivy:KSV-0005", "kubesec:CapSysAdmin"),
    ),
    "NET_ADMIN": ("polaris:dangerousCapabilities",),
    "SYS_MODULE": ("trivy:KSV-0120",),
    "NET_RAW": ("trivy:KSV-0119",),
}
_ANY: Final = ("checkov:CKV_K8S_25", "trivy:KSV-0022", "trivy:KSV-0106")


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(container: Container) -> Iterator[Finding]:
    """Yield a finding for each added capability."""
    security = container.security
    for capability in security.added:
        if capability.name == "NET_BIND_SERVICE" and security.drops_all:
            continue
        yield _finding(container, capability)


def _finding(container: Container, capability: Capability) -> Finding:
    is_powerful = capability.name in _POWERFUL
    owner = container.node.map_at("securityContext", "capabilities")
    text = container.file.text
    edit = without_item(text, owner, "add", capability.node) if owner is not None else None
    fix = Fix(f"Take `{capability.name}` away", Safety.UNSAFE, edits=(edit,) if edit is not None else ())
    return Finding(
        capability.node,
        f"container `{container.name}` of `{container.workload.name}` is given `{capability.name}`",
        fixes=(fix,) if edit is not None else (),
        severity=None if is_powerful else Severity.INFO,
        level=level_of(container.workload) if is_powerful else Level.AUDITOR,
        equivalents=(*_NAMES.get(capability.name, ()), *_ANY),
    )
