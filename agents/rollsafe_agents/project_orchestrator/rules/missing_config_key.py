"""A pod needs a ConfigMap or Secret key that does not exist.

## What it does
Reports environment variables and volumes that take a key from a ConfigMap or Secret of the repository which
has no such key, and ConfigMaps that do not exist although one with a similar name does. kustomize generators,
SealedSecrets and ExternalSecrets count as sources. Objects the repository does not define are left alone:
Secrets usually come from elsewhere.

## Why it matters
The container does not start (`CreateContainerConfigError`) until the key exists. During a rolling update the
rollout stalls; after a node is lost the old pods do not come back either.

## Bad
```yaml title="k8s/api.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: api
data:
  LOG_LEVEL: info
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 2
  selector:
    matchLabels: {app: api}
  template:
    metadata:
      labels: {app: api}
    spec:
      containers:
        - name: api
          image: registry.example/api:3.2.0
          env:
            - name: LOG_LEVEL
              valueFrom:
                configMapKeyRef:
                  name: api
                  key: LOG_LEVL  # <-
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/api.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: api
data:
  LOG_LEVEL: info
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 2
  selector:
    matchLabels: {app: api}
  template:
    metadata:
      labels: {app: api}
    spec:
      containers:
        - name: api
          image: registry.example/api:3.2.0
          env:
            - name: LOG_LEVEL
              valueFrom:
                configMapKeyRef:
                  name: api
                  key: LOG_LEVEL
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Uses the nearest key or name that exists. Unsafe: whether it is the one that was meant is a guess.

## References
- [Kubernetes: ConfigMaps](https://kubernetes.io/docs/concepts/configuration/configmap/)

## Equivalent rules
- `kube-linter:env-value-from`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import ConfigMap, Reference, Workload
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.text import nearest
from rollsafe.workspace.configuration import ConfigSource, config_sources
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each reference that cannot be resolved."""
    for reference in workload.references:
        if reference.kind not in ("ConfigMap", "Secret") or reference.is_optional or not reference.is_static:
            continue
        sources = config_sources(workload, reference, graph)
        if not sources:
            yield from _missing_object(workload, reference, graph)
        elif reference.key is not None and all(source.surely_lacks(reference.key) for source in sources):
            yield _missing_key(workload, reference, sources)


def _missing_key(workload: Workload, reference: Reference, sources: list[ConfigSource]) -> Finding:
    node, key = reference.key_node or reference.name_node, reference.key or ""
    close = nearest(key, [name for source in sources for name in source.names])
    first = sources[0]
    return Finding(
        node,
        f"{reference.kind} `{reference.name}` has no key `{key}`, which `{workload.name}` needs to start",
        fixes=_rename(node, close, "key"),
        related=(Related(first.file, first.where, f"{reference.kind} `{reference.name}` is defined here"),),
        detail=f"new pods of `{workload.name}` stay in `CreateContainerConfigError` and the rollout stalls",
    )


def _missing_object(workload: Workload, reference: Reference, graph: Graph) -> Iterator[Finding]:
    known = [key.partition("/")[2] for key in graph.keys(ConfigMap, f"{reference.kind}/")]
    close = nearest(reference.name, known)
    sure = close is not None and reference.kind == "ConfigMap"
    yield Finding(
        reference.name_node,
        f"no {reference.kind} `{reference.name}` in this repository, which `{workload.name}` needs to start",
        fixes=_rename(reference.name_node, close, "object"),
        severity=Severity.WARNING,
        confidence=Confidence.MEDIUM if sure else Confidence.LOW,
        level=None if sure else Level.PEDANTIC,
        detail=f"unless it is made elsewhere, new pods of `{workload.name}` do not start",
    )


def _rename(node: Scalar, name: str | None, what: str) -> tuple[Fix, ...]:
    if name is None:
        return ()
    return (Fix(f"Use the {what} `{name}`", Safety.UNSAFE, edits=(set_value(node, name),)),)
