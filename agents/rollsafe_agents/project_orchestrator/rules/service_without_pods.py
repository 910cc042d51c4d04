"""A Service selects no pod of the repository.

## What it does
Reports Services whose selector matches the pods of no workload, although the repository holds workloads that
could have been meant: one in the same directory, or one with a label that differs by a typing error.

## Why it matters
A Service without pods accepts the name and refuses every connection. The deployment succeeds, the probes of
the pods succeed, and the callers fail.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: wbe  # <-
  ports:
    - port: 8080
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
  selector:
    app: web
  ports:
    - port: 8080
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
Uses the label's value of the nearest pods. Unsafe: it sends traffic to them.

## References
- [Kubernetes: Service](https://kubernetes.io/docs/concepts/services-networking/service/)

## Equivalent rules
- `kube-linter:dangling-service`
- `kube-score:service-targets-pod`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Service, Workload
from rollsafe.formats.nodes import Node
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.hardening import SYSTEM
from rollsafe.text import nearest
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import selector_comes_from_elsewhere, workloads_of


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(service: Service, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a Service that finds no pods."""
    selector = service.label_selector
    if selector is None or not selector.is_known or not selector.labels or service.is_patch:
        return
    if service.type == "ExternalName" or workloads_of(service, graph):
        return
    if selector_comes_from_elsewhere(service, graph):
        return
    key, node, meant = _wrong_label(service, graph)
    fixes: tuple[Fix, ...] = ()
    if meant is not None:
        edit = set_value(node, meant)
        fixes = (Fix(f"Select `{key}: {meant}`", Safety.UNSAFE, edits=(edit,)),)
    sure = bool(fixes) or (service.namespace not in SYSTEM and _has_neighbours(service, graph))
    words = ", ".join(f"{name}: {value}" for name, value in selector.labels.items())
    yield Finding(
        node,
        f"Service `{service.name}` selects no pod: no workload carries `{words}`",
        fixes=fixes,
        severity=None if sure else Severity.WARNING,
        confidence=None if sure else Confidence.LOW,
        level=None if sure else Level.PEDANTIC,
        detail=f"every connection to `{service.name}` is refused while the pods that were meant run idle",
    )


def _wrong_label(service: Service, graph: Graph) -> tuple[str, Node, str | None]:
    """Return the label nobody carries: its key, where its value stands, and the value that was meant."""
    assert service.label_selector is not None
    mapping = service.label_selector.node
    for key, value in service.selector.items():
        node = mapping.at(key)
        if node is not None and not graph.find(Workload, f"label:{key}={value}"):
            known = [name.partition("=")[2] for name in graph.keys(Workload, f"label:{key}=")]
            return key, node, nearest(value, known)
    return next(iter(service.selector)), mapping, None


def _has_neighbours(service: Service, graph: Graph) -> bool:
    directory = service.file.directory
    return any(w.file.directory == directory for w in graph.every(Workload, "label:"))
