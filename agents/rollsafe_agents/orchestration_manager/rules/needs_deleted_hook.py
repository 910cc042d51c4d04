"""A workload needs an object that Helm deletes when its hooks are done.

## What it does
Reports workloads that keep running and need a ConfigMap, Secret or ServiceAccount which the chart makes as a hook that goes
with `hook-succeeded`.

## Why it matters
Helm makes the object before the release and deletes it before the workload starts. Its pods never come up; during an
upgrade the old ones go on until their node is drained, and then nobody serves.

## Bad
```yaml title="chart/templates/web.yaml"
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
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
data:
  DATABASE_HOST: db
```

## Good
```yaml title="chart/templates/web.yaml"
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
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation
data:
  DATABASE_HOST: db
```

## Fix
Keeps the object until its hook runs again. Unsafe: it stays in the cluster when the release is uninstalled.

## References
- [Helm: hook deletion policies](https://helm.sh/docs/topics/charts_hooks/#hook-deletion-policies)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import KubernetesObject, Workload
from rollsafe.artefacts.kubernetes.helm_hooks import POLICY
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import FileEdit, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.workspace.graph import Graph

_DONE: Final = "hook-succeeded"


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for the first place that names each object that is gone by then."""
    if not workload.is_long_running or not workload.from_template or workload.is_helm_hook:
        return
    told: set[tuple[str, str]] = set()
    for reference in workload.references:
        mark = reference.kind, reference.name
        if reference.is_optional or not reference.is_static or mark in told:
            continue
        found = graph.find(KubernetesObject, f"{reference.kind}/{reference.name}")
        if not found or not all(_goes(one, workload) for one in found):
            continue
        told.add(mark)
        yield Finding(
            reference.name_node,
            f"`{workload.name}` needs {reference.kind} `{reference.name}`, which Helm deletes when its hook is done",
            fixes=_fixes(found[0]),
            related=(Related(found[0].file, found[0].title_node, "is made as a hook"),),
            detail=f"new pods of `{workload.name}` do not start",
        )


def _goes(thing: KubernetesObject, workload: Workload) -> bool:
    """Say whether Helm surely deletes an object of the workload's chart once the hooks have run."""
    is_ours = thing.chart_directory == workload.chart_directory and thing.shares_namespace(workload)
    before = any(event.startswith("pre-") for event in thing.helm_hooks)
    return is_ours and before and _DONE in thing.hook_policies


def _fixes(thing: KubernetesObject) -> tuple[Fix, ...]:
    policy = thing.node.at("metadata", "annotations", POLICY)
    if not isinstance(policy, Scalar) or policy.block or "{{" in policy.text:
        return ()
    kept = [word for word in thing.hook_policies if word != _DONE] or ["before-hook-creation"]
    edit = set_value(policy, ",".join(kept))
    return (
        Fix("Keep it until its hook runs again", Safety.UNSAFE, elsewhere=(FileEdit(thing.file.path, edit),)),
    )
