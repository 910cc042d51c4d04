"""A manifest has a field that the API does not know.

## What it does
Compares the fields of each object with Kubernetes' own schema of its kind, with what Argo CD, Argo Rollouts and
Tekton say of theirs, and with the schema of a CustomResourceDefinition where the workspace holds it. Kinds nobody
defines are left alone. With `version` under
`[kubernetes]` in `rollsafe.toml`, fields that this version does not have are reported too.

## Why it matters
`kubectl apply` refuses the object. Whatever applies it without strict validation (older kubectl, most operators,
Helm) drops the field without a word: the limit, probe or selector that was meant is not there.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: agent
spec:
  selector:
    matchLabels: {app: agent}
  template:
    metadata:
      labels: {app: agent}
    spec:
      terminationGracePeriodSecond: 60  # <-
      containers:
        - name: agent
          image: registry.example/agent:1.4.0
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: agent
spec:
  selector:
    matchLabels: {app: agent}
  template:
    metadata:
      labels: {app: agent}
    spec:
      terminationGracePeriodSeconds: 60
      containers:
        - name: agent
          image: registry.example/agent:1.4.0
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Writes the nearest field that exists, where the value fits. Unsafe: the field takes effect from then on. A field near
none can be removed: the cluster ignores it anyway.

## References
- [Kubernetes: server-side field validation](https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation)

## Equivalent rules
- `kube-linter:schema-validation`
- `kubeconform:strict`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import KubernetesObject
from rollsafe.artefacts.kubernetes.api import DIALECT, table_of
from rollsafe.artefacts.shapes import Fault, FaultKind
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.fields import near_key, removal_fixes, rename_fixes, told_near
from rollsafe.workspace.api_fields import does_not_know, field_faults
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(thing: KubernetesObject, graph: Graph, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for each field that the object's kind does not have."""
    for fault in field_faults(thing, graph):
        if fault.kind is FaultKind.UNKNOWN:
            yield _unknown(thing, fault)
        elif does_not_know(fault, settings):
            yield _unknown_to_version(thing, fault, settings)


def _unknown(thing: KubernetesObject, fault: Fault) -> Finding:
    table = table_of(thing)
    close = near_key(fault, table)
    hint = told_near(fault, close, table)
    fixes = (
        rename_fixes(fault, close, DIALECT) if close is not None else removal_fixes(thing.file.text, fault)
    )
    return Finding(
        fault.where,
        f"`{thing.kind}` has no field `{'.'.join(fault.path)}`{hint}",
        fixes=fixes,
        detail=f"kubectl refuses `{thing.name or thing.kind}`; other tools apply it without `{fault.key}`",
    )


def _unknown_to_version(thing: KubernetesObject, fault: Fault, settings: Settings) -> Finding:
    first, last = fault.shape.spans[fault.key]
    minor = settings.kubernetes.minor or 0
    when = f"only from 1.{first} on" if minor < first else f"only up to 1.{last}"
    return Finding(
        fault.where,
        f"Kubernetes 1.{minor} has no field `{'.'.join(fault.path)}` of a `{thing.kind}`: it exists {when}",
        fixes=removal_fixes(thing.file.text, fault),
        detail=f"the clusters run 1.{minor}, as `rollsafe.toml` says",
    )
