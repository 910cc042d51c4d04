"""A container behind a Service has no liveness probe.

## What it does
Reports containers of long-running workloads that declare no `livenessProbe` although a Service of the
repository sends them traffic. Jobs, init containers and sidecars that serve nothing are left alone; other
long-running containers are reported at level `pedantic`.

## Why it matters
A process that hangs without exiting (a deadlock, an exhausted pool) keeps its pod and keeps failing. Without
a liveness probe nothing restarts it: the replica is lost until a person notices.

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
          readinessProbe:
            tcpSocket:
              port: 8080
          resources:
            requests: {cpu: 100m, memory: 128Mi}
          livenessProbe:
            tcpSocket:
              port: 8080
            initialDelaySeconds: 30
            failureThreshold: 6
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
Adds a patient probe: a minute and a half pass before a hung container is restarted. It asks what the image's own
HEALTHCHECK or a known image asks, else the port the Service sends traffic to, the only one the container declares or
the only one its Dockerfile exposes. Unsafe: a container that does not answer for longer than that is killed.

## References
- [Kubernetes: liveness, readiness and startup probes](https://kubernetes.io/docs/concepts/workloads/pods/probes/)

## Equivalent rules
- `kube-linter:no-liveness-probe`
- `kube-score:pod-probes`
- `polaris:livenessProbeMissing`
- `checkov:CKV_K8S_8`
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.kubernetes import Container
from rollsafe.rules import Confidence, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.probe_fixes import probe_edits, question_for
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import lacks_probe, serving

_PATIENT = "\ninitialDelaySeconds: 30\nfailureThreshold: 6"
_WITHOUT_SERVICE = ("kube-linter:no-liveness-probe", "polaris:livenessProbeMissing", "checkov:CKV_K8S_8")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(container: Container, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a serving container without a liveness probe."""
    if not lacks_probe(container, "livenessProbe"):
        return
    served = serving(container, graph)
    if served is None:
        yield Finding(
            container.title_node,
            f"container `{container.name}` has no liveness probe",
            level=Level.PEDANTIC,
            confidence=Confidence.LOW,
            equivalents=_WITHOUT_SERVICE,
            fixes=partial(_fixes, container, graph, None),
        )
        return
    service, port = served
    yield Finding(
        container.title_node,
        f"container `{container.name}` behind Service `{service.name}` has no liveness probe",
        fixes=partial(_fixes, container, graph, port),
        related=(Related(service.file, service.title_node, f"Service `{service.name}` sends traffic here"),),
        detail=f"when `{container.name}` hangs without exiting, nothing restarts it and "
        f"`{container.workload.name}` runs one replica short",
    )


def _fixes(container: Container, graph: Graph, port: int | str | None) -> tuple[Fix, ...]:
    question = question_for(container, graph, port)
    if question is None:
        return ()
    edits = probe_edits(container, "livenessProbe", question, _PATIENT)
    return (Fix(f"Add a liveness probe {question.words}", Safety.UNSAFE, edits=edits),) if edits else ()
