"""An Argo Rollout goes on to all pods without anybody judging the new version.

## What it does
Reports Rollouts with a `canary` whose steps hold neither a pause nor an analysis, or that has no steps, and with a
`blueGreen` that promotes by itself without an analysis before. Auditors are told of canaries that have pauses of some
length only, after which they go on by themselves, and of promotions that wait for somebody who has no preview to look
at.

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
from rollsafe.formats.nodes import Entry, Mapping, Sequence
from rollsafe.formats.yaml_edit import add_item, insert_item_before
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.intent import explained
from rollsafe.text import Span

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
        yield from _unseen(workload, blue_green)
        held = blue_green.value.bool_at("autoPromotionEnabled") is False
        judged = blue_green.value.at("prePromotionAnalysis") or blue_green.value.at("autoPromotionSeconds")
        if not held and judged is None and not workload.is_templated(blue_green.value):
            yield Finding(
                blue_green.key,
                f"`{workload.name}` is promoted as soon as its pods are ready: nothing judges the version",
            )


def _unseen(workload: Workload, blue_green: Entry) -> Iterator[Finding]:
    """Yield a finding for a promotion that waits for a look at what nothing shows."""
    held = blue_green.value.bool_at("autoPromotionEnabled") is False
    if (
        not held
        or blue_green.value.at("previewService") is not None
        or workload.is_templated(blue_green.value)
    ):
        return
    if blue_green.value.at("prePromotionAnalysis") is None:
        yield Finding(
            blue_green.key,
            f"`{workload.name}` waits to be promoted, and no `previewService` shows the new version before",
            level=Level.AUDITOR,
            severity=Severity.INFO,
        )


def _by_itself(workload: Workload, canary: Mapping) -> Iterator[Finding]:
    """Yield a finding for a canary that goes on whatever happens while it pauses."""
    items = canary.items_at("steps")
    pauses = [pause for item in items if (pause := item.at("pause")) is not None]
    judged = any(item.at(key) is not None for item in items for key in ("analysis", "experiment", "plugin"))
    lengths = [pause.at("duration") for pause in pauses]
    first = lengths[0] if lengths else None
    if judged or workload.is_templated(canary) or any(length is None for length in lengths) or first is None:
        return
    holder = pauses[0]
    flow = isinstance(holder, Mapping) and holder.flow
    edit = Edit(Span.of(holder), "{}") if flow else None
    fixes = (
        (Fix("Wait at the first pause for somebody", Safety.MANUAL, edits=(edit,)),)
        if edit is not None
        else ()
    )
    yield Finding(
        first,
        f"the canary of `{workload.name}` goes on after its pauses whatever happens in them: no analysis judges it",
        fixes=fixes,
        level=Level.AUDITOR,
        severity=Severity.INFO,
    )


def _of_canary(workload: Workload, canary: Mapping) -> Iterator[Finding]:
    steps = canary.at("steps")
    items = canary.items_at("steps")
    yield from _by_itself(workload, canary)
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
    if len(steps.items) > 1 and steps.flow:
        at = steps.items[1].start
        return Edit(Span(at, at), '{"pause": {}}, ')
    if len(steps.items) > 1:
        return insert_item_before(text, steps.items[1], "pause: {}")
    return add_item(text, steps, "pause: {}")
