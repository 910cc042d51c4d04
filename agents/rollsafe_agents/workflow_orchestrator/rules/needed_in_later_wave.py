"""Argo CD brings what a workload needs only after the workload.

## What it does
Compares the phase and the wave in which Argo CD brings a workload with those of the ConfigMaps, Secrets, claims and
ServiceAccounts it cannot start without, where both are in the workspace and one of them says a hook or a wave.

## Why it matters
Argo CD waits until everything in a wave is healthy before it begins the next. A workload whose ConfigMap comes later never
becomes healthy, so the ConfigMap never comes: the first sync hangs. A hook before the sync fails the same way; at an
update it runs with the old settings.

## Bad
```yaml title="k8s/report.yaml"
apiVersion: batch/v1
kind: Job
metadata:
  name: report
  annotations:
    argocd.argoproj.io/sync-wave: "1"
spec:
  backoffLimit: 2
  activeDeadlineSeconds: 600
  ttlSecondsAfterFinished: 3600
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: report
          image: registry.example/report:1.0.3
          envFrom:
            - configMapRef:
                name: report  # <-
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```
```yaml title="k8s/config.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: report
  annotations:
    argocd.argoproj.io/sync-wave: "2"
data:
  REPORT_DAYS: "7"
```

## Good
```yaml title="k8s/report.yaml"
apiVersion: batch/v1
kind: Job
metadata:
  name: report
  annotations:
    argocd.argoproj.io/sync-wave: "1"
spec:
  backoffLimit: 2
  activeDeadlineSeconds: 600
  ttlSecondsAfterFinished: 3600
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: report
          image: registry.example/report:1.0.3
          envFrom:
            - configMapRef:
                name: report
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```
```yaml title="k8s/config.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: report
  annotations:
    argocd.argoproj.io/sync-wave: "1"
data:
  REPORT_DAYS: "7"
```

## Fix
Moves what is needed to the wave of the workload; within a wave Argo CD brings it first. Unsafe: other objects may count on
the order.

## References
- [Argo CD: sync phases and waves](https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import KubernetesObject, Workload
from rollsafe.artefacts.kubernetes.gitops import SYNC_HOOK, SYNC_WAVE
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import FileEdit, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph

_PHASES: Final = {"PreSync": -1, "PostSync": 1}


class _Turn(NamedTuple):
    """When an object is brought: the phase, then the wave."""

    phase: int
    wave: int


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each object that comes later than the workload that needs it."""
    mine = _turn(workload)
    if mine is None or workload.is_helm_hook or workload.is_patch:
        return
    if not graph.keys(KubernetesObject, "argo:"):
        return
    told: set[tuple[str, str]] = set()
    for need in workload.references:
        if need.is_optional or not need.is_static or (need.kind, need.name) in told:
            continue
        told.add((need.kind, need.name))
        found = graph.find(KubernetesObject, f"{need.kind}/{need.name}")
        here = [one for one in found if one.shares_namespace(workload) and not one.is_patch]
        turns = [_turn(one) for one in here]
        if len(here) != 1 or turns[0] is None or here[0].is_helm_hook or turns[0] <= mine:
            continue
        yield Finding(
            need.name_node,
            f"`{workload.name}` needs {need.kind} `{need.name}`, which comes later: {_when(mine, turns[0])}",
            fixes=_fixes(workload, here[0], mine, turns[0]),
            related=(Related(here[0].file, here[0].title_node, f"{need.kind} `{need.name}`"),),
            detail="Argo CD waits for the workload before it goes on, and the workload waits for what comes after",
        )


def _turn(thing: KubernetesObject) -> _Turn | None:
    """Return when an object is brought; None where nobody can say, or it is not brought."""
    hooks = {one.strip() for one in thing.annotations.get(SYNC_HOOK, "Sync").split(",")}
    wave = thing.annotations.get(SYNC_WAVE, "0").strip()
    if len(hooks) != 1 or not wave.removeprefix("-").isdigit() or len(wave) > 6:
        return None
    hook = hooks.pop()
    return _Turn(_PHASES.get(hook, 0), int(wave)) if hook in _PHASES or hook == "Sync" else None


def _when(mine: _Turn, other: _Turn) -> str:
    if mine.phase == other.phase:
        return f"in wave {other.wave}, not {mine.wave}"
    return "after the hook before the sync" if mine.phase < 0 else "in a hook after the sync"


def _fixes(workload: Workload, needed: KubernetesObject, mine: _Turn, other: _Turn) -> tuple[Fix, ...]:
    node = needed.node.at("metadata", "annotations", SYNC_WAVE)
    if mine.phase != other.phase or not isinstance(node, Scalar):
        return ()
    title = f"Bring {needed.kind} `{needed.name}` in wave {mine.wave}"
    edit = set_value(node, f'"{mine.wave}"' if node.plain else str(mine.wave))
    if needed.file.path == workload.file.path:
        return (Fix(title, Safety.UNSAFE, edits=(edit,)),)
    return (Fix(title, Safety.UNSAFE, elsewhere=(FileEdit(needed.file.path, edit),)),)
