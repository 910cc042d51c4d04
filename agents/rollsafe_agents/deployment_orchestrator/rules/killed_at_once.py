"""A pod has no time to stop.

## What it does
Reports workloads with `terminationGracePeriodSeconds: 0`. A comment at the value counts as intent.

## Why it matters
Kubernetes kills the pod at once and does not wait until it is gone: requests in flight fail, a database loses what
it had not written, and the pod of a StatefulSet may still run while its successor starts on the same data.

## Bad
```yaml title="k8s/db.yaml"
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  serviceName: db
  selector:
    matchLabels: {app: db}
  template:
    metadata:
      labels: {app: db}
    spec:
      terminationGracePeriodSeconds: 0  # <-
      containers:
        - name: db
          image: registry.example/db:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/db.yaml"
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  serviceName: db
  selector:
    matchLabels: {app: db}
  template:
    metadata:
      labels: {app: db}
    spec:
      terminationGracePeriodSeconds: 30
      containers:
        - name: db
          image: registry.example/db:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Gives the pod 30 seconds, Kubernetes' default. Unsafe: a pod that ignores the signal takes that long to stop.

## References
- [Kubernetes: force stateful set pod deletion](https://kubernetes.io/docs/tasks/run-application/force-delete-stateful-set-pod/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.intent import explained
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import keeps_data, services_of


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a grace period of nothing."""
    spec = workload.pod_spec
    if spec is None or workload.termination_grace_seconds != 0:
        return
    key, value = spec.key_at("terminationGracePeriodSeconds"), spec.at("terminationGracePeriodSeconds")
    if key is None or value is None or explained(workload.file, key):
        return
    matters = workload.kind == "StatefulSet" or keeps_data(workload) or services_of(workload, graph)
    yield Finding(
        key,
        f"pods of `{workload.name}` are killed at once: they have no time to stop",
        fixes=(Fix("Give them 30 seconds", Safety.UNSAFE, edits=(set_value(value, "30"),)),),
        level=None if matters else Level.PEDANTIC,
        detail=f"`{workload.name}` loses what it is working on with every release, drain and restart",
    )
