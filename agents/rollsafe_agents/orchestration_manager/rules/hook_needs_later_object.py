"""A hook needs an object that Helm makes only after it.

## What it does
Reports Jobs and Pods that Helm runs before the first installation and that need a ConfigMap, Secret, ServiceAccount or
volume claim which the chart installs with everything else, after the hooks, or as a hook of a later event or a higher
weight. Optional references, and what the chart does not make, are left alone.

## Why it matters
The first installation never ends: the hook's pod waits for something that Helm makes when the hook is done. Where a
cluster has the object from earlier releases nobody notices, until a new one, or the one of a recovery, is set up.

## Bad
```yaml title="chart/templates/migrate.yaml"
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  activeDeadlineSeconds: 600
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: registry.example/shop:2.4.0
          command: [alembic, upgrade, head]
          envFrom:
            - configMapRef:
                name: shop  # <-
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {memory: 128Mi}
```
```yaml title="chart/templates/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop
data:
  DATABASE_HOST: db
```

## Good
```yaml title="chart/templates/migrate.yaml"
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations:
    helm.sh/hook: post-install,pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  activeDeadlineSeconds: 600
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: registry.example/shop:2.4.0
          command: [alembic, upgrade, head]
          envFrom:
            - configMapRef:
                name: shop
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {memory: 128Mi}
```
```yaml title="chart/templates/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop
data:
  DATABASE_HOST: db
```

## Fix
Runs the hook after the first installation, and before upgrades as it was. Unsafe: pods of a first installation start
before it is done. Where the object is a hook of a higher weight, gives the hook a weight above.

## References
- [Helm: chart hooks](https://helm.sh/docs/topics/charts_hooks/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.kubernetes import KubernetesObject, Reference, Workload
from rollsafe.artefacts.kubernetes.helm_hooks import HOOK, WEIGHT
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.manifest_edits import put_all
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph

_FIRST: Final = "pre-install"
_AT: Final = ("metadata", "annotations")


class _After(NamedTuple):
    """What an object says of when it is made."""

    is_hook: bool
    events: tuple[str, ...]
    weight: int


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for the first place that names each object that comes too late."""
    if workload.kind not in ("Job", "Pod") or not workload.is_helm_hook or not workload.from_template:
        return
    told: set[tuple[str, str]] = set()
    for reference in workload.references:
        mark = reference.kind, reference.name
        if reference.is_optional or not reference.is_static or mark in told:
            continue
        later = _later(workload, reference, graph)
        if later is not None:
            told.add(mark)
            yield _finding(workload, reference, later)


def _later(workload: Workload, reference: Reference, graph: Graph) -> KubernetesObject | None:
    """Return the object a reference names if the chart surely makes it only after the hook; else None."""
    found = [
        one
        for one in graph.find(KubernetesObject, f"{reference.kind}/{reference.name}")
        if one.chart_directory == workload.chart_directory and one.shares_namespace(workload)
    ]
    return found[0] if found and all(_is_later(workload, one) for one in found) else None


def _is_later(workload: Workload, thing: KubernetesObject) -> bool:
    if not thing.is_helm_hook:
        return _FIRST in workload.helm_hooks and thing.lacks(*_AT, HOOK)
    if _FIRST in workload.helm_hooks and _FIRST not in thing.helm_hooks:
        return "post-install" in thing.helm_hooks
    mine, theirs = workload.hook_weight, thing.hook_weight
    shared = set(workload.helm_hooks) & set(thing.helm_hooks)
    return bool(shared) and mine is not None and theirs is not None and theirs > mine


def _finding(workload: Workload, reference: Reference, later: KubernetesObject) -> Finding:
    when = "after its hooks" if not later.is_helm_hook else "as a later hook"
    return Finding(
        reference.name_node,
        f"hook `{workload.name}` needs {reference.kind} `{reference.name}`, which Helm makes {when}",
        fixes=partial(_fixes, workload, _After(later.is_helm_hook, later.helm_hooks, later.hook_weight or 0)),
        related=(Related(later.file, later.title_node, "is made only then"),),
        detail="the hook's pod does not start, and the release waits for it until it times out",
    )


def _fixes(workload: Workload, later: _After) -> tuple[Fix, ...]:
    node = workload.node.at(*_AT, HOOK)
    if later.is_hook and _FIRST in later.events:
        title, value = "Run the hook after it", f'"{later.weight + 1}"'
        written = workload.node.at(*_AT, WEIGHT)
        if isinstance(written, Scalar):
            return (Fix(title, Safety.UNSAFE, edits=(set_value(written, value.strip('"')),)),)
        return put_all(title, Safety.UNSAFE, workload.file.text, workload.root, ((*_AT, WEIGHT), value))
    if later.is_hook or not isinstance(node, Scalar) or node.block or "post-install" in node.text:
        return ()
    edit = set_value(node, node.text.replace(_FIRST, "post-install"))
    return (Fix("Run it after the first installation", Safety.UNSAFE, edits=(edit,)),)
