"""A pod that is not healthy may keep its node from being drained.

## What it does
Reports PodDisruptionBudgets without `unhealthyPodEvictionPolicy`.

## Why it matters
By default pods that are not ready count against the budget: an application that crashes anyway keeps every node it
is on from being drained.

## Bad
```yaml title="k8s/budget.yaml"
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web  # <-
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {app: web}
```

## Good
```yaml title="k8s/budget.yaml"
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {app: web}
```

## Fix
Lets pods that are not healthy go. Unsafe: a drain may evict a pod that was about to become ready.

## References
- [Kubernetes: unhealthy pod eviction policy](https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy)

## Equivalent rules
- `kube-linter:pdb-unhealthy-pod-eviction-policy`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import PodDisruptionBudget
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.manifest_edits import putting

_PATH = ("spec", "unhealthyPodEvictionPolicy")


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(budget: PodDisruptionBudget) -> Iterator[Finding]:
    """Yield a finding for a budget that protects pods that are broken."""
    if budget.is_patch or not budget.lacks(*_PATH):
        return
    value = (_PATH, "AlwaysAllow")
    yield Finding(
        budget.title_node,
        f"pods of `{budget.name}` that are not ready keep their node from being drained",
        fixes=putting("Let them go", Safety.UNSAFE, budget.file, budget.root, value),
    )
