"""A disruption budget says neither how many pods have to stay nor how many may go.

## What it does
Reports PodDisruptionBudgets without `minAvailable` and `maxUnavailable`, and those with both, which Kubernetes
refuses.

## Why it matters
Without a limit Kubernetes keeps one pod, whatever was meant. With both the object is refused, and the workload has
no budget at all.

## Bad
```yaml title="k8s/budget.yaml"
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web  # <-
spec:
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
  selector:
    matchLabels: {app: web}
```

## Fix
Lets one pod go at a time. Unsafe: a drain may stop more or fewer pods than before.

## References
- [Kubernetes: specifying a disruption budget](https://kubernetes.io/docs/tasks/run-application/configure-pdb/)

## Equivalent rules
- `kube-score:poddisruptionbudget-has-policy`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import PodDisruptionBudget
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.manifest_edits import putting

_LEAST, _MOST = ("spec", "minAvailable"), ("spec", "maxUnavailable")


@rule(
    severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, earliest=Level.REGULAR, fix=Safety.UNSAFE
)
def check(budget: PodDisruptionBudget) -> Iterator[Finding]:
    """Yield a finding for a budget without one limit."""
    least, most = budget.node.key_at(*_LEAST), budget.node.key_at(*_MOST)
    if budget.is_patch or (budget.from_template and least is not None and most is not None):
        return
    if least is not None and most is not None:
        yield Finding(
            most,
            f"Kubernetes refuses `{budget.name}`: it has both `minAvailable` and `maxUnavailable`",
            severity=Severity.ERROR,
            level=Level.REGULAR,
            equivalents=(),
        )
    elif budget.lacks(*_LEAST) and budget.lacks(*_MOST):
        value = (_MOST, "1")
        yield Finding(
            budget.title_node,
            f"`{budget.name}` does not say how many pods may go",
            fixes=putting("Let one pod go", Safety.UNSAFE, budget.file, budget.root, value),
        )
