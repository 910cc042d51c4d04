"""The restart policy of pods is one that Kubernetes refuses.

## What it does
Reports Jobs and CronJobs whose pods have no `restartPolicy` or `Always`, and other workloads with another one than
`Always`.

## Why it matters
Pods are restarted without an end by default, which a Job must not be: Kubernetes refuses it. It refuses a Deployment
whose pods are not to be restarted as well. The release stops there.

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
Gives a Job `Never`, so that each try is a pod whose log can be read, and other workloads `Always`. Safe: as it is,
nothing runs.

## References
- [Kubernetes: pod template of a Job](https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-template)

## Equivalent rules
- `kube-linter:restart-policy`
- `kube-score:cronjob-restartpolicy`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Workload, is_placeholder
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.manifest_edits import putting

_ENDING: Final = ("Never", "OnFailure")


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for a restart policy that the kind does not allow."""
    spec, policy = workload.pod_spec, workload.restart_policy
    if spec is None or workload.is_patch or not (workload.is_job or workload.is_long_running):
        return
    if workload.is_job:
        if policy in _ENDING or (policy is None and not workload.pod_lacks("restartPolicy")):
            return
        value = "Never"
    elif policy is None or policy == "Always":
        return
    else:
        value = "Always"
    if policy is not None and is_placeholder(policy):
        return
    written = f"`{policy}`" if policy is not None else "`Always`, the default"
    yield Finding(
        spec.key_at("restartPolicy") or workload.title_node,
        f"Kubernetes refuses `{workload.name}`: the restart policy of its pods is {written}",
        fixes=putting(f"Use `{value}`", Safety.SAFE, workload.file, spec, (("restartPolicy",), value)),
        equivalents=_equivalents(workload, policy),
    )


def _equivalents(workload: Workload, policy: str | None) -> tuple[str, ...]:
    if workload.kind == "CronJob":
        return ("kube-score:cronjob-restartpolicy",)
    return ("kube-linter:restart-policy",) if policy == "Never" else ()
