"""A container behind a Service is stopped while requests still reach it.

## What it does
Reports containers of long-running workloads that a Service of the repository sends traffic to and that have no
`preStop` handler. Databases and their like are left alone: their clients hold connections.

## Why it matters
A pod is told to stop at the same moment as it is taken out of the Service. For a second or two load balancers and
nodes still send it requests, which a server that closes at once refuses: a few errors with every release.

## Bad
```yaml title="k8s/web.yaml"
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
        - name: web  # <-
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
          lifecycle:
            preStop:
              sleep:
                seconds: 5
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
Sleeps for five seconds before the process is told to stop, and lengthens `terminationGracePeriodSeconds` where that
is too short for it. Unsafe: pods take longer to stop. The `sleep` action needs Kubernetes 1.30.

## References
- [Kubernetes: container lifecycle hooks](https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.kubernetes import Container
from rollsafe.rules import Edit, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.manifest_edits import put
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.rollout_budget import budget_of
from rollsafe.workspace.wiring import keeps_data, serving

_SLEEP: Final = 5
_LEAST: Final = 15
_GRACE: Final = "terminationGracePeriodSeconds"


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(container: Container, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a serving container that does not wait before it stops."""
    workload = container.workload
    if container.is_init or not workload.is_long_running or workload.is_patch:
        return
    if not container.lacks("lifecycle", "preStop"):
        return
    served = serving(container, graph)
    if served is None or keeps_data(workload):
        return
    yield Finding(
        container.title_node,
        f"container `{container.name}` behind Service `{served[0].name}` stops while requests still reach it",
        fixes=partial(_fixes, container, graph),
        related=(Related(served[0].file, served[0].title_node, "sends traffic here"),),
        detail="it is told to stop at the moment in which the load balancers begin to learn of it",
    )


def _fixes(container: Container, graph: Graph) -> tuple[Fix, ...]:
    text, spec = container.file.text, container.workload.pod_spec
    sleep = put(text, container.node, ("lifecycle", "preStop", "sleep", "seconds"), str(_SLEEP))
    grace = budget_of(container.workload, graph).grace
    if sleep is None or spec is None or grace is None:
        return ()
    edits: list[Edit] = [sleep]
    if grace.value < _LEAST:
        longer = put(text, spec, (_GRACE,), str(grace.value + _SLEEP))
        edits += [longer] if longer is not None else []
    return (Fix("Sleep five seconds before it stops (Kubernetes 1.30)", Safety.UNSAFE, edits=tuple(edits)),)
