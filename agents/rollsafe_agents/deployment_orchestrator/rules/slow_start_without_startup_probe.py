"""A container that starts slowly is restarted while it starts.

## What it does
Reports containers of images that are known to start slowly (Java servers, search engines and the like, or built
here on a Java base) whose liveness probe gives up within a minute and that have no startup probe.

## Why it matters
A start that takes a little longer, on a busy node or after an update, meets the liveness probe: the container is
killed, starts again and never gets there. All new pods of a release may end like that at once.

## Bad
```yaml title="k8s/login.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: login
spec:
  replicas: 2
  selector:
    matchLabels: {app: login}
  template:
    metadata:
      labels: {app: login}
    spec:
      containers:
        - name: login
          image: quay.io/keycloak/keycloak:26.0.1
          livenessProbe:  # <-
            httpGet: {path: /health/live, port: 9000}
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/login.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: login
spec:
  replicas: 2
  selector:
    matchLabels: {app: login}
  template:
    metadata:
      labels: {app: login}
    spec:
      containers:
        - name: login
          image: quay.io/keycloak/keycloak:26.0.1
          livenessProbe:
            httpGet: {path: /health/live, port: 9000}
          resources:
            requests: {cpu: 100m, memory: 128Mi}
          ports:
            - containerPort: 9000
          startupProbe:
            httpGet:
              path: /health/live
              port: 9000
            periodSeconds: 10
            failureThreshold: 30
```

## Fix
Adds a startup probe that asks what the liveness probe asks and allows five minutes. Unsafe: a container that hangs
while it starts is restarted that much later.

## References
- [Kubernetes: startup probe](https://kubernetes.io/docs/concepts/workloads/pods/probes/#startup-probe)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Container, Probe
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.probe_fixes import Question, probe_edits
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.images import starts_slowly

_SOON: Final = 60
_PLAIN: Final = lazily(r"[\w./:-]+\Z")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(container: Container, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a slow starter whose liveness probe does not wait."""
    live, image = container.liveness_probe, container.image
    if live is None or image is None or not live.is_known or container.is_init or container.workload.is_patch:
        return
    budget = live.budget
    if budget is None or budget > _SOON or not container.lacks("startupProbe") or container.workload.is_job:
        return
    if starts_slowly(image, graph):
        yield Finding(
            live.key,
            f"container `{container.name}` is restarted {budget} s after it began to start: "
            "it has no startup probe",
            fixes=tuple(_fixes(container, live)),
            detail=f"`{image.name}` may need longer than that on a busy node, and then never gets there",
        )


def _fixes(container: Container, live: Probe) -> Iterator[Fix]:
    handler = next((key for key in ("httpGet", "tcpSocket") if live.node.map_at(key) is not None), None)
    below = live.node.map_at(handler) if handler is not None else None
    if below is None or not all(_is_plain(value) for _, value in below.pairs()):
        return
    lines = "".join(f"  {key}: {value.text}\n" for key, value in below.pairs() if isinstance(value, Scalar))
    probe = f"{handler}:\n{lines}periodSeconds: 10\nfailureThreshold: 30"
    question = Question(probe, "", live.port if isinstance(live.port, int) else None)
    edits = probe_edits(container, "startupProbe", question)
    yield Fix("Allow five minutes to start", Safety.UNSAFE, edits=edits)


def _is_plain(value: Node) -> bool:
    return isinstance(value, Scalar) and not isinstance(value, Mapping) and bool(_PLAIN.match(value.text))
