"""A Job may run or be retried without an end.

## What it does
Reports Jobs and CronJobs without `activeDeadlineSeconds`. Helm hooks are told to those who like hygiene: Helm gives up by
itself, but the Job goes on.

## Why it matters
A Job that hangs (a lock, a dead connection) never fails. A migration that hangs this way holds its locks, a
CronJob that forbids overlaps never runs again, and a pipeline that waits for it waits until its own limit.

## Bad
```yaml title="k8s/import.yaml"
apiVersion: batch/v1
kind: Job
metadata:
  name: import
spec:  # <-
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
  activeDeadlineSeconds: 3600
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

## Fix
Adds a deadline of one hour, and two retries where none are written. Manual: how long a run may take is for
the author to say.

## References
- [Kubernetes: Job termination and cleanup](https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.artefacts.kubernetes.helm_hooks import HOOK
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml_edit import add_entry, add_entry_before
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, rule


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.MANUAL)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for a Job without a deadline."""
    if not workload.is_job or workload.is_patch or "test" in workload.helm_hooks:
        return
    prefix = ("spec", "jobTemplate", "spec") if workload.kind == "CronJob" else ("spec",)
    key = workload.node.key_at(*prefix)
    if key is None or not workload.lacks(*prefix, "activeDeadlineSeconds"):
        return
    if not workload.lacks(*prefix, "template", "spec", "activeDeadlineSeconds"):
        return
    if workload.is_helm_hook or not workload.lacks("metadata", "annotations", HOOK):
        yield Finding(
            key,
            f"hook `{workload.name}` has no deadline: it goes on when Helm has given up"
            if workload.is_helm_hook
            else f"`{workload.name}` has no deadline: a run that hangs never ends",
            fixes=tuple(_fixes(workload)),
            severity=Severity.INFO,
            level=Level.PEDANTIC,
            detail=f"a hung run of `{workload.name}` keeps its locks while the next release is tried",
        )
        return
    yield Finding(
        key,
        f"`{workload.name}` has no deadline: a run that hangs never ends",
        fixes=tuple(_fixes(workload)),
        detail=f"a hung run of `{workload.name}` keeps its locks and its place; nothing reports it as failed",
    )


def _fixes(workload: Workload) -> Iterator[Fix]:
    spec = workload.job_spec
    if spec is None or not spec.entries:
        return
    limits = {"activeDeadlineSeconds": "3600"}
    if spec.entry("backoffLimit") is None:
        limits["backoffLimit"] = "2"
    edits = [_limit(workload.file.text, spec, *limit) for limit in limits.items()]
    edit = Edit(edits[0].span, "".join(one.text for one in edits))
    yield Fix("End a run after an hour (adjust)", Safety.MANUAL, edits=(edit,))


def _limit(text: str, spec: Mapping, key: str, value: str) -> Edit:
    return (
        add_entry(text, spec, key, value)
        if spec.flow
        else add_entry_before(text, spec.entries[0], key, value)
    )
