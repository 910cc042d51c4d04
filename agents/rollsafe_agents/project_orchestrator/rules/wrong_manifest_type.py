"""A field of a manifest has a value of the wrong type.

## What it does
Compares each value with the type that Kubernetes' schema, or a CustomResourceDefinition in the workspace, asks
for. Values that a template or a variable fills in are left alone, and so is null, which means absent.

## Why it matters
The API server cannot decode the object and refuses it, in the middle of a release when other objects are already
applied. `value: 8080` and `value: yes` under `env` are the usual ones: YAML reads a number and a boolean.

## Bad
```yaml title="k8s/worker.yaml"
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: worker
spec:
  selector:
    matchLabels: {app: worker}
  template:
    metadata:
      labels: {app: worker}
    spec:
      containers:
        - name: worker
          image: registry.example/worker:1.4.0
          env:
            - name: METRICS_PORT
              value: 9102  # <-
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/worker.yaml"
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: worker
spec:
  selector:
    matchLabels: {app: worker}
  template:
    metadata:
      labels: {app: worker}
    spec:
      containers:
        - name: worker
          image: registry.example/worker:1.4.0
          env:
            - name: METRICS_PORT
              value: "9102"
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Writes a number or boolean as text, or text as the number or boolean it shows. A single value where a list is
wanted becomes a list of one, which is unsafe: more may have been meant.

## References
- [Kubernetes: environment variables](https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/)

## Equivalent rules
- `kubeconform:schema`
- `kube-linter:schema-validation`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import KubernetesObject
from rollsafe.artefacts.shapes import Fault, FaultKind, described
from rollsafe.formats.nodes import Mapping
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.fields import retyping_fixes, told_value
from rollsafe.workspace.api_fields import field_faults
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(thing: KubernetesObject, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each value of a type that its field does not have."""
    for fault in field_faults(thing, graph):
        if fault.kind in (FaultKind.TYPE, FaultKind.WORD) and not _is_decided_later(thing, fault):
            yield _finding(thing, fault)


def _is_decided_later(thing: KubernetesObject, fault: Fault) -> bool:
    """Say whether rendering decides a value, also by what stands between its key and its first line."""
    if thing.is_templated(fault.where):
        return True
    text, start = thing.file.text, fault.where.start
    return thing.templated and "{{" in text[max(text.rfind(":", 0, start), 0) : start]


def _finding(thing: KubernetesObject, fault: Fault) -> Finding:
    node = fault.where
    written = told_value(node)
    wanted = f"is {described(fault.shape)}"
    if fault.kind is FaultKind.WORD:
        wanted = "is one of " + ", ".join(f"`{word}`" for word in fault.shape.words)
    place = node.entries[0].key if isinstance(node, Mapping) and node.entries else node
    return Finding(
        place,
        f"`{'.'.join(fault.path)}` of a `{thing.kind}` {wanted}, not {written}",
        fixes=retyping_fixes(thing.file.text, fault) if fault.kind is FaultKind.TYPE else (),
        detail=f"the API server refuses `{thing.name or thing.kind}` as a whole",
    )
