"""A container of a workload requests no CPU or memory.

## What it does
Reports containers of long-running workloads and Jobs without a CPU or memory request. A limit counts as a
request, as Kubernetes takes it for one. Where a LimitRange of the repository gives defaults, nothing is
reported. Requests missing from a single one of the two are reported at level `pedantic`.

## Why it matters
Without requests the scheduler packs pods onto a node until it is out of memory, and these pods are the first
to be killed then. During a rollout, when old and new pods run side by side, that is when the node is fullest.

## Bad
```yaml title="k8s/worker.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  replicas: 2
  selector:
    matchLabels: {app: worker}
  template:
    metadata:
      labels: {app: worker}
    spec:
      containers:
        - name: worker  # <-
          image: registry.example/worker:2.0.1
```

## Good
```yaml title="k8s/worker.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  replicas: 2
  selector:
    matchLabels: {app: worker}
  template:
    metadata:
      labels: {app: worker}
    spec:
      containers:
        - name: worker
          image: registry.example/worker:2.0.1
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
```

## Fix
Inserts small requests to begin from. Manual: the right numbers are what the container uses under load.

## References
- [Kubernetes: resource management](https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/)

## Equivalent rules
- `kube-linter:unset-cpu-requirements`
- `kube-score:container-resources`
- `polaris:cpuRequestsMissing`
- `polaris:memoryRequestsMissing`
- `checkov:CKV_K8S_10`
- `checkov:CKV_K8S_12`
- `trivy:KSV-0015`
- `trivy:KSV-0016`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.kubernetes import Container
from rollsafe.formats.yaml_edit import add_child, add_entry
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import has_default_requests

_AMOUNTS: Final = {"cpu": "100m", "memory": "128Mi"}
_NAMES: Final = {
    "cpu": (
        *("kube-linter:unset-cpu-requirements", "kube-score:container-resources"),
        *("polaris:cpuRequestsMissing", "checkov:CKV_K8S_10", "trivy:KSV-0015"),
    ),
    "memory": (
        "kube-score:container-resources",
        *("polaris:memoryRequestsMissing", "checkov:CKV_K8S_12", "trivy:KSV-0016"),
    ),
}


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.MANUAL)
def check(container: Container, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a container that requests nothing."""
    workload = container.workload
    missing = [name for name in _AMOUNTS if _is_missing(container, name)]
    if not missing or workload.is_patch or has_default_requests(workload, graph):
        return
    both = len(missing) == len(_AMOUNTS)
    yield Finding(
        container.title_node,
        f"container `{container.name}` of `{workload.name}` requests no {' or '.join(missing)}",
        fixes=partial(_fixes, container, missing),
        level=None if both and not container.is_init else Level.PEDANTIC,
        detail=f"the scheduler counts `{container.name}` as using nothing, and it is among the first to be "
        "killed when the node runs out of memory",
        equivalents=tuple(dict.fromkeys(name for what in missing for name in _NAMES[what])),
    )


def _is_missing(container: Container, name: str) -> bool:
    return container.lacks("resources", "requests", name) and container.lacks("resources", "limits", name)


def _fixes(container: Container, missing: list[str]) -> tuple[Fix, ...]:
    edit = _request(container, missing)
    title = f"Request {' and '.join(missing)} (adjust the amounts)"
    return (Fix(title, Safety.MANUAL, edits=(edit,)),) if edit is not None else ()


def _request(container: Container, missing: list[str]) -> Edit | None:
    text, node = container.file.text, container.node
    amounts = "\n".join(f"{name}: {_AMOUNTS[name]}" for name in missing)
    resources = node.entry("resources")
    if resources is None:
        nested = amounts.replace("\n", "\n  ")
        return add_entry(text, node, "resources", f"requests:\n  {nested}")
    requests = node.map_at("resources", "requests")
    if requests is not None and not requests.flow and requests.entries:
        return add_entry(text, requests, missing[0], _AMOUNTS[missing[0]])
    if node.at("resources", "requests") is None and node.map_at("resources") is not None:
        return add_child(text, resources, "requests", amounts)
    return None
