"""Several pods want a volume that only one node can mount.

## What it does
Reports Deployments and their like with several replicas, or an autoscaler that starts several, and DaemonSets, that
mount a claim whose access modes are `ReadWriteOnce` or `ReadWriteOncePod`.

## Why it matters
The pods that land on another node stay in `ContainerCreating` with `Multi-Attach error`. Which ones is up to the
scheduler: it works for months and fails with the next drain.

## Bad
```yaml title="k8s/files.yaml"
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: files
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests: {storage: 10Gi}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: files
spec:
  replicas: 3  # <-
  strategy: {type: Recreate}
  selector:
    matchLabels: {app: files}
  template:
    metadata:
      labels: {app: files}
    spec:
      containers:
        - name: files
          image: registry.example/files:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
          volumeMounts:
            - {name: files, mountPath: /files}
      volumes:
        - name: files
          persistentVolumeClaim: {claimName: files}
```

## Good
```yaml title="k8s/files.yaml"
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: files
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests: {storage: 10Gi}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: files
spec:
  replicas: 1
  strategy: {type: Recreate}
  selector:
    matchLabels: {app: files}
  template:
    metadata:
      labels: {app: files}
    spec:
      containers:
        - name: files
          image: registry.example/files:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
          volumeMounts:
            - {name: files, mountPath: /files}
      volumes:
        - name: files
          persistentVolumeClaim: {claimName: files}
```

## Fix
Runs one pod. Unsafe: there is less to serve with. A StatefulSet with a claim for each pod, or storage that several
nodes can mount, keeps the number.

## References
- [Kubernetes: access modes](https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import PersistentVolumeClaim, Workload
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import autoscalers_of


@rule(severity=Severity.WARNING, since="0.2.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each claim that too many pods want."""
    if not workload.is_long_running or workload.is_patch:
        return
    for volume in workload.volumes:
        if volume.claim is None:
            continue
        many = _how_many(workload, graph)
        for claim in graph.find(PersistentVolumeClaim, f"PersistentVolumeClaim/{volume.claim}"):
            if many and claim.is_single_node and claim.shares_namespace(workload):
                yield _finding(workload, claim, many)


def _how_many(workload: Workload, graph: Graph) -> str:
    """Return how many pods there are in words; empty for one or an unknown number."""
    if workload.kind == "DaemonSet":
        return "one pod on each node"
    least = [one.min_replicas for one in autoscalers_of(workload, graph)]
    count = max((one for one in [workload.replicas, *least] if isinstance(one, int)), default=1)
    return f"{count} pods" if count > 1 else ""


def _finding(workload: Workload, claim: PersistentVolumeClaim, many: str) -> Finding:
    replicas = workload.node.at("spec", "replicas")
    fix = Fix("Run one pod", Safety.UNSAFE)
    if replicas is not None and isinstance(workload.replicas, int) and workload.replicas > 1:
        fix = Fix(fix.title, Safety.UNSAFE, edits=(set_value(replicas, "1"),))
    return Finding(
        replicas or workload.title_node,
        f"{workload.kind} `{workload.name}` runs {many}, and claim `{claim.name}` can be on one node only",
        fixes=(fix,) if fix.edits else (),
        related=(Related(claim.file, claim.title_node, f"claim `{claim.name}`: {claim.access_modes[0]}"),),
        detail="pods on another node stay in `ContainerCreating`",
    )
