"""A rolling update starts a second pod on a volume that one node may mount.

## What it does
Reports Deployments that mount a claim of the repository whose only access mode is `ReadWriteOnce` or
`ReadWriteOncePod`, and that roll by starting a new pod before the old one stops, or run several pods. A claim used
read-only and pods bound to one node by `nodeName` or `nodeSelector` of a host name are left alone.

## Why it matters
The new pod is scheduled to another node, cannot attach the volume (`Multi-Attach error`) and never starts; the old
pod waits for the new one. The rollout hangs until its deadline. On one node two processes write to the same data.

## Bad
```yaml title="k8s/wiki.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: wiki
spec:
  replicas: 1
  selector:
    matchLabels: {app: wiki}
  template:
    metadata:
      labels: {app: wiki}
    spec:
      containers:
        - name: wiki
          image: registry.example/wiki:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
          volumeMounts:
            - {name: data, mountPath: /data}
      volumes:
        - name: data
          persistentVolumeClaim:
            claimName: wiki  # <-
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: wiki
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests: {storage: 10Gi}
```

## Good
```yaml title="k8s/wiki.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: wiki
spec:
  replicas: 1
  strategy:
    type: Recreate
  selector:
    matchLabels: {app: wiki}
  template:
    metadata:
      labels: {app: wiki}
    spec:
      containers:
        - name: wiki
          image: registry.example/wiki:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
          volumeMounts:
            - {name: data, mountPath: /data}
      volumes:
        - name: data
          persistentVolumeClaim:
            claimName: wiki
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: wiki
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests: {storage: 10Gi}
```

## Fix
Uses `Recreate` where there is one pod: the old one lets go of the volume before the new one starts. Unsafe: nobody
answers in between. Several pods need a StatefulSet or a volume that many may mount, which has no fix.

## References
- [Kubernetes: access modes](https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import PersistentVolumeClaim, Volume, Workload
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Edit, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.intent import explained
from rollsafe.rules.manifest_edits import put
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.rollout_budget import RolloutBudget, budget_of

_HOST: Final = "kubernetes.io/hostname"


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a volume that two pods would have to share."""
    spec = workload.pod_spec
    if workload.kind != "Deployment" or workload.is_patch or spec is None:
        return
    if spec.at("nodeName") is not None or spec.at("nodeSelector", _HOST) is not None:
        return
    claims = [volume for volume in workload.volumes if volume.claim is not None]
    if not claims:
        return
    budget = budget_of(workload, graph)
    if budget.replicas is None or budget.most is None or budget.most < 2:
        return
    for volume in claims:
        claim = _claim(volume, workload, graph)
        node = volume.node.at("persistentVolumeClaim", "claimName")
        if claim is not None and node is not None and not explained(workload.file, node):
            yield Finding(
                node,
                f"{_pods(budget)} of `{workload.name}` share claim `{claim.name}`, which one node may mount",
                fixes=_fix(workload) if budget.replicas.value == 1 else (),
                related=(Related(claim.file, claim.title_node, "its access mode allows one node"),),
                detail="a pod on another node cannot attach the volume and never starts; the rollout hangs",
            )


def _claim(volume: Volume, workload: Workload, graph: Graph) -> PersistentVolumeClaim | None:
    source = volume.settings
    if volume.claim is None or (source is not None and source.bool_at("readOnly") is True):
        return None
    for claim in graph.find(PersistentVolumeClaim, f"PersistentVolumeClaim/{volume.claim}"):
        if claim.shares_namespace(workload) and claim.is_single_node:
            return claim
    return None


def _pods(budget: RolloutBudget) -> str:
    count = budget.replicas.value if budget.replicas is not None else 0
    return f"{count} pods" if count > 1 else "the old and the new pod"


def _fix(workload: Workload) -> tuple[Fix, ...]:
    text, spec = workload.file.text, workload.spec
    if spec is None:
        return ()
    edits: list[Edit] = []
    strategy = workload.strategy
    rolling = remove_entry(text, strategy, "rollingUpdate") if strategy is not None else None
    if strategy is not None and strategy.entry("rollingUpdate") is not None:
        if rolling is None or strategy.entry("type") is None:
            return ()
        edits.append(rolling)
    kind = put(text, spec, ("strategy", "type"), "Recreate")
    return (Fix("Use `Recreate`", Safety.UNSAFE, edits=(kind, *edits)),) if kind is not None else ()
