"""A drain may stop every pod of a workload at once.

## What it does
Reports Deployments, StatefulSets and Rollouts that run more than one pod and that no PodDisruptionBudget of the
repository covers. Those with one pod are reported at level `auditor`: no budget helps them.

## Why it matters
An update of the cluster drains nodes, several at a time. Without a budget it evicts all pods it finds there, and the
Service has nobody until the first of them has started elsewhere.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web  # <-
spec:
  replicas: 3
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
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
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
```yaml title="k8s/web-budget.yaml"
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      app: web
```

## Fix
Creates a budget that lets one pod at a time go, beside the workload, and adds it to the kustomization that lists the
workload's file. Unsafe: a drain waits until a pod has started elsewhere.

## References
- [Kubernetes: specifying a disruption budget](https://kubernetes.io/docs/tasks/run-application/configure-pdb/)

## Equivalent rules
- `kube-score:deployment-has-poddisruptionbudget`
- `kube-score:statefulset-has-poddisruptionbudget`
- `polaris:missingPodDisruptionBudget`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.kubernetes import PodDisruptionBudget, Workload
from rollsafe.formats.nodes import Sequence
from rollsafe.formats.yaml_edit import add_item, eol_of
from rollsafe.rules import FileEdit, Finding, Fix, Level, NewFile, Safety, Severity, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.rollout_budget import budget_of
from rollsafe.workspace.wiring import budgets_of, kustomizations_listing

_KINDS: Final = {
    "Deployment": ("kube-score:deployment-has-poddisruptionbudget", "polaris:missingPodDisruptionBudget"),
    "StatefulSet": ("kube-score:statefulset-has-poddisruptionbudget",),
    "Rollout": (),
}
_TEXT: Final = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {name}
{namespace}spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
{labels}"""


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a workload without a budget."""
    equivalents = _KINDS.get(workload.kind)
    if equivalents is None or workload.is_patch or not workload.name or budgets_of(workload, graph):
        return
    if not workload.pod_labels_are_known and graph.every(PodDisruptionBudget, "PodDisruptionBudget/"):
        return
    if workload.from_template and _has_template(workload, graph):
        return
    replicas = budget_of(workload, graph).replicas
    if replicas is None or not replicas.value:
        return
    yield Finding(
        workload.title_node,
        f"a drain may stop all pods of `{workload.name}` at once: no PodDisruptionBudget covers it",
        fixes=partial(_fixes, workload, graph) if replicas.value > 1 else (),
        level=Level.AUDITOR if replicas.value == 1 else None,
        equivalents=equivalents if replicas.value > 1 or replicas.setting is None else equivalents[1:],
    )


def _has_template(workload: Workload, graph: Graph) -> bool:
    """Say whether the workload's chart makes a budget, whatever its labels come to."""
    prefix = f"{workload.chart_directory}/templates/" if workload.chart_directory else "templates/"
    names = (path.rpartition("/")[2].lower() for path in graph.paths() if path.startswith(prefix))
    return any("pdb" in name or "disruption" in name for name in names)


def _fixes(workload: Workload, graph: Graph) -> tuple[Fix, ...]:
    return tuple(_creating(workload, graph))


def _creating(workload: Workload, graph: Graph) -> Iterator[Fix]:
    stem, dot, ending = workload.file.path.rpartition(".")
    path = f"{stem}-budget{dot}{ending}"
    selector = workload.selector
    labels = selector.labels if selector is not None else workload.pod_labels
    if not labels or not workload.has_static_name or workload.from_template or graph.has_file(path):
        return
    if ending not in ("yaml", "yml") or (selector is not None and not selector.is_known):
        return
    namespace = f"  namespace: {workload.namespace}\n" if workload.namespace else ""
    lines = "".join(f"      {key}: {value}\n" for key, value in labels.items())
    text = _TEXT.format(name=workload.name, namespace=namespace, labels=lines)
    text = text.replace("\n", eol_of(workload.file.text))
    title = f"Create `{path.rpartition('/')[2]}`, which lets one pod at a time go"
    listed = tuple(_listing(workload, path, graph))
    yield Fix(title, Safety.UNSAFE, elsewhere=listed, creates=(NewFile(path, text),))


def _listing(workload: Workload, path: str, graph: Graph) -> Iterator[FileEdit]:
    """Yield the edits that list the new file where the workload's own is listed."""
    for layer in kustomizations_listing(workload.file.path, graph):
        resources = layer.root.at("resources")
        if isinstance(resources, Sequence) and resources.items and layer.directory == workload.file.directory:
            name = path.rpartition("/")[2]
            yield FileEdit(layer.file.path, add_item(layer.file.text, resources, name))
