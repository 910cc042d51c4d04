"""A Deployment is paused, so that no release rolls out.

## What it does
Reports Deployments and Rollouts with `paused: true` in the file. A comment at the value counts as intent.

## Why it matters
`kubectl apply` succeeds and nothing happens: the new revision is not rolled out, a rollback does nothing either, and
no deadline reports it. A pause is meant for a moment of somebody's work, not for the repository.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  paused: true  # <-
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
Removes the pause. Unsafe: the changes that have waited are rolled out.

## References
- [Kubernetes: pausing a rollout](https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pausing-and-resuming-a-deployment)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.intent import explained


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for a rollout that is paused in the file."""
    spec = workload.spec
    if workload.kind not in ("Deployment", "Rollout") or spec is None or spec.bool_at("paused") is not True:
        return
    key = spec.key_at("paused")
    if key is None or explained(workload.file, key):
        return
    edit = remove_entry(workload.file.text, spec, "paused")
    yield Finding(
        key,
        f"`{workload.name}` is paused: no release and no rollback of it rolls out",
        fixes=(Fix("Remove the pause", Safety.UNSAFE, edits=(edit,)),) if edit is not None else (),
        detail="`kubectl apply` reports success while the old pods go on running",
    )
