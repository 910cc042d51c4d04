"""A disruption budget lets no pod go, so that a node cannot be drained.

## What it does
Reports PodDisruptionBudgets that forbid every eviction: `maxUnavailable` of nothing, `minAvailable` of all, or at
least as many as their workload has pods, or its autoscaler leaves at least. Percentages are rounded up, as
Kubernetes does. A comment at the value counts as intent.

## Why it matters
`kubectl drain` and the update of a cluster wait for such a pod without an end, until somebody deletes it by hand or
the provider kills the node with everything on it.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  minAvailable: 2  # <-
  selector:
    matchLabels: {app: web}
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
---
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
Lets one pod go. Unsafe: a drain stops one pod more than before.

## References
- [Kubernetes: specifying a disruption budget](https://kubernetes.io/docs/tasks/run-application/configure-pdb/)

## Equivalent rules
- `kube-linter:pdb-max-unavailable`
- `kube-linter:pdb-min-available`
- `polaris:pdbDisruptionsIsZero`
- `polaris:pdbMinAvailableGreaterThanHPAMinReplicas`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import PodDisruptionBudget, Workload
from rollsafe.artefacts.kubernetes.quantities import pods_of
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_edit import rename_key, set_value
from rollsafe.rules import Edit, Finding, Fix, Related, Safety, Severity, Span, rule
from rollsafe.rules.intent import explained
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.rollout_budget import RolloutBudget, budget_of
from rollsafe.workspace.wiring import covered_by, replica_overrides

_LEAST: Final = "minAvailable"
_MOST: Final = "maxUnavailable"
_MAX: Final = ("kube-linter:pdb-max-unavailable", "polaris:pdbDisruptionsIsZero")
_ALL: Final = ("kube-linter:pdb-min-available", "polaris:pdbDisruptionsIsZero")
_SCALED: Final = ("kube-linter:pdb-min-available", "polaris:pdbMinAvailableGreaterThanHPAMinReplicas")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(budget: PodDisruptionBudget, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a budget that allows no disruption."""
    spec = budget.spec
    place = budget.limit_node
    if spec is None or place is None or explained(budget.file, place):
        return
    if budget.max_unavailable in (0, "0%"):
        node = spec.at(_MOST)
        fixes = (Fix("Let one pod go", Safety.UNSAFE, edits=(set_value(node, "1"),)),) if node else ()
        yield Finding(place, f"`{budget.name}` lets no pod go", fixes=fixes, detail=_DRAIN, equivalents=_MAX)
        return
    if budget.min_available == "100%":
        text = f"`{budget.name}` lets no pod go: all have to stay"
        yield Finding(place, text, fixes=_one(spec), detail=_DRAIN, equivalents=_ALL)
        return
    for workload in covered_by(budget, graph):
        if workload.is_patch or replica_overrides(workload, graph):
            continue
        numbers = budget_of(workload, graph)
        kept = _kept(budget, numbers)
        if kept is not None and numbers.replicas is not None and kept >= numbers.replicas.value > 0:
            yield _of_workload(budget, workload, numbers, kept)
            return


_DRAIN: Final = "a node with such a pod cannot be drained"


def _kept(budget: PodDisruptionBudget, numbers: RolloutBudget) -> int | None:
    """Return how many pods have to stay of the least there are."""
    if numbers.replicas is None:
        return None
    return pods_of(budget.min_available, numbers.replicas.value, round_up=True)


def _of_workload(
    budget: PodDisruptionBudget, workload: Workload, numbers: RolloutBudget, kept: int
) -> Finding:
    count, scaler = numbers.replicas.value if numbers.replicas is not None else 0, numbers.autoscaler
    have = f"{count} pod{'s' * (count > 1)}"
    whose = (
        f"`{scaler.name}` may leave `{workload.name}` {have}" if scaler else f"`{workload.name}` has {have}"
    )
    return Finding(
        budget.limit_node or budget.title_node,
        f"`{budget.name}` lets no pod go: {kept} ha{'ve' if kept > 1 else 's'} to stay, and {whose}",
        fixes=_one(budget.spec) if budget.spec is not None else (),
        related=(Related(workload.file, workload.title_node, f"the pods of `{workload.name}`"),),
        detail=_DRAIN,
        equivalents=_SCALED if scaler is not None and scaler.min_replicas_node is not None else _SCALED[:1],
    )


def _one(spec: Mapping) -> tuple[Fix, ...]:
    entry = spec.entry(_LEAST)
    if entry is None or spec.entry(_MOST) is not None or not isinstance(entry.value, Scalar):
        return ()
    edits: tuple[Edit, ...] = (
        rename_key(entry, _MOST),
        Edit(Span.of(entry.value), "1"),
    )
    return (Fix("Let one pod go", Safety.UNSAFE, edits=edits),)
