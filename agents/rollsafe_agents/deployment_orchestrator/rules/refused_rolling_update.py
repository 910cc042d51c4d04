"""A rolling update may neither add nor take away a pod.

## What it does
Reports Deployments whose `maxSurge` and `maxUnavailable` are both written as zero, and DaemonSets where both are
zero or both are set.

## Why it matters
Kubernetes refuses the object: a rolling update needs one pod more or one pod less to go on. The release stops
at `kubectl apply`, and what else was in the same file may be applied already.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 4
  strategy:
    rollingUpdate:
      maxSurge: 0  # <-
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
  replicas: 4
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
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Lets a Deployment add one pod, and a DaemonSet take one away. Unsafe: a pod more needs room on a node.

## References
- [Kubernetes: rolling update](https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Share, Workload
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule

_ZERO: Final = (0, "0%")


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for bounds of a rolling update that Kubernetes refuses."""
    if workload.kind not in ("Deployment", "DaemonSet") or not _is_refused(workload):
        return
    is_deployment = workload.kind == "Deployment"
    name, value = ("maxSurge", "1") if is_deployment else ("maxSurge", "0")
    if not is_deployment and workload.max_surge in _ZERO:
        name, value = "maxUnavailable", "1"
    strategy = workload.strategy
    node = strategy.at("rollingUpdate", name) if strategy is not None else None
    key = strategy.key_at("rollingUpdate", name) if strategy is not None else None
    if node is None or key is None:
        return
    both = "are both zero" if workload.max_unavailable in _ZERO else "are both set"
    yield Finding(
        key,
        f"Kubernetes refuses `{workload.name}`: `maxSurge` and `maxUnavailable` {both}",
        fixes=(Fix(f"Set `{name}` to {value}", Safety.UNSAFE, edits=(set_value(node, value),)),),
        detail="a rolling update goes on only by starting a pod more or stopping one first",
    )


def _is_refused(workload: Workload) -> bool:
    surge, missing = workload.max_surge, workload.max_unavailable
    if surge in _ZERO and missing in _ZERO:
        return True
    return workload.kind == "DaemonSet" and _is_some(surge) and _is_some(missing)


def _is_some(share: Share) -> bool:
    return isinstance(share, int | str) and share not in _ZERO
