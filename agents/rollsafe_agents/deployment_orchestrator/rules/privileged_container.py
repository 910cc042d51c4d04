"""A container is as powerful as its node.

## What it does
Reports containers with `privileged: true`. Agents of nodes (DaemonSets, what runs in `kube-system`) and files
for development are told of to auditors only.

## Why it matters
A privileged container has every capability, sees every device and is held back by no profile. Whoever gets
into it owns the node, every pod on it and the credentials of all of them.

## Bad
```yaml title="k8s/agent.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: agent
spec:
  containers:
    - name: agent
      image: registry.example/agent:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      securityContext:
        privileged: true  # <-
```

## Good
```yaml title="k8s/agent.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: agent
spec:
  containers:
    - name: agent
      image: registry.example/agent:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      securityContext:
        privileged: false
```

## Fix
Takes the privilege away. Unsafe: what needs it fails. Capabilities added one by one are the narrower way.

## References
- [Kubernetes: privileged containers](https://kubernetes.io/docs/concepts/security/linux-kernel-security-constraints/#privileged-containers)

## Equivalent rules
- `kube-linter:privileged-container`
- `kube-linter:privilege-escalation-container`
- `kube-score:container-security-context-privileged`
- `polaris:privilegeEscalationAllowed`
- `polaris:runAsPrivileged`
- `checkov:CKV_K8S_16`
- `checkov:CKV_K8S_20`
- `trivy:KSV-0001`
- `trivy:KSV-0017`
- `kubesec:Privileged`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Container
from rollsafe.formats.nodes import Node
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.hardening import level_of


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(container: Container) -> Iterator[Finding]:
    """Yield a finding for a privileged container."""
    node = container.security.at("privileged")
    if node is None or not container.security.is_privileged:
        return
    workload = container.workload
    yield Finding(
        node,
        f"container `{container.name}` of `{workload.name}` is privileged: it can do what its node can",
        fixes=(Fix("Take the privilege away", Safety.UNSAFE, edits=tuple(_edits(container, node))),),
        level=level_of(workload),
        detail=f"code that runs in `{container.name}` can take over the node and everything on it",
    )


def _edits(container: Container, node: Node) -> Iterator[Edit]:
    """Yield the edits that take the privilege away, and with it the leave to get it back."""
    yield set_value(node, "false")
    security = container.security
    escalating = security.at("allowPrivilegeEscalation")
    # The API server refuses `false` beside these capabilities.
    needs_it = security.adds("SYS_ADMIN", "ALL") is not None
    if escalating is not None and security.flag("allowPrivilegeEscalation") and not needs_it:
        yield set_value(escalating, "false")
