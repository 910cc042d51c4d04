"""A container takes a port of its node.

## What it does
Reports ports with a `hostPort`.

## Why it matters
Only one pod on a node can have the port: a rolling update waits for a node where it is free, and with as many
replicas as nodes it waits for ever. The port is open to everybody who reaches the node, past Services and
most NetworkPolicies.

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
        - containerPort: 8080
          hostPort: 8080  # <-
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
Removes the `hostPort`. Unsafe: who used the node's address needs a Service. Nothing is offered for pods in the
network of their node, which takes the port by itself.

## References
- [Kubernetes: configuration best practices](https://kubernetes.io/docs/concepts/configuration/overview/#services)

## Equivalent rules
- `polaris:hostPortSet`
- `checkov:CKV_K8S_26`
- `trivy:KSV-0024`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Container
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.hardening import without_entry


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(container: Container) -> Iterator[Finding]:
    """Yield a finding for each port of the node that is taken."""
    workload = container.workload
    # In the network of the node every port is the node's, whether it says so or not.
    is_forced = workload.pod_spec is not None and workload.pod_spec.bool_at("hostNetwork") is True
    for port in container.ports:
        if isinstance(port.host_port, int) and port.host_port > 0:
            edit = without_entry(container.file.text, port.node, "hostPort")
            fix = Fix("Remove `hostPort`", Safety.UNSAFE, edits=(edit,) if edit is not None else ())
            yield Finding(
                port.node.key_at("hostPort") or port.node,
                f"container `{container.name}` of `{workload.name}` takes port {port.host_port} of its node: "
                "`hostPort`",
                fixes=(fix,) if edit is not None and not is_forced else (),
            )
