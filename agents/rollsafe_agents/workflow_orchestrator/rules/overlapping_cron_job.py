"""A CronJob starts a new run while the previous one is still going.

## What it does
Reports CronJobs, and CronWorkflows of Argo, that leave `concurrencyPolicy` at its default, `Allow`. An explicit
`Allow` is taken as intent.

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

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.kubernetes import Workload
from rollsafe.artefacts.workflow_objects import WorkflowObject
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml_edit import add_entry, add_entry_after
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.text.patterns import lazily

_HELM = lazily(r"\{\{-|\{\{\s*\.")
"""Tags of a chart, which may put anything anywhere; those of Argo stand within values."""


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload | WorkflowObject) -> Iterator[Finding]:
    """Yield a finding for a CronJob or a CronWorkflow whose runs may overlap."""
    if isinstance(workload, WorkflowObject):
        if workload.kind == "CronWorkflow" and workload.is_readable and not _HELM.search(workload.file.text):
            yield from _overlapping(workload, workload.node, workload.node.text_at("metadata", "name") or "")
        return
    if workload.kind != "CronJob" or workload.is_patch or not workload.lacks("spec", "concurrencyPolicy"):
        return
    yield from _overlapping(workload, workload.node, workload.name)


def _overlapping(manifest: Element, node: Mapping, name: str) -> Iterator[Finding]:
    spec = node.map_at("spec")
    entry = (spec.entry("schedule") or spec.entry("schedules")) if spec is not None else None
    if spec is None or entry is None or spec.at("concurrencyPolicy") is not None:
        return
    if spec.bool_at("suspend") is True:
        return
    add = partial(add_entry, mapping=spec) if spec.flow else partial(add_entry_after, entry=entry)
    edit = add(manifest.file.text, key="concurrencyPolicy", value="Forbid")
    schedule = spec.text_at("schedule")
    yield Finding(
        entry.key,
        f"runs of `{name}` may overlap: `concurrencyPolicy` is `Allow` by default",
        fixes=(Fix("Forbid overlapping runs", Safety.UNSAFE, edits=(edit,)),),
        detail=f"a run of `{name}` that takes longer than its schedule{f' `{schedule}`' if schedule else ''} has the "
        "next one working on the same data beside it",
    )
