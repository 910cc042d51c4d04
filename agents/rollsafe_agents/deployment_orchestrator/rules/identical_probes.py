"""The liveness probe asks the same as the readiness probe and gives up as soon.

## What it does
Reports containers whose liveness probe asks the same path, port or command as the readiness probe and is not more
patient: it restarts the container no later than the readiness probe takes it out of the traffic.

## Why it matters
Under load a server answers late. It is to be left alone until it has caught up; instead it is restarted, the others
get its requests, and one after the other goes down. A database that is away restarts every pod at once.

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
        - name: web
          image: registry.example/web:1.4.2
          ports:
            - containerPort: 8080
          readinessProbe:
            httpGet: {path: /health, port: 8080}
          livenessProbe:  # <-
            httpGet: {path: /health, port: 8080}
          resources:
            requests: {cpu: 100m, memory: 128Mi}
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
            httpGet: {path: /health, port: 8080}
          livenessProbe:
            httpGet: {path: /health, port: 8080}
            failureThreshold: 9
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Lets the liveness probe fail three times as often before it restarts the container. Unsafe: a hung container is
restarted later. A path that only says that the process lives is better still.

## References
- [Kubernetes: liveness, readiness and startup probes](https://kubernetes.io/docs/concepts/workloads/pods/probes/)

## Equivalent rules
- `kube-score:pod-probes-identical`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Container, Probe
from rollsafe.formats.nodes import Mapping
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.intent import explained
from rollsafe.rules.manifest_edits import putting


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(container: Container) -> Iterator[Finding]:
    """Yield a finding for a liveness probe that is a second readiness probe."""
    ready, live = container.readiness_probe, container.liveness_probe
    if ready is None or live is None or container.workload.is_patch or not ready.asks_like(live):
        return
    patience, restarts = _window(ready), _window(live)
    if patience is None or restarts is None or restarts > patience or explained(container.file, live.key):
        return
    period = live.period if isinstance(live.period, int) and live.period else 10
    failures = -(-3 * patience // period)
    yield Finding(
        live.key,
        f"container `{container.name}` is restarted as soon as it is not ready: both probes ask the same",
        fixes=putting(
            f"Restart it after {failures} failures",
            Safety.UNSAFE,
            container.file,
            live.node,
            (("failureThreshold",), str(failures)),
        )
        if isinstance(live.node, Mapping)
        else (),
        detail=f"a server that answers late for {restarts} s is restarted instead of left to catch up",
    )


def _window(probe: Probe) -> int | None:
    """Return for how many seconds a container has to fail."""
    period, failures = probe.period, probe.failure_threshold
    return period * failures if isinstance(period, int) and isinstance(failures, int) else None
