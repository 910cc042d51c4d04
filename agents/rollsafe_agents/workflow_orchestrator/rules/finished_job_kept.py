"""A finished Job is kept for ever.

## What it does
Reports Jobs without `ttlSecondsAfterFinished` that nobody else removes, such as a CronJob or a Helm hook's delete
policy, and CronJobs whose Jobs have one although their history limits bound them.

## Why it matters
Each finished Job keeps its pods in the cluster's database, and its name: the next release applies a Job of the same
name with another image, which Kubernetes refuses because a Job's template cannot be changed.

## Bad
```yaml title="k8s/import.yaml"
apiVersion: batch/v1
kind: Job
metadata:
  name: import  # <-
spec:
  activeDeadlineSeconds: 600
  backoffLimit: 2
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: import
          image: registry.example/import:1.0.3
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/import.yaml"
apiVersion: batch/v1
kind: Job
metadata:
  name: import
spec:
  activeDeadlineSeconds: 600
  backoffLimit: 2
  ttlSecondsAfterFinished: 86400
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: import
          image: registry.example/import:1.0.3
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Removes a Job a day after its end. Unsafe: its log is gone then.

## References
- [Kubernetes: clean up finished jobs](https://kubernetes.io/docs/concepts/workloads/controllers/job/#clean-up-finished-jobs-automatically)

## Equivalent rules
- `kube-linter:job-ttl-seconds-after-finished`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.artefacts.kubernetes.helm_hooks import POLICY
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.manifest_edits import putting

_TTL: Final = "ttlSecondsAfterFinished"
_DAY: Final = "86400"
_POLICIES: Final = (POLICY, "argocd.argoproj.io/hook-delete-policy")


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for Jobs that pile up, or go twice."""
    spec = workload.job_spec
    if spec is None or workload.is_patch:
        return
    if workload.kind == "CronJob":
        key, edit = spec.key_at(_TTL), remove_entry(workload.file.text, spec, _TTL)
        if key is not None and edit is not None and workload.ttl_seconds_after_finished is not None:
            yield Finding(
                key,
                f"Jobs of `{workload.name}` are removed by its history limits and by `{_TTL}`",
                fixes=(Fix(f"Remove `{_TTL}`", Safety.UNSAFE, edits=(edit,)),),
                level=Level.AUDITOR,
            )
    elif workload.is_helm_hook:
        yield from _hook(workload)
    elif workload.job_lacks(_TTL) and not any(name in workload.annotations for name in _POLICIES):
        yield Finding(
            workload.title_node,
            f"`{workload.name}` is kept after its end, and keeps its name from the next release",
            fixes=putting("Remove it after a day", Safety.UNSAFE, workload.file, spec, ((_TTL,), _DAY)),
        )


def _hook(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for a hook nobody removes; Helm deletes it before it makes it anew."""
    if "test" in workload.helm_hooks or not workload.job_lacks(_TTL):
        return
    if any(not workload.lacks("metadata", "annotations", name) for name in _POLICIES):
        return
    yield Finding(
        workload.title_node,
        f"hook `{workload.name}` is kept after its end: it has no `{POLICY}`",
        fixes=putting(
            "Delete it when it is done",
            Safety.UNSAFE,
            workload.file,
            workload.root,
            (("metadata", "annotations", POLICY), "before-hook-creation,hook-succeeded"),
        ),
    )
