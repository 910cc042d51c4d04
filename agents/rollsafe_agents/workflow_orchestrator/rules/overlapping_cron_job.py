"""A CronJob starts a new run while the previous one is still going.

## What it does
Reports CronJobs that leave `concurrencyPolicy` at its default, `Allow`. An explicit `Allow` is taken as
intent.

## Why it matters
When a run takes longer than the interval (a slow database, a big day), the next one starts beside it. Both
work on the same rows, load doubles, both get slower, and runs pile up until the cluster or the database
gives in.

## Bad
```yaml title="k8s/report.yaml"
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: "*/10 * * * *"  # <-
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
Adds `concurrencyPolicy: Forbid`: a run that is due while another one is going is left out. Unsafe, because
runs can be left out.

## References
- [Kubernetes: CronJob concurrency policy](https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.formats.yaml_edit import add_entry, add_entry_after
from rollsafe.rules import Finding, Fix, Safety, Severity, rule


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for a CronJob whose runs may overlap."""
    if workload.kind != "CronJob" or workload.is_patch or not workload.lacks("spec", "concurrencyPolicy"):
        return
    spec = workload.spec
    entry = spec.entry("schedule") if spec is not None else None
    if spec is None or entry is None or workload.node.bool_at("spec", "suspend") is True:
        return
    add = partial(add_entry, mapping=spec) if spec.flow else partial(add_entry_after, entry=entry)
    edit = add(workload.file.text, key="concurrencyPolicy", value="Forbid")
    yield Finding(
        entry.key,
        f"runs of `{workload.name}` may overlap: `concurrencyPolicy` is `Allow` by default",
        fixes=(Fix("Forbid overlapping runs", Safety.UNSAFE, edits=(edit,)),),
        detail=f"a run of `{workload.name}` that takes longer than its schedule `{workload.schedule}` has the "
        "next one working on the same data beside it",
    )
