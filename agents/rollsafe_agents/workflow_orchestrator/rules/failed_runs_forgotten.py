"""A CronJob keeps nothing of its failed runs.

## What it does
Reports CronJobs with `failedJobsHistoryLimit: 0`.

## Why it matters
A run that failed at night is gone in the morning, with its pod, its log and its exit code. What is watched for
failed Jobs never sees one.

## Bad
```yaml title="k8s/report.yaml"
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: "*/10 * * * *"
  failedJobsHistoryLimit: 0  # <-
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
  failedJobsHistoryLimit: 3
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
Keeps three failed runs. Safe: it changes nothing about what runs, only what is remembered.

## References
- [Kubernetes: Jobs history limits](https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#jobs-history-limits)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.artefacts.kubernetes.templates import amount_at
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.SAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for failures that leave no trace."""
    node = workload.node.at("spec", "failedJobsHistoryLimit")
    if workload.kind != "CronJob" or node is None or amount_at(node) != 0:
        return
    yield Finding(
        node,
        f"failed runs of `{workload.name}` leave no pod, no log and no exit code",
        fixes=(Fix("Keep three failed runs", Safety.SAFE, edits=(set_value(node, "3"),)),),
    )
