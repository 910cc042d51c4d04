"""An autoscaler measures usage against a request that is not there.

## What it does
Reports autoscalers that aim at a percentage of CPU or memory while a container of their target requests none.

## Why it matters
The percentage is one of the request. Without it the autoscaler knows no number (`missing request for cpu`) and does
not scale: under load no pod is added, and nothing says so but an event.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
          resources:
            requests: {memory: 128Mi}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 3
  maxReplicas: 9
  metrics:
    - type: Resource  # <-
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: 70}
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
          resources:
            requests: {memory: 128Mi, cpu: 100m}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 3
  maxReplicas: 9
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: 70}
```

## Fix
Inserts a small request. Manual: the right number is what the container uses under usual load.

## References
- [Kubernetes: how a horizontal pod autoscaler works](https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#how-does-a-horizontalpodautoscaler-work)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Container, HorizontalPodAutoscaler
from rollsafe.rules import FileEdit, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.manifest_edits import put
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import has_default_requests, targets_of

_AMOUNTS: Final = {"cpu": "100m", "memory": "128Mi"}


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.MANUAL)
def check(scaler: HorizontalPodAutoscaler, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each percentage of a request that is missing."""
    for metric in scaler.metrics:
        name = metric.resource
        if not metric.is_utilization or name not in _AMOUNTS:
            continue
        container = _without(scaler, name, graph)
        if container is not None:
            yield Finding(
                metric.node,
                f"`{scaler.name}` does not scale: container `{container.name}` of `{scaler.target_name}` "
                f"requests no {name}",
                fixes=tuple(_fixes(scaler, container, name)),
                related=(Related(container.file, container.title_node, f"has no {name} request"),),
                detail="its aim is a percentage of that request",
            )


def _without(scaler: HorizontalPodAutoscaler, name: str, graph: Graph) -> Container | None:
    for workload in targets_of(scaler, graph):
        if workload.is_patch or has_default_requests(workload, graph):
            continue
        for container in workload.containers:
            if container.lacks("resources", "requests", name) and container.lacks(
                "resources", "limits", name
            ):
                return container
    return None


def _fixes(scaler: HorizontalPodAutoscaler, container: Container, name: str) -> Iterator[Fix]:
    edit = put(container.file.text, container.node, ("resources", "requests", name), _AMOUNTS[name])
    if edit is None:
        return
    title = f"Request {_AMOUNTS[name]} of {name} (adjust the amount)"
    if container.file.path == scaler.file.path:
        yield Fix(title, Safety.MANUAL, edits=(edit,))
    else:
        yield Fix(title, Safety.MANUAL, elsewhere=(FileEdit(container.file.path, edit),))
