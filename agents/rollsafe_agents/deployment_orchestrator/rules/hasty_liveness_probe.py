"""One late answer restarts a container.

## What it does
Reports liveness probes with `failureThreshold: 1`, and those that give up before the readiness probe of the same
container does (at level `pedantic`). A comment at the value counts as intent.

## Why it matters
A pause for garbage collection, a slow disk, a busy node: one answer later than `timeoutSeconds` (one second by
default) kills the process with everything it works on. Under load all replicas are restarted one after the other.

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
          livenessProbe:
            httpGet: {path: /live, port: 8080}
            failureThreshold: 1  # <-
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
          livenessProbe:
            httpGet: {path: /live, port: 8080}
            failureThreshold: 3
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Lets it fail three times, Kubernetes' default, or as long as the readiness probe does. Unsafe: a hung container is
restarted later.

## References
- [Kubernetes: configure probes](https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Container, Probe
from rollsafe.formats.nodes import Mapping
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.intent import explained
from rollsafe.rules.manifest_edits import put_all

_SLOW = 30


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(container: Container) -> Iterator[Finding]:
    """Yield a finding for a liveness probe without patience."""
    live, ready = container.liveness_probe, container.readiness_probe
    if live is None or not live.is_known or container.workload.is_patch or container.workload.is_job:
        return
    place = live.node.key_at("failureThreshold") or live.key
    window = _window(live)
    if window is None or explained(container.file, place):
        return
    if live.failure_threshold == 1 and window < _SLOW:
        yield Finding(
            place,
            f"container `{container.name}` is restarted after one late answer",
            fixes=_fix(container, live, 3),
            detail=f"an answer later than {live.timeout} s kills the process with what it is working on",
        )
        return
    patience = _window(ready) if ready is not None and not ready.asks_like(live) else None
    if patience is not None and window < patience and isinstance(live.period, int) and live.period:
        yield Finding(
            place,
            f"container `{container.name}` is restarted after {window} s, before {patience} s take it "
            "out of the traffic",
            fixes=_fix(container, live, -(-2 * patience // live.period)),
            level=Level.PEDANTIC,
        )


def _window(probe: Probe) -> int | None:
    period, failures = probe.period, probe.failure_threshold
    return period * failures if isinstance(period, int) and isinstance(failures, int) else None


def _fix(container: Container, live: Probe, failures: int) -> tuple[Fix, ...]:
    if not isinstance(live.node, Mapping):
        return ()
    title = f"Restart it after {failures} failures"
    value = (("failureThreshold",), str(failures))
    return put_all(title, Safety.UNSAFE, container.file.text, live.node, value)
