"""A workload keeps no earlier revision to roll back to.

## What it does
Reports Deployments, StatefulSets and DaemonSets with `revisionHistoryLimit: 0`.

## Why it matters
`kubectl rollout undo` brings back an earlier ReplicaSet or ControllerRevision. With a limit of 0 there is
none: when a release turns out to be bad, the only way back is to find and apply the old manifest by hand,
while the bad release serves.

## Bad
```yaml title="k8s/worker.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  replicas: 2
  revisionHistoryLimit: 0  # <-
  selector:
    matchLabels: {app: worker}
  template:
    metadata:
      labels: {app: worker}
    spec:
      containers:
        - name: worker
          image: registry.example/worker:2.0.1
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/worker.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  replicas: 2
  revisionHistoryLimit: 3
  selector:
    matchLabels: {app: worker}
  template:
    metadata:
      labels: {app: worker}
    spec:
      containers:
        - name: worker
          image: registry.example/worker:2.0.1
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Keeps three revisions. Safe: it changes nothing about what runs, only what is remembered.

## References
- [Kubernetes: clean-up policy](https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#clean-up-policy)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for a workload that keeps no revision."""
    limit = workload.node.at("spec", "revisionHistoryLimit")
    key = workload.node.key_at("spec", "revisionHistoryLimit")
    if workload.revision_history_limit != 0 or limit is None or key is None:
        return
    yield Finding(
        key,
        f"`revisionHistoryLimit: 0` leaves `{workload.name}` no revision to roll back to",
        fixes=(Fix("Keep three revisions", Safety.SAFE, edits=(set_value(limit, "3"),)),),
        detail=f"`kubectl rollout undo {workload.kind.lower()}/{workload.name}` fails, so a bad release "
        "stays until somebody applies the old manifest",
    )
