"""A CronJob is suspended in the file.

## What it does
Reports CronJobs with `suspend: true`. A comment at the value counts as intent.

## Why it matters
A suspension is meant for a moment. In the repository it stays: backups and clean-ups that everybody believes to run
have not run for months, and a deployment suspends them again.

## Bad
```yaml title="k8s/report.yaml"
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: "*/10 * * * *"
  suspend: true  # <-
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

## Good
```yaml title="k8s/report.yaml"
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: "*/10 * * * *"
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
Removes the suspension. Unsafe: the CronJob runs again.

## References
- [Kubernetes: writing a CronJob spec](https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#writing-a-cronjob-spec)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.intent import explained


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for a schedule that is switched off."""
    spec = workload.spec
    key = spec.key_at("suspend") if spec is not None and workload.kind == "CronJob" else None
    if spec is None or key is None or spec.bool_at("suspend") is not True or explained(workload.file, key):
        return
    edit = remove_entry(workload.file.text, spec, "suspend")
    yield Finding(
        key,
        f"`{workload.name}` is suspended: no run of it starts",
        fixes=(Fix("Remove the suspension", Safety.UNSAFE, edits=(edit,)),) if edit is not None else (),
    )
