"""A Service is open to others than the cluster.

## What it does
Reports Services of type `NodePort` and `LoadBalancer`, and those with `externalIPs`.

## Why it matters
A node port is open on every node, on all its addresses, past the Ingress with its TLS, limits and logs. A load
balancer of a cloud is public unless an annotation says otherwise. With `externalIPs` whoever may make a Service
takes over traffic to any address.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: NodePort  # <-
  ports:
    - port: 80
      nodePort: 30080
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: ClusterIP
  ports:
    - port: 80
```

## Fix
Keeps a node port's Service inside of the cluster. Unsafe: who came from outside needs an Ingress. For a load balancer
nothing is offered: it is usually meant.

## References
- [Kubernetes: publishing Services](https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types)

## Equivalent rules
- `kube-linter:exposed-services`
- `kube-score:service-type`
- `trivy:KSV-0108`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Service
from rollsafe.formats.nodes import Node
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.hardening import without_entry


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(service: Service) -> Iterator[Finding]:
    """Yield a finding for a Service that can be reached from outside."""
    node = service.node.at("spec", "type")
    if node is not None and service.type == "NodePort":
        words = f"Service `{service.name}` opens a port on every node: `NodePort`"
        fix = Fix("Keep it inside of the cluster", Safety.UNSAFE, edits=tuple(_inside(service, node)))
        names = ("kube-linter:exposed-services", "kube-score:service-type")
        yield Finding(node, words, fixes=(fix,), equivalents=names)
    elif node is not None and service.type == "LoadBalancer":
        words = f"Service `{service.name}` gets a load balancer outside of the cluster"
        yield Finding(node, words, equivalents=("kube-linter:exposed-services",))
    key = service.node.key_at("spec", "externalIPs")
    if key is not None and service.node.items_at("spec", "externalIPs"):
        words = f"Service `{service.name}` takes traffic to addresses of its choice: `externalIPs`"
        yield Finding(key, words, equivalents=("trivy:KSV-0108",))


def _inside(service: Service, node: Node) -> Iterator[Edit]:
    yield set_value(node, "ClusterIP")
    for port in service.ports:
        if port.node.at("nodePort") is not None:
            edit = without_entry(service.file.text, port.node, "nodePort")
            if edit is not None:
                yield edit
