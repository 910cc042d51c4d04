"""A rolling update may take every pod of a Service away at once.

## What it does
Reports Deployments and Rollouts that a Service of the repository sends traffic to and whose `maxUnavailable`, rounded
as Kubernetes does, covers every pod: all of them (`100%`), or the only one. It is counted from the least number of
pods an autoscaler leaves. Where `maxSurge` and `maxUnavailable` both come to no pod, Kubernetes takes one away all
the same. Workloads that mount a claim and values with a comment are left alone.

## Why it matters
The old pods may stop before a new one is ready. Every release is a moment without anybody to answer, and one that
does not start is an outage until somebody rolls it back.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  strategy:
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 100%  # <-
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
  replicas: 3
  strategy:
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
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
Takes no pod away before a new one is ready, and adds one pod where none was to be added. Unsafe: a pod more needs
room on a node.

## References
- [Kubernetes: max unavailable](https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.formats.nodes import Node
from rollsafe.rules import Finding, Related, Safety, Severity, rule
from rollsafe.rules.intent import explained
from rollsafe.rules.manifest_edits import putting
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.rollout_budget import RolloutBudget, budget_of
from rollsafe.workspace.wiring import asked_through, keeps_data

_BELOW: Final = {"Deployment": "rollingUpdate", "Rollout": "canary"}


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a rolling update that leaves no pod."""
    below = _BELOW.get(workload.kind)
    strategy = workload.strategy
    if below is None or strategy is None or strategy.at(below) is None or workload.is_patch:
        return
    place: Node | None = strategy.key_at(below, "maxUnavailable") or strategy.key_at(below, "maxSurge")
    if place is None or explained(workload.file, place):
        return
    budget = budget_of(workload, graph)
    if budget.replicas is None or not budget.replicas.value or budget.least != 0:
        return
    services = asked_through(workload, graph)
    if not services or keeps_data(workload):
        return
    yield Finding(
        place,
        f"a release of `{workload.name}` may stop {_all(budget)} behind Service `{services[0].name}` at once",
        fixes=putting(
            "Keep every pod until a new one is ready",
            Safety.UNSAFE,
            workload.file,
            strategy,
            *(((below, key), value) for key, value in _values(budget)),
        ),
        related=(Related(services[0].file, services[0].title_node, "sends traffic to the pods"),),
        detail=_reason(budget),
    )


def _all(budget: RolloutBudget) -> str:
    count = budget.replicas.value if budget.replicas is not None else 0
    return "its only pod" if count == 1 else f"all {count} pods"


def _values(budget: RolloutBudget) -> Iterator[tuple[str, str]]:
    rolling = budget.rolling
    if rolling is not None and rolling.surge.value == 0:
        yield "maxSurge", "1"
    yield "maxUnavailable", "0"


def _reason(budget: RolloutBudget) -> str:
    rolling = budget.rolling
    if rolling is not None and rolling.is_raised:
        return "`maxSurge` and `maxUnavailable` both come to no pod here, and Kubernetes then takes one away"
    return "the old pods may all be gone before a new one is ready"
