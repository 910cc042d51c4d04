"""A pod behind a Service counts as available the moment it is ready.

## What it does
Reports Deployments, StatefulSets and Rollouts that a Service of the repository sends traffic to, that run more than
one pod and write no `minReadySeconds`.

## Why it matters
A rolling update goes on as soon as a new pod answered its probe once. A release that crashes under its first
requests replaces all old pods within seconds; a few seconds per pod give it the time to show.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web  # <-
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
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports:
    - port: 8080
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  minReadySeconds: 10
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
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports:
    - port: 8080
```

## Fix
Asks for ten ready seconds per pod. Unsafe: a rollout takes that much longer for each step.

## References
- [Kubernetes: min ready seconds](https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#min-ready-seconds)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.rules import Finding, Level, Related, Safety, Severity, rule
from rollsafe.rules.manifest_edits import putting
from rollsafe.rules.replica_fixes import READY_PATH, READY_SECONDS, counts_at_once
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.rollout_budget import budget_of
from rollsafe.workspace.wiring import asked_through


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a served workload that needs no ready time."""
    if not counts_at_once(workload, graph):
        return
    budget = budget_of(workload, graph)
    services = asked_through(workload, graph)
    if budget.replicas is None or budget.replicas.value < 2:
        return
    yield Finding(
        workload.title_node,
        f"pods of `{workload.name}` behind Service `{services[0].name}` count as available at their first answer",
        fixes=putting(
            "Ask for ten ready seconds",
            Safety.UNSAFE,
            workload.file,
            workload.root,
            (READY_PATH, READY_SECONDS),
        ),
        related=(Related(services[0].file, services[0].title_node, "sends traffic to the pods"),),
        detail="a release that fails under its first requests has replaced the old pods by then",
    )
