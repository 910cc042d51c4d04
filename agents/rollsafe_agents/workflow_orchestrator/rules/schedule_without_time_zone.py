"""A CronJob runs at an hour of a zone nobody has written down.

## What it does
Reports CronJobs without `timeZone` whose schedule names an hour, or a day. `@daily` and its like do.

## Why it matters
The hour is one of the control plane's zone, which is mostly, but not surely, UTC. A report for the morning comes at
another hour after a move of the cluster, and twice a year nobody is sure.

## Bad
```yaml title="k8s/report.yaml"
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: "30 6 * * 1"  # <-
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
  schedule: "30 6 * * 1"
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
Writes UTC, which is what nearly all control planes take. Unsafe: where one takes another zone, the times differ.

## References
- [Kubernetes: time zones](https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.formats.yaml_edit import add_entry, add_entry_after
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule

_AT_AN_HOUR: Final = re.compile(
    r"(?:\S+ +\d[\d,-]* +\S+ +\S+ +\S+|@(?:daily|midnight|weekly|monthly|yearly|annually))\Z"
)


@rule(severity=Severity.HINT, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for an hour without a zone."""
    spec = workload.spec
    if (
        workload.kind != "CronJob"
        or spec is None
        or workload.is_patch
        or not workload.lacks("spec", "timeZone")
    ):
        return
    entry, schedule = spec.entry("schedule"), workload.schedule
    if entry is None or schedule is None or not _AT_AN_HOUR.match(schedule.strip()):
        return
    text = workload.file.text
    edit = (
        add_entry(text, spec, "timeZone", "Etc/UTC")
        if spec.flow
        else add_entry_after(text, entry, "timeZone", "Etc/UTC")
    )
    yield Finding(
        entry.value,
        f"the hour `{workload.name}` runs at is one of the control plane's zone: it has no `timeZone`",
        fixes=(Fix("Write UTC", Safety.UNSAFE, edits=(edit,)),),
    )
