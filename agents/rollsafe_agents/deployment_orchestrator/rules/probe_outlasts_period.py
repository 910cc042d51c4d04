"""A probe may take longer than the time between two of them.

## What it does
Reports probes whose `timeoutSeconds` is above `periodSeconds`.

## Why it matters
Probes of one kind do not overlap: a slow answer delays the next question, so that a container that hangs is found
later than the numbers say.

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
          readinessProbe:
            httpGet: {path: /ready, port: 8080}
            periodSeconds: 5
            timeoutSeconds: 30  # <-
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
          readinessProbe:
            httpGet: {path: /ready, port: 8080}
            periodSeconds: 5
            timeoutSeconds: 5
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Lets an answer take as long as the period. Unsafe: slower answers count as failures.

## References
- [Kubernetes: configure probes](https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Container
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(container: Container) -> Iterator[Finding]:
    """Yield a finding for each probe whose answer may outlast its period."""
    for probe in container.probes:
        timeout, period = probe.timeout, probe.period
        node = probe.node.at("timeoutSeconds")
        if node is None or not isinstance(timeout, int) or not isinstance(period, int) or timeout <= period:
            continue
        yield Finding(
            node,
            f"the {probe.name.removesuffix('Probe')} probe of `{container.name}` may take {timeout} s "
            f"and is asked every {period} s",
            fixes=(Fix(f"Wait {period} s at most", Safety.UNSAFE, edits=(set_value(node, str(period)),)),)
            if period
            else (),
        )
