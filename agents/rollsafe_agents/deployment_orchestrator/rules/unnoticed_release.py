"""A release that does not start is noticed after hours, or never.

## What it does
Reports Deployments and Rollouts with a `progressDeadlineSeconds` of a day or more: 2147483647 means no deadline at
all. An hour or more is reported at level `pedantic`. A comment at the value counts as intent.

## Why it matters
`kubectl rollout status`, Helm and Argo CD learn from this deadline that a release has failed. Until then the rollout
hangs half done, with old and new pods side by side, and the pipeline waits.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  progressDeadlineSeconds: 2147483647  # <-
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
  replicas: 2
  progressDeadlineSeconds: 600
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
Sets ten minutes, Kubernetes' default, or what a pod may take to start where that is more. Unsafe: a release that
needs longer counts as failed.

## References
- [Kubernetes: progress deadline seconds](https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#progress-deadline-seconds)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.intent import explained
from rollsafe.rules.manifest_edits import putting
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.rollout_budget import budget_of

_PATH: Final = ("spec", "progressDeadlineSeconds")
_HOUR, _DAY, _NONE = 3600, 86_400, 2_147_483_647
_DEFAULT: Final = 600
_SPARE: Final = 60


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a deadline that tells nobody."""
    key = workload.node.key_at(*_PATH)
    seconds = workload.progress_deadline_seconds
    if key is None or not isinstance(seconds, int) or seconds < _HOUR or explained(workload.file, key):
        return
    budget = budget_of(workload, graph)
    start = budget.start.seconds if budget.start is not None else 0
    ready = budget.min_ready.value if budget.min_ready is not None else 0
    needed = max(_DEFAULT, start + ready + _SPARE)
    if needed >= seconds:
        return
    when = "never" if seconds >= _NONE else f"after {seconds // _HOUR} hours"
    yield Finding(
        key,
        f"a release of `{workload.name}` that does not start is noticed {when}",
        fixes=putting(
            f"Notice it after {needed} seconds",
            Safety.UNSAFE,
            workload.file,
            workload.root,
            (_PATH, str(needed)),
        ),
        level=None if seconds >= _DAY else Level.PEDANTIC,
        detail="`kubectl rollout status` and what waits for it hang with the rollout half done",
    )
