"""Pods share a namespace of their node.

## What it does
Reports `hostNetwork`, `hostPID` and `hostIPC`, and `hostProcess` of Windows pods. Agents of nodes (DaemonSets, what
runs in `kube-system`) and files for development are told of to auditors only.

## Why it matters
In the node's process namespace a container sees, and may signal or read, every process of the node. In its network
namespace it reaches services bound to the node's loopback, escapes NetworkPolicies and takes the node's ports.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  hostPID: true  # <-
  containers:
    - name: web
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
```

## Fix
Removes the setting. Unsafe: what the pods do with the node's namespace fails.

## References
- [Kubernetes: Pod Security Standards, baseline](https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline)

## Equivalent rules
- `kube-linter:host-network`
- `kube-linter:host-pid`
- `kube-linter:host-ipc`
- `polaris:hostNetworkSet`
- `polaris:hostPIDSet`
- `polaris:hostIPCSet`
- `polaris:hostProcess`
- `checkov:CKV_K8S_17`
- `checkov:CKV_K8S_18`
- `checkov:CKV_K8S_19`
- `trivy:KSV-0008`
- `trivy:KSV-0009`
- `trivy:KSV-0010`
- `trivy:KSV-0103`
- `kubesec:HostNetwork`
- `kubesec:HostPID`
- `kubesec:HostIPC`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.formats.nodes import Mapping
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.hardening import level_of, without_entry

_SHARED: Final = {
    "hostNetwork": (
        "network",
        *("kube-linter:host-network", "polaris:hostNetworkSet", "checkov:CKV_K8S_19"),
        *("trivy:KSV-0009", "kubesec:HostNetwork"),
    ),
    "hostPID": (
        "processes",
        *("kube-linter:host-pid", "polaris:hostPIDSet", "checkov:CKV_K8S_17"),
        *("trivy:KSV-0010", "kubesec:HostPID"),
    ),
    "hostIPC": (
        "shared memory",
        *("kube-linter:host-ipc", "polaris:hostIPCSet", "checkov:CKV_K8S_18"),
        *("trivy:KSV-0008", "kubesec:HostIPC"),
    ),
}
_ON_WINDOWS: Final = ("polaris:hostProcess", "trivy:KSV-0103")


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for each namespace that is shared."""
    spec = workload.pod_spec
    if spec is None:
        return
    for key, (what, *names) in _SHARED.items():
        if spec.bool_at(key):
            yield _finding(workload, spec, key, what, tuple(names))
    for owner in (spec, *(container.node for container in workload.all_containers)):
        options = owner.map_at("securityContext", "windowsOptions")
        if options is not None and options.bool_at("hostProcess"):
            yield _finding(workload, options, "hostProcess", "Windows session", _ON_WINDOWS)


def _finding(workload: Workload, owner: Mapping, key: str, what: str, names: tuple[str, ...]) -> Finding:
    edit = without_entry(workload.file.text, owner, key)
    fix = Fix(f"Remove `{key}`", Safety.UNSAFE, edits=(edit,) if edit is not None else ())
    return Finding(
        owner.key_at(key) or workload.title_node,
        f"the pods of `{workload.name}` share the {what} of their node: `{key}: true`",
        fixes=(fix,) if edit is not None else (),
        level=level_of(workload),
        equivalents=names,
    )
