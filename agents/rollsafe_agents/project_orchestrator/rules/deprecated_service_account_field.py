"""A pod names its ServiceAccount in a field that is deprecated.

## What it does
Reports `serviceAccount` in the specs of pods.

## Why it matters
It is an alias of `serviceAccountName` that the API server keeps for old clients. Tools and policies that look at
the one do not see the other: a patch of `serviceAccountName` leaves two names that disagree.

## Bad
```yaml title="k8s/worker.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: worker
spec:
  serviceAccount: worker  # <-
  containers:
    - name: worker
      image: registry.example/worker:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/worker.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: worker
spec:
  serviceAccountName: worker
  containers:
    - name: worker
      image: registry.example/worker:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Uses `serviceAccountName`, or removes the alias where that is there. Safe: both mean the same. Nothing is offered where
they disagree.

## References
- [Kubernetes: PodSpec](https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec)

## Equivalent rules
- `kube-linter:deprecated-service-account-field`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.formats.yaml_edit import rename_key
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, rule

_OLD, _NEW = "serviceAccount", "serviceAccountName"


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.SAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for a pod that uses the old field."""
    entry = workload.pod_spec.entry(_OLD) if workload.pod_spec is not None else None
    if entry is None:
        return
    edit = _edit(workload)
    fix = Fix(f"Use `{_NEW}`", Safety.SAFE, edits=(edit,) if edit is not None else ())
    yield Finding(
        entry.key,
        f"the pods of `{workload.name}` name their account by the deprecated `{_OLD}`",
        fixes=(fix,) if edit is not None else (),
    )


def _edit(workload: Workload) -> Edit | None:
    spec = workload.pod_spec
    entry = spec.entry(_OLD) if spec is not None else None
    if spec is None or entry is None:
        return None
    if spec.at(_NEW) is None:
        return rename_key(entry, _NEW)
    same = spec.text_at(_NEW) == spec.text_at(_OLD)
    return remove_entry(workload.file.text, spec, _OLD) if same else None
