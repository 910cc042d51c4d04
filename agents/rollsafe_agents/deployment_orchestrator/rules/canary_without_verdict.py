"""An Argo Rollout goes on to all pods without anybody judging the new version.

## What it does
Reports Rollouts with a `canary` whose steps hold neither a pause nor an analysis, or that has no steps, and with a
`blueGreen` that promotes by itself without an analysis before.

## Why it matters
A canary that nothing watches is a slow rolling update: the weight moves on as soon as pods are ready, and a version
that starts but answers wrongly reaches everybody. Nothing aborts it.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: web
spec:
  replicas: 4
  strategy:
    canary:  # <-
      steps:
        - setWeight: 20
        - setWeight: 60
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
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: web
spec:
  replicas: 4
  strategy:
    canary:
      steps:
        - setWeight: 20
        - pause: {}
        - setWeight: 60
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
```

## Fix
Lets a canary wait after its first step until somebody promotes it. Manual: an analysis template that judges the
version by its errors says more.

## References
- [Argo Rollouts: analysis](https://argo-rollouts.readthedocs.io/en/stable/features/analysis/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.formats.nodes import Mapping, Sequence
from rollsafe.formats.yaml_edit import add_item, insert_item_before
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.intent import explained

_JUDGING: Final = ("pause", "analysis", "experiment")


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.MANUAL)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for a progressive delivery that nothing judges."""
    strategy = workload.strategy
    if workload.kind != "Rollout" or strategy is None or workload.is_patch:
        return
    canary, blue_green = strategy.entry("canary"), strategy.entry("blueGreen")
    if canary is not None and not explained(workload.file, canary.key):
        below = canary.value
        if isinstance(below, Mapping) and workload.lacks("spec", "strategy", "canary", "analysis"):
            yield from _of_canary(workload, below)
    elif blue_green is not None and not explained(workload.file, blue_green.key):
        held = blue_green.value.bool_at("autoPromotionEnabled") is False
        judged = blue_green.value.at("prePromotionAnalysis") or blue_green.value.at("autoPromotionSeconds")
        if not held and judged is None and not workload.is_templated(blue_green.value):
            yield Finding(
                blue_green.key,
                f"`{workload.name}` is promoted as soon as its pods are ready: nothing judges the version",
            )


def _of_canary(workload: Workload, canary: Mapping) -> Iterator[Finding]:
    steps = canary.at("steps")
    items = canary.items_at("steps")
    if workload.is_templated(canary) or any(item.at(key) is not None for item in items for key in _JUDGING):
        return
    key = workload.node.key_at("spec", "strategy", "canary")
    fixes: tuple[Fix, ...] = ()
    if isinstance(steps, Sequence) and items:
        edit = _pause(workload.file.text, steps)
        fixes = (Fix("Wait after the first step until it is promoted", Safety.MANUAL, edits=(edit,)),)
    yield Finding(
        key or workload.title_node,
        f"the canary of `{workload.name}` goes on to all pods without a pause or an analysis",
        fixes=fixes,
        detail="a version that starts but answers wrongly reaches everybody, and nothing aborts it",
    )


def _pause(text: str, steps: Sequence) -> Edit:
    if len(steps.items) > 1 and not steps.flow:
        return insert_item_before(text, steps.items[1], "pause: {}")
    return add_item(text, steps, "pause: {}")
