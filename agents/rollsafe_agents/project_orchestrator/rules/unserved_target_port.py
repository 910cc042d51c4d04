"""A Service sends traffic to a port no container of its pods serves.

## What it does
Reports Service ports whose `targetPort` is neither the number nor the name of a port declared by the selected
pods. Pods that declare no ports at all are left alone for numbers: declaring them is optional.

## Why it matters
Connections to the Service are refused, or hang. A named port that does not exist leaves the Service without
any endpoint. Nothing reports it: the rollout succeeds and the callers fail.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports:
    - port: 80
      targetPort: 8081  # <-
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
          ports:
            - containerPort: 8080
          readinessProbe:
            httpGet: {path: /ready, port: 8080}
          livenessProbe:
            httpGet: {path: /live, port: 8080}
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports:
    - port: 80
      targetPort: 8080
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
          ports:
            - containerPort: 8080
          readinessProbe:
            httpGet: {path: /ready, port: 8080}
          livenessProbe:
            httpGet: {path: /live, port: 8080}
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Uses the port the pods declare, where there is one that is meant. Unsafe: traffic begins to reach it.

## References
- [Kubernetes: port definitions](https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Service, ServicePort, Workload
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import add_entry, set_value
from rollsafe.rules import Confidence, Edit, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.text import nearest
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import workloads_of


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(service: Service, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each port that leads nowhere."""
    workloads = workloads_of(service, graph)
    # Who asks for a headless Service is told the addresses of the pods, and connects to any port of them.
    if not workloads or service.type == "ExternalName" or service.is_headless:
        return
    for port in service.ports:
        node = port.target_node or port.port_node
        if node is not None and all(_is_unserved(port, workload) for workload in workloads):
            yield _finding(service, port, node, workloads[0])


def _is_unserved(port: ServicePort, workload: Workload) -> bool:
    target = port.target
    declared = list(workload.ports)
    if workload.templated and not declared:
        return False
    known = all(isinstance(one.number, int) for one in declared)
    if isinstance(target, int):
        # A container that declares no port may listen on any, and a list of some says nothing of the others'.
        told = all(container.ports for container in workload.containers)
        return told and known and all(one.number != target for one in declared)
    if not isinstance(target, str) or "%" in target:
        return False
    return known and all(one.name != target for one in declared)


def _finding(service: Service, port: ServicePort, node: Scalar, workload: Workload) -> Finding:
    declared = [f"{p.name} ({p.number})" if p.name else str(p.number) for p in workload.ports]
    serves = f"serves `{', '.join(declared)}`" if declared else "declares no port"
    return Finding(
        node,
        f"Service `{service.name}` sends to port `{port.target}`, but `{workload.name}` {serves}",
        fixes=tuple(_fixes(service, port, node, workload)),
        related=(Related(workload.file, workload.title_node, f"the pods of `{workload.name}`"),),
        confidence=Confidence.MEDIUM if isinstance(port.target, int) else None,
        detail=f"connections to `{service.name}` are refused although its pods are healthy",
    )


def _fixes(service: Service, port: ServicePort, node: Scalar, workload: Workload) -> Iterator[Fix]:
    meant = _meant(port, workload)
    if meant is None:
        return
    edit: Edit
    if port.target_node is not None:
        edit = set_value(node, meant)
    else:
        edit = add_entry(service.file.text, port.node, "targetPort", meant)
    yield Fix(f"Send to port `{meant}`", Safety.UNSAFE, edits=(edit,))


def _meant(port: ServicePort, workload: Workload) -> str | None:
    """Return the declared port that was meant: the only one, or the nearest name."""
    declared = list(workload.ports)
    if len(declared) == 1:
        only = declared[0]
        return only.name if isinstance(port.target, str) and only.name else str(only.number)
    names = [one.name for one in declared if one.name]
    return nearest(port.target, names) if isinstance(port.target, str) else None
