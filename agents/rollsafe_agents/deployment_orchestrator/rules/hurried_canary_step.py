"""A canary goes on to a higher weight without a pause, or back to a lower one.

## What it does
Reports steps `setWeight` of a Rollout that are followed by another one with nothing between that takes time or judges (a
pause, an analysis, an experiment, a plugin), and steps that lower the weight. Canaries that never wait for anything are told
by another rule.

## Why it matters
The weight of the first step lasts for seconds: nobody sees an error at 20 % before 60 % of the users have it. A weight
that goes down is most likely two steps in the wrong order.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: web
spec:
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  strategy:
    canary:
      steps:
        - setWeight: 20  # <-
        - setWeight: 40
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
  strategy:
    canary:
      steps:
        - setWeight: 20
        - pause: {duration: 10m}
        - setWeight: 40
        - pause: {duration: 10m}
```

## Fix
Adds a pause, as long as another one of the same canary. Unsafe: the release takes longer.

## References
- [Argo Rollouts: canary](https://argo-rollouts.readthedocs.io/en/stable/features/canary/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Final

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.formats.nodes import Mapping, Node
from rollsafe.formats.yaml_edit import insert_item_before
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.intent import explained

_WAITING: Final = ("pause", "analysis", "experiment", "plugin")


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for each weight that nothing waits for, or that goes back."""
    strategy = workload.strategy if workload.kind == "Rollout" else None
    canary = strategy.map_at("canary") if strategy is not None else None
    if canary is None or workload.is_patch or workload.is_templated(canary):
        return
    steps = [step for step in canary.items_at("steps") if isinstance(step, Mapping)]
    if not any(step.at(key) is not None for step in steps for key in _WAITING):
        return
    for step, following in pairwise(steps):
        weight, after = step.int_at("setWeight"), following.int_at("setWeight")
        if weight and after is not None and len(step.entries) == 1 and after > weight:
            yield from _hurried(workload, step, following, steps)
    yield from _going_back(workload, steps)


def _hurried(
    workload: Workload, step: Mapping, following: Mapping, steps: list[Mapping]
) -> Iterator[Finding]:
    key = step.key_at("setWeight") or step
    if not explained(workload.file, key):
        yield Finding(
            key,
            f"`{workload.name}` goes from {step.int_at('setWeight')} % on to {following.int_at('setWeight')} % "
            "without a pause or an analysis",
            fixes=partial(_pausing, workload, following, _usual(steps)),
        )


def _pausing(workload: Workload, following: Mapping, length: str) -> tuple[Fix, ...]:
    if following.flow:
        return ()
    edit = insert_item_before(workload.file.text, following, f"pause: {{duration: {length}}}")
    return (Fix(f"Pause for `{length}` before", Safety.UNSAFE, edits=(edit,)),)


def _usual(steps: list[Mapping]) -> str:
    lengths = (step.text_at("pause", "duration") for step in steps)
    return next((one for one in lengths if one and one.isalnum()), "10m")


def _going_back(workload: Workload, steps: list[Mapping]) -> Iterator[Finding]:
    highest = 0
    for step in steps:
        weight: Node | None = step.at("setWeight")
        number = step.int_at("setWeight")
        if weight is None or number is None:
            continue
        if 0 < number < highest and not explained(workload.file, weight):
            yield Finding(weight, f"`{workload.name}` goes back from {highest} % to {number} %")
        highest = max(highest, number)
