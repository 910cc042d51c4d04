"""A workload asks for a fixed number of pods beside its autoscaler.

## What it does
Reports workloads with `replicas` that a HorizontalPodAutoscaler or a KEDA ScaledObject of the repository scales.

## Why it matters
Every deployment sets the number back to the one in the file. A release during the busiest hour takes away the pods
the autoscaler had added, at the moment in which the new ones still start.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2  # <-
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
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 3
  maxReplicas: 9
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
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
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 3
  maxReplicas: 9
```

## Fix
Removes `replicas`. Unsafe: where it was applied by `kubectl apply` before, the next one sets a single pod until the
autoscaler acts; the page on migrating tells how to avoid that.

## References
- [Kubernetes: migrating to horizontal autoscaling](https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling)

## Equivalent rules
- `kube-score:deployment-targeted-by-hpa-does-not-have-replicas-configured`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.intent import explained
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import autoscalers_of


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a number of pods that is set twice."""
    spec = workload.spec
    key = spec.key_at("replicas") if spec is not None else None
    if spec is None or key is None or not isinstance(workload.replicas, int) or workload.replicas == 0:
        return
    scaler = next((one for one in autoscalers_of(workload, graph) if one.scales(workload)), None)
    if scaler is None or scaler.from_template or workload.from_template or explained(workload.file, key):
        return
    edit = remove_entry(workload.file.text, spec, "replicas")
    yield Finding(
        key,
        f"every deployment sets `{workload.name}` back to {_pods(workload)}, which `{scaler.name}` scales",
        fixes=(Fix("Remove `replicas`", Safety.UNSAFE, edits=(edit,)),) if edit is not None else (),
        related=(Related(scaler.file, scaler.title_node, f"`{scaler.name}` sets the number of pods"),),
        detail="under load a release takes away pods that were added for it",
    )


def _pods(workload: Workload) -> str:
    return "1 pod" if workload.replicas == 1 else f"{workload.replicas} pods"
