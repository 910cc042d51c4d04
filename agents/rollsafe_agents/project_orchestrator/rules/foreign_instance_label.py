"""A workload bears the instance label of something else.

## What it does
Reports pods and workloads whose label `app.kubernetes.io/instance` is not their own name. Charts, whose instance is the
release, are left alone.

## Why it matters
Tools group and select by the recommended labels. Where a manifest was copied and its label was not changed, two
applications are one on every dashboard and in every selector that uses it.

## Bad
```yaml title="k8s/worker.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: worker
  labels:
    app.kubernetes.io/instance: web  # <-
spec:
  containers:
    - name: worker
      image: registry.example/worker:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/worker.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: worker
  labels:
    app.kubernetes.io/instance: worker
spec:
  containers:
    - name: worker
      image: registry.example/worker:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Uses the object's name. Unsafe: selectors may ask for the old value.

## References
- [Kubernetes: recommended labels](https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/)

## Equivalent rules
- `polaris:metadataAndInstanceMismatched`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Workload, is_placeholder
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule

_LABEL = "app.kubernetes.io/instance"


@rule(
    severity=Severity.INFO,
    since="0.1.0",
    level=Level.AUDITOR,
    confidence=Confidence.LOW,
    fix=Safety.UNSAFE,
)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for a workload with another instance's label."""
    instance, node = workload.labels.get(_LABEL), workload.node.at("metadata", "labels", _LABEL)
    if instance is None or node is None or not workload.has_static_name or workload.from_template:
        return
    if instance != workload.name and not is_placeholder(instance):
        fix = Fix(f"Use `{workload.name}`", Safety.UNSAFE, edits=(set_value(node, workload.name),))
        words = f"{workload.kind} `{workload.name}` bears the label of the instance `{instance}`"
        yield Finding(node, words, fixes=(fix,))
