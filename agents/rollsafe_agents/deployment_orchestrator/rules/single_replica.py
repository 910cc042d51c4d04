"""A workload behind a Service runs a single pod.

## What it does
Reports Deployments with one replica (written or by default) that are reached from outside of the cluster, by an
Ingress or a Service of type LoadBalancer or NodePort, and that no autoscaler scales; those that only other
workloads reach are reported at level `pedantic`. A workload that mounts a claim or runs a database is left
alone: a second pod may not be possible. A comment on the line of `replicas` or above it counts as intent.

## Why it matters
One pod means that every node drain, eviction and crash is an outage. A rolling update survives it only as
long as the node it runs on does.

## Bad
```yaml title="k8s/api.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 1  # <-
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
  type: LoadBalancer
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
  minReadySeconds: 10
  selector:
    matchLabels: {app: api}
  template:
    metadata:
      labels: {app: api}
    spec:
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {app: api}
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
  type: LoadBalancer
  selector: {app: api}
  ports:
    - port: 8080
```

## Fix
Runs two pods, spread over the nodes, of which each has to be ready for ten seconds before the next is replaced.
Unsafe: it doubles what the workload costs, and the application has to stand running twice.

## References
- [Kubernetes: disruptions](https://kubernetes.io/docs/concepts/workloads/pods/disruptions/)

## Equivalent rules
- `kube-score:deployment-replicas`
- `polaris:deploymentMissingReplicas`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.rules import Finding, Level, Related, Safety, Severity, rule
from rollsafe.rules.intent import explained
from rollsafe.rules.replica_fixes import more_pods
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import (
    asked_through,
    autoscalers_of,
    is_exposed,
    keeps_data,
    replica_overrides,
)


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a lone pod behind a Service."""
    if workload.kind not in ("Deployment", "Rollout") or workload.is_patch or workload.replica_count != 1:
        return
    written = workload.node.key_at("spec", "replicas")
    if written is not None and explained(workload.file, written):
        return
    services = asked_through(workload, graph)
    if not services or keeps_data(workload) or autoscalers_of(workload, graph):
        return
    if replica_overrides(workload, graph):
        return
    exposed = next((one for one in services if is_exposed(one, graph)), None)
    service = exposed or services[0]
    yield Finding(
        written or workload.title_node,
        f"`{workload.name}` behind Service `{service.name}` runs a single pod",
        fixes=partial(more_pods, workload, graph, 2),
        related=(Related(service.file, service.title_node, f"Service `{service.name}` sends traffic here"),),
        level=Level.PEDANTIC if exposed is None else None,
        detail=f"a drained node, an eviction or a crash leaves `{service.name}` without a pod",
    )
