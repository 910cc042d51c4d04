"""A Job is tried again as often as Kubernetes thinks.

## What it does
Reports Jobs and CronJobs without `backoffLimit`. Helm hooks are reported as well: a hook that fails is tried again
before Helm knows of it.

## Why it matters
A Job that fails is tried six more times, with longer and longer pauses. What fails for good, a bad configuration or a
migration half done, is known only minutes later, after it has run seven times.

## Bad
```yaml title="k8s/import.yaml"
apiVersion: batch/v1
kind: Job
metadata:
  name: import  # <-
spec:
  activeDeadlineSeconds: 600
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
Writes two retries. Unsafe: a Job that needed more fails.

## References
- [Kubernetes: pod backoff failure policy](https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.manifest_edits import putting


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for a Job with the default number of retries."""
    spec = workload.job_spec
    if spec is None or workload.is_patch or not workload.job_lacks("backoffLimit"):
        return
    yield Finding(
        workload.title_node,
        f"`{workload.name}` is tried up to seven times: it has no `backoffLimit`",
        fixes=putting("Try it again twice", Safety.UNSAFE, workload.file, spec, (("backoffLimit",), "2")),
    )
