"""A rollout counts as failed before its pods had the time they are given.

## What it does
Reports Deployments and Rollouts whose `progressDeadlineSeconds` (600 by default) is not above `minReadySeconds`,
which Kubernetes refuses, or is below what a pod may take: the startup probe's `initialDelaySeconds` and
`periodSeconds` times `failureThreshold`, or the readiness probe's `initialDelaySeconds`, and `minReadySeconds`.

## Why it matters
A good release that starts slowly is reported as failed: `kubectl rollout status` gives up, the pipeline rolls back
or wakes somebody, and the pods become ready a minute later.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  progressDeadlineSeconds: 120  # <-
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
          startupProbe:
            httpGet: {path: /ready, port: 8080}
            periodSeconds: 10
            failureThreshold: 30
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
  progressDeadlineSeconds: 360
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
          startupProbe:
            httpGet: {path: /ready, port: 8080}
            periodSeconds: 10
            failureThreshold: 30
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Sets the deadline a minute above what a pod may take. Unsafe: a bad release is noticed that much later.

## References
- [Kubernetes: progress deadline seconds](https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#progress-deadline-seconds)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.manifest_edits import put_all
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.rollout_budget import RolloutBudget, budget_of

_SPARE: Final = 60
_PATH: Final = ("spec", "progressDeadlineSeconds")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a deadline that pods cannot keep."""
    if workload.kind not in ("Deployment", "Rollout") or not _takes_time(workload) or workload.is_patch:
        return
    budget = budget_of(workload, graph)
    if budget.deadline is None or budget.min_ready is None:
        return
    deadline, ready = budget.deadline.value, budget.min_ready.value
    written = workload.node.key_at(*_PATH)
    needed, why = max(_needs(workload, budget), default=(0, ""))
    if ready and deadline <= ready:
        yield Finding(
            written or workload.title_node,
            f"Kubernetes refuses `{workload.name}`: `progressDeadlineSeconds` {deadline} is not above "
            f"`minReadySeconds` {ready}",
            fixes=_fix(workload, max(needed, ready)),
            severity=Severity.ERROR,
        )
    elif deadline < needed:
        yield Finding(
            written or workload.title_node,
            f"`{workload.name}` counts as failed after {deadline} s, while {why} of `{needed} s`",
            fixes=_fix(workload, needed),
            detail="a release that starts slowly is reported as failed although its pods become ready",
        )


def _takes_time(workload: Workload) -> bool:
    """Say whether anything is written that a pod has to wait for."""
    if workload.spec is not None and workload.spec.entry("minReadySeconds") is not None:
        return True
    ready = (one.node.at("readinessProbe", "initialDelaySeconds") for one in workload.containers)
    return any(delay is not None for delay in ready) or any(one.startup_probe for one in workload.containers)


def _needs(workload: Workload, budget: RolloutBudget) -> Iterator[tuple[int, str]]:
    """Yield what a pod may take, in seconds, and by what."""
    later = budget.min_ready.value if budget.min_ready is not None else 0
    if budget.start is not None:
        yield (
            budget.start.seconds + later,
            f"the startup probe of `{budget.start.container.name}` allows a start",
        )
    for container in workload.containers:
        probe = container.readiness_probe
        delay = probe.initial_delay if probe is not None else 0
        if isinstance(delay, int) and delay:
            yield delay + later, f"the readiness probe of `{container.name}` asks only after a delay"


def _fix(workload: Workload, needed: int) -> tuple[Fix, ...]:
    value = str(needed + _SPARE)
    title = f"Give a release {value} seconds"
    return put_all(title, Safety.UNSAFE, workload.file.text, workload.root, (_PATH, value))
