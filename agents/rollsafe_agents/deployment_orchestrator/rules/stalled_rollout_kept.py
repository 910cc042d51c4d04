"""A Rollout that makes no progress keeps its broken version.

## What it does
Reports Rollouts with a canary behind a router that do not say `progressDeadlineAbort: true` and have no background
analysis, which would abort them, either. An explicit `false` is taken as intent.

## Why it matters
When the deadline passes, Argo Rollouts only notes that: the router goes on sending the canary's share of the users to pods
that do not become ready, until somebody looks.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: web
spec:
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  strategy:  # <-
    canary:
      stableService: web
      canaryService: web-canary
      trafficRouting:
        nginx: {stableIngress: web}
      steps:
        - setWeight: 20
        - pause: {duration: 10m}
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: web
spec:
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  progressDeadlineAbort: true
  strategy:
    canary:
      stableService: web
      canaryService: web-canary
      trafficRouting:
        nginx: {stableIngress: web}
      steps:
        - setWeight: 20
        - pause: {duration: 10m}
```

## Fix
Adds `progressDeadlineAbort: true`. Unsafe: a start that takes longer than `progressDeadlineSeconds` ends the release.

## References
- [Argo Rollouts: specification](https://argo-rollouts.readthedocs.io/en/stable/features/specification/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml_edit import add_entry, add_entry_before
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for a Rollout that nothing aborts."""
    spec = workload.spec if workload.kind == "Rollout" else None
    strategy = workload.strategy
    if spec is None or strategy is None or workload.is_patch:
        return
    if not workload.lacks("spec", "progressDeadlineAbort") or workload.is_templated(strategy):
        return
    canary = strategy.map_at("canary")
    if canary is None or canary.map_at("trafficRouting") is None or canary.at("analysis") is not None:
        return
    yield Finding(
        workload.node.key_at("spec", "strategy") or workload.title_node,
        f"nothing aborts `{workload.name}` when its canary makes no progress",
        fixes=partial(_aborting, workload, spec),
        detail="the router goes on sending the canary's share of the users to pods that do not become ready",
    )


def _aborting(workload: Workload, spec: Mapping) -> tuple[Fix, ...]:
    text, entry = workload.file.text, spec.entry("strategy")
    if entry is None or spec.flow:
        edit = add_entry(text, spec, "progressDeadlineAbort", "true")
    else:
        edit = add_entry_before(text, entry, "progressDeadlineAbort", "true")
    return (Fix("Abort when the deadline passes", Safety.UNSAFE, edits=(edit,)),)
