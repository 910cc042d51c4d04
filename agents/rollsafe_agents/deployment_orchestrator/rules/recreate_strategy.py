"""A workload behind a Service stops all of its pods before it starts new ones.

## What it does
Reports Deployments with `strategy.type: Recreate` that a Service of the repository sends traffic to. A
Deployment that mounts a claim is left alone: two of its pods cannot always run at once.

## Why it matters
Every release is an outage: all pods are gone before the first new one starts, and the Service has nobody to
send requests to until it is ready. A release that does not start turns this into an open-ended outage.

## Bad
```yaml title="k8s/api.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 2
  strategy:
    type: Recreate  # <-
  selector:
    matchLabels: {app: api}
  template:
    metadata:
      labels: {app: api}
    spec:
      containers:
        - name: api
          image: registry.example/api:3.2.0
          ports:
            - containerPort: 8080
          readinessProbe:
            httpGet: {path: /ready, port: 8080}
          livenessProbe:
            httpGet: {path: /live, port: 8080}
          resources:
            requests: {cpu: 100m, memory: 128Mi}
---
apiVersion: v1
kind: Service
metadata:
  name: api
spec:
  selector: {app: api}
  ports:
    - port: 8080
```

## Good
```yaml title="k8s/api.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 2
  strategy:
    type: RollingUpdate
  selector:
    matchLabels: {app: api}
  template:
    metadata:
      labels: {app: api}
    spec:
      containers:
        - name: api
          image: registry.example/api:3.2.0
          ports:
            - containerPort: 8080
          readinessProbe:
            httpGet: {path: /ready, port: 8080}
          livenessProbe:
            httpGet: {path: /live, port: 8080}
          resources:
            requests: {cpu: 100m, memory: 128Mi}
---
apiVersion: v1
kind: Service
metadata:
  name: api
spec:
  selector: {app: api}
  ports:
    - port: 8080
```

## Fix
Changes the type to `RollingUpdate`. Unsafe: during a release old and new pods run side by side, which the
application has to stand.

## References
- [Kubernetes: strategy](https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy)

## Equivalent rules
- `kube-linter:no-rolling-update-strategy`
- `kube-score:deployment-strategy`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import mounts_a_claim, services_of


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a Recreate strategy that takes a Service down."""
    kind = workload.node.at("spec", "strategy", "type")
    if kind is None or workload.strategy_type != "Recreate" or workload.kind == "Rollout":
        return
    services = services_of(workload, graph)
    if not services or mounts_a_claim(workload):
        yield Finding(
            kind,
            f"`{workload.name}` stops all of its pods before a release starts new ones",
            level=Level.PEDANTIC,
            equivalents=("kube-linter:no-rolling-update-strategy",),
        )
        return
    service = services[0]
    yield Finding(
        kind,
        f"every release of `{workload.name}` is an outage of Service `{service.name}`: "
        "`Recreate` stops all pods first",
        fixes=(Fix("Use `RollingUpdate`", Safety.UNSAFE, edits=(set_value(kind, "RollingUpdate"),)),),
        related=(Related(service.file, service.title_node, f"Service `{service.name}` sends traffic here"),),
        detail="requests fail from the moment the old pods stop until a new one is ready; a release "
        "that does not start leaves none running",
    )
