"""A rolling update needs a node more than the pods have.

## What it does
Reports Deployments whose pods cannot share a node (`hostPort`, `hostNetwork` with ports, or a required
anti-affinity to their own labels by host name) while `maxUnavailable` comes to no pod: a quarter of one to three
pods, Kubernetes' default, is none.

## Why it matters
The new pod waits for a node without an old one, the old pods wait for the new one to be ready. Where every node has
a pod already, the rollout hangs until its deadline, and so does the rollback.

## Bad
```yaml title="k8s/edge.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: edge  # <-
spec:
  replicas: 3
  selector:
    matchLabels: {app: edge}
  template:
    metadata:
      labels: {app: edge}
    spec:
      containers:
        - name: edge
          image: registry.example/edge:1.4.2
          ports:
            - {containerPort: 8080, hostPort: 80}
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/edge.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: edge
spec:
  replicas: 3
  strategy:
    rollingUpdate:
      maxSurge: 0
      maxUnavailable: 1
  selector:
    matchLabels: {app: edge}
  template:
    metadata:
      labels: {app: edge}
    spec:
      containers:
        - name: edge
          image: registry.example/edge:1.4.2
          ports:
            - {containerPort: 8080, hostPort: 80}
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Stops one pod first: `maxUnavailable: 1` and `maxSurge: 0`. Unsafe: one pod fewer serves while a release rolls out.

## References
- [Kubernetes: max unavailable](https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.artefacts.kubernetes.labels import read_selector
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.manifest_edits import putting
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.rollout_budget import budget_of

_HOST: Final = "kubernetes.io/hostname"
_REQUIRED: Final = ("affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution")


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for pods that exclude each other while all of them have to stay."""
    if workload.kind != "Deployment" or workload.is_patch or workload.strategy_type == "Recreate":
        return
    reason = _excludes(workload)
    if reason is None:
        return
    budget = budget_of(workload, graph)
    rolling = budget.rolling
    if rolling is None or budget.replicas is None or budget.replicas.value < 2:
        return
    if rolling.missing.value:
        return
    path = ("spec", "strategy", "rollingUpdate")
    key = workload.node.key_at(*path)
    yield Finding(
        key or workload.title_node,
        f"a release of `{workload.name}` needs a free node: {reason}, and no pod may stop first",
        fixes=putting(
            "Stop one pod first",
            Safety.UNSAFE,
            workload.file,
            workload.root,
            *_values(workload, path),
        ),
        detail=f"`maxUnavailable` of {rolling.missing.text} comes to no pod of {budget.replicas.value}; where "
        "each node has a pod, the rollout hangs",
    )


def _values(workload: Workload, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if workload.node.at(*path) is None:
        yield path, "maxSurge: 0\nmaxUnavailable: 1"
        return
    yield (*path, "maxSurge"), "0"
    yield (*path, "maxUnavailable"), "1"


def _excludes(workload: Workload) -> str | None:
    """Return why two of its pods cannot share a node, if so."""
    spec = workload.pod_spec
    if spec is None:
        return None
    ports = list(workload.ports)
    held = next(
        (port.host_port for port in ports if isinstance(port.host_port, int) and port.host_port), None
    )
    if held is not None:
        return f"its pods hold port {held} of their node"
    if spec.bool_at("hostNetwork") and ports:
        return "its pods hold ports of their node"
    for term in spec.items_at(*_REQUIRED):
        selector = term.at("labelSelector")
        if selector is None or term.text_at("topologyKey") != _HOST:
            continue
        if read_selector(selector).selects(workload.pod_labels):
            return "its pods keep away from each other"
    return None
