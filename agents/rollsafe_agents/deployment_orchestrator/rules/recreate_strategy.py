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
  minReadySeconds: 10
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
from functools import partial

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.rules import Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.manifest_edits import put_all
from rollsafe.rules.replica_fixes import READY_PATH, READY_SECONDS
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.rollout_budget import budget_of
from rollsafe.workspace.wiring import asked_through, mounts_a_claim


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a Recreate strategy that takes a Service down."""
    kind = workload.node.at("spec", "strategy", "type")
    if kind is None or workload.strategy_type != "Recreate" or workload.kind == "Rollout":
        return
    services = asked_through(workload, graph)
    if mounts_a_claim(workload):
        return  # Two pods may not be able to share it.
    if not services:
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
        fixes=partial(_fixes, workload, graph),
        related=(Related(service.file, service.title_node, f"Service `{service.name}` sends traffic here"),),
        detail="requests fail from the moment the old pods stop until a new one is ready; a release "
        "that does not start leaves none running",
    )


def _fixes(workload: Workload, graph: Graph) -> tuple[Fix, ...]:
    values: list[tuple[tuple[str, ...], str]] = [(("spec", "strategy", "type"), "RollingUpdate")]
    title, replicas = "Use `RollingUpdate`", budget_of(workload, graph).replicas
    if workload.lacks(*READY_PATH) and replicas is not None and replicas.value > 1:
        values.append((READY_PATH, READY_SECONDS))
        title += " with pods that are ready for ten seconds each"
    return put_all(title, Safety.UNSAFE, workload.file.text, workload.root, *values)
