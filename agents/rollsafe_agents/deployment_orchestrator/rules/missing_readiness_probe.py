"""A container behind a Service has no readiness probe.

## What it does
Reports containers of long-running workloads that declare no `readinessProbe` although a Service of the
repository sends them traffic. Jobs, init containers and sidecars that do not listen on the Service's port
are left alone; other long-running containers are reported at level `pedantic`.

## Why it matters
Without a readiness probe a pod gets traffic the moment its process exists. During every rollout and every
restart requests meet a server that is still starting, and a release that starts but cannot serve replaces
all healthy pods before anybody notices.

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
          livenessProbe:
            tcpSocket:
              port: 8080
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
    - port: 80
      targetPort: 8080
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
          livenessProbe:
            tcpSocket:
              port: 8080
          resources:
            requests: {cpu: 100m, memory: 128Mi}
          readinessProbe:
            tcpSocket:
              port: 8080
            periodSeconds: 5
            failureThreshold: 2
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports:
    - port: 80
      targetPort: 8080
```

## Fix
Adds the question of the image's own HEALTHCHECK or of a known image, else a probe of the port the Service sends
traffic to, the only one the container declares or the only one its Dockerfile exposes. Unsafe: rollouts start to wait
for it. A TCP probe only shows that something listens; an HTTP path that checks the server's own work says more.

## References
- [Kubernetes: liveness, readiness and startup probes](https://kubernetes.io/docs/concepts/workloads/pods/probes/)

## Equivalent rules
- `kube-linter:no-readiness-probe`
- `kube-score:pod-probes`
- `polaris:readinessProbeMissing`
- `checkov:CKV_K8S_9`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.kubernetes import Container
from rollsafe.rules import Confidence, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.probe_fixes import probe_edits, question_for
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import lacks_probe, serving

_PROMPT = "\nperiodSeconds: 5\nfailureThreshold: 2"
"""Soon enough for a container to be out of use well before its liveness probe restarts it."""
_WITHOUT_SERVICE = ("kube-linter:no-readiness-probe", "polaris:readinessProbeMissing", "checkov:CKV_K8S_9")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(container: Container, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a serving container without a readiness probe."""
    if not lacks_probe(container, "readinessProbe"):
        return
    served = serving(container, graph)
    if served is None:
        yield Finding(
            container.title_node,
            f"container `{container.name}` has no readiness probe",
            level=Level.PEDANTIC,
            confidence=Confidence.LOW,
            equivalents=_WITHOUT_SERVICE,
            fixes=partial(_fixes, container, graph, None),
        )
        return
    service, port = served
    yield Finding(
        container.title_node,
        f"container `{container.name}` gets traffic from Service `{service.name}` without a readiness probe",
        fixes=partial(_fixes, container, graph, port),
        related=(Related(service.file, service.title_node, f"Service `{service.name}` sends traffic here"),),
        detail=f"`{container.workload.name}` counts as ready as soon as its process starts, so a rollout "
        "goes on while new pods cannot answer yet",
    )


def _fixes(container: Container, graph: Graph, port: int | str | None) -> tuple[Fix, ...]:
    question = question_for(container, graph, port)
    if question is None:
        return ()
    edits = probe_edits(container, "readinessProbe", question, _PROMPT if container.liveness_probe else "")
    return (Fix(f"Add a readiness probe {question.words}", Safety.UNSAFE, edits=edits),) if edits else ()
