"""A container's security context leaves powers it is unlikely to need.

## What it does
Reports, once for each container, what its security context leaves open: privilege escalation, the runtime's
capabilities, a writable root filesystem, running as root, no seccomp profile, no user id. What the pod says
counts where the kubelet lets containers inherit it.

## Why it matters
Each of these is a tool for somebody who has got into the container: to write programs into it, to become root,
to forge packets, to reach the kernel by a rare system call. Few servers need any of them.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web  # <-
      image: registry.example/web:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
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
        capabilities:
          drop:
            - ALL
        readOnlyRootFilesystem: true
        runAsNonRoot: true
        runAsUser: 10001
        runAsGroup: 10001
        seccompProfile:
          type: RuntimeDefault
```

## Fix
Completes the security context. Unsafe: a program that writes outside of its volumes or needs a capability fails
when it starts.

## References
- [Kubernetes: Pod Security Standards, restricted](https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted)

## Equivalent rules
- `kube-linter:drop-net-raw-capability`
- `kube-linter:no-read-only-root-fs`
- `kube-linter:run-as-non-root`
- `kube-score:container-seccomp-profile`
- `kube-score:container-security-context-readonlyrootfilesystem`
- `kube-score:container-security-context-user-group-id`
- `polaris:insecureCapabilities`
- `polaris:linuxHardening`
- `polaris:notReadOnlyRootFilesystem`
- `polaris:privilegeEscalationAllowed`
- `polaris:runAsRootAllowed`
- `checkov:CKV_K8S_20`
- `checkov:CKV_K8S_22`
- `checkov:CKV_K8S_23`
- `checkov:CKV_K8S_28`
- `checkov:CKV_K8S_29`
- `checkov:CKV_K8S_30`
- `checkov:CKV_K8S_31`
- `checkov:CKV_K8S_37`
- `checkov:CKV_K8S_40`
- `trivy:KSV-0001`
- `trivy:KSV-0003`
- `trivy:KSV-0004`
- `trivy:KSV-0012`
- `trivy:KSV-0014`
- `trivy:KSV-0020`
- `trivy:KSV-0021`
- `trivy:KSV-0030`
- `trivy:KSV-0104`
- `trivy:KSV-0106`
- `trivy:KSV-0118`
- `kubesec:AllowPrivilegeEscalation`
- `kubesec:CapDropAll`
- `kubesec:CapDropAny`
- `kubesec:ReadOnlyRootFilesystem`
- `kubesec:RunAsGroup`
- `kubesec:RunAsNonRoot`
- `kubesec:RunAsUser`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.kubernetes import Container
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.hardening import runs_on_windows
from rollsafe.rules.manifest_ignores import read_manifest_ignores
from rollsafe.rules.security_gaps import Gap, complete, gaps_of


@rule(
    severity=Severity.INFO,
    since="0.1.0",
    level=Level.AUDITOR,
    confidence=Confidence.MEDIUM,
    fix=Safety.UNSAFE,
)
def check(container: Container) -> Iterator[Finding]:
    """Yield one finding for a container whose security context is not complete."""
    workload = container.workload
    if workload.is_patch or runs_on_windows(workload):
        return
    gaps = _without_judged(container, list(gaps_of(container)))
    if not gaps:
        return
    names = dict.fromkeys(name for gap in gaps for name in gap.equivalents)
    yield Finding(
        container.title_node,
        f"container `{container.name}` of `{workload.name}` has {_listed([gap.words for gap in gaps])}",
        fixes=partial(_fixes, container, gaps),
        equivalents=tuple(names),
    )


def _fixes(container: Container, gaps: list[Gap]) -> tuple[Fix, ...]:
    edits = complete(container, gaps)
    return (Fix("Complete the security context", Safety.UNSAFE, edits=edits),) if edits else ()


def _without_judged(container: Container, gaps: list[Gap]) -> list[Gap]:
    """Leave out what somebody has told another checker to leave alone, so that the rest is told still."""
    judged = container.file.told(read_manifest_ignores)
    if not judged:
        return gaps
    line = container.file.line_number(container.title_node)
    names = {name for one in judged if line in one.lines for name in one.names}
    return [gap for gap in gaps if names.isdisjoint(gap.equivalents)] if names else gaps


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
