"""A CronJob does not say how late a run may still start.

## What it does
Reports CronJobs without `startingDeadlineSeconds`, and those with less than ten seconds: the controller looks every
ten seconds, so that such a CronJob may never run.

## Why it matters
After an outage of the control plane, or when a run took too long, missed runs are started whenever that is possible:
the nightly report in the middle of the day. After a hundred missed runs only a warning remains.

## Bad
```yaml title="k8s/report.yaml"
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: "0 3 * * *"
  timeZone: Etc/UTC
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 5  # <-
  jobTemplate:
    spec:
      backoffLimit: 2
      activeDeadlineSeconds: 3600
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: report
              image: registry.example/report:1.0.3
              resources:
                requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/report.yaml"
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: "0 3 * * *"
  timeZone: Etc/UTC
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 300
  jobTemplate:
    spec:
      backoffLimit: 2
      activeDeadlineSeconds: 3600
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: report
              image: registry.example/report:1.0.3
              resources:
                requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Lets a run start five minutes late. Unsafe: a run that is later is left out.

## References
- [Kubernetes: writing a CronJob spec](https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#writing-a-cronjob-spec)

## Equivalent rules
- `kube-score:cronjob-has-deadline`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.manifest_edits import putting

_KEY: Final = "startingDeadlineSeconds"
_LEAST: Final = 10


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for a CronJob whose runs start too late, or never."""
    spec, seconds = workload.spec, workload.starting_deadline_seconds
    if workload.kind != "CronJob" or spec is None or workload.is_patch:
        return
    too_short = isinstance(seconds, int) and seconds < _LEAST
    if not too_short and not workload.lacks("spec", _KEY):
        return
    yield Finding(
        spec.key_at(_KEY) or workload.title_node,
        f"`{workload.name}` may never run: {seconds} s is less than the time between two looks at schedules"
        if too_short
        else f"a missed run of `{workload.name}` starts at any later time: it has no `{_KEY}`",
        fixes=putting(
            "Let a run start five minutes late", Safety.UNSAFE, workload.file, spec, ((_KEY,), "300")
        ),
        level=None if too_short else Level.PEDANTIC,
        equivalents=() if too_short else None,
    )
