"""A pod is killed before its pre-stop sleep is over.

## What it does
Reports containers whose `preStop` handler sleeps at least as long as `terminationGracePeriodSeconds` (30 by default)
allows.

## Why it matters
The grace period runs while the handler sleeps. When it is over the process is killed without ever having been told
to stop: requests, transactions and jobs in flight are lost with every release.

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
          lifecycle:
            preStop:  # <-
              exec:
                command: [sh, -c, sleep 45]
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
      terminationGracePeriodSeconds: 75
      containers:
        - name: web
          image: registry.example/web:1.4.2
          lifecycle:
            preStop:
              exec:
                command: [sh, -c, sleep 45]
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Gives the process 30 seconds after the sleep. Unsafe: pods take longer to stop.

## References
- [Kubernetes: termination of pods](https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Container
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.manifest_edits import putting
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.rollout_budget import budget_of

_GRACE: Final = "terminationGracePeriodSeconds"
_AFTERWARDS: Final = 30


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(container: Container, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a sleep that leaves no time to stop."""
    seconds = container.pre_stop_seconds
    workload = container.workload
    key = container.node.key_at("lifecycle", "preStop")
    if seconds is None or key is None or workload.is_patch:
        return
    grace, spec = budget_of(workload, graph).grace, workload.pod_spec
    if grace is None or spec is None or seconds < grace.value:
        return
    whence = "" if grace.setting is not None else ", the default"
    yield Finding(
        key,
        f"`{container.name}` is killed before its `preStop` sleep of {seconds} s is over: "
        f"the grace period is {grace.value} s{whence}",
        fixes=putting(
            f"Give `{workload.name}` {seconds + _AFTERWARDS} seconds to stop",
            Safety.UNSAFE,
            container.file,
            spec,
            ((_GRACE,), str(seconds + _AFTERWARDS)),
        ),
        detail="the process is never told to stop, so what it is working on is lost",
    )
