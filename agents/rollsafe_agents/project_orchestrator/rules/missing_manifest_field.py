"""A manifest lacks a field that the API demands.

## What it does
Reports fields that Kubernetes' schema requires, in every version it knows, and that an object leaves out. Patches,
partial objects and whatever a template may add are left alone.

## Why it matters
The API server refuses the object, in the middle of a release when other objects are already applied.

## Bad
```yaml title="k8s/agent.yaml"
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: agent
spec:
  template:  # <-
    metadata:
      labels:
        app: agent
    spec:
      containers:
        - name: agent
          image: registry.example/agent:1.4.0
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/agent.yaml"
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: agent
spec:
  template:
    metadata:
      labels:
        app: agent
    spec:
      containers:
        - name: agent
          image: registry.example/agent:1.4.0
          resources:
            requests: {cpu: 100m, memory: 128Mi}
  selector:
    matchLabels:
      app: agent
```

## Fix
Adds what follows from the rest of the object: the selector from the labels of the template, a container's name
from its image, a port from its target. Unsafe, because another value may have been meant.

## References
- [Kubernetes API reference](https://kubernetes.io/docs/reference/kubernetes-api/)

## Equivalent rules
- `kubeconform:schema`
- `kube-linter:schema-validation`
"""

from collections.abc import Iterator

from rollsafe.artefacts.images import parse_image
from rollsafe.artefacts.kubernetes import KubernetesObject, Workload
from rollsafe.artefacts.shapes import Fault, FaultKind
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.fields import place_of
from rollsafe.workspace.api_fields import field_faults, is_whole
from rollsafe.workspace.graph import Graph

_DEFAULTED = frozenset({("roleRef", "apiGroup")})
"""Fields that the schema requires and the API server fills in."""


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(thing: KubernetesObject, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each field that has to be there and is not."""
    faults = [one for one in field_faults(thing, graph) if one.kind is FaultKind.MISSING]
    if not faults or not is_whole(thing, graph):
        return
    for fault in faults:
        if fault.holder is not None and not (thing.templated and thing.is_templated(fault.holder)):
            yield _finding(thing, fault, fault.holder)


def _finding(thing: KubernetesObject, fault: Fault, holder: Mapping) -> Finding:
    return Finding(
        place_of(holder),
        f"`{'.'.join(fault.path)}` is missing: a `{thing.kind}` is refused without it",
        fixes=tuple(_fixes(thing, fault, holder)),
        level=Level.AUDITOR if fault.path[-2:] in _DEFAULTED else None,
        detail=f"the API server refuses `{thing.name or thing.kind}` as a whole",
    )


def _fixes(thing: KubernetesObject, fault: Fault, holder: Mapping) -> Iterator[Fix]:
    value = _value(thing, fault, holder)
    if value is not None and holder.entries:
        edit = add_entry(thing.file.text, holder, fault.key, value)
        yield Fix(f"Add `{fault.key}`", Safety.UNSAFE, edits=(edit,))


def _value(thing: KubernetesObject, fault: Fault, holder: Mapping) -> str | None:
    """Return what the rest of the object says the missing field is."""
    match fault.path[-2:]:
        case ("spec", "selector") if isinstance(thing, Workload):
            labels = [f"  {key}: {value}" for key, value in thing.pod_labels.items() if value.isidentifier()]
            return "\n".join(("matchLabels:", *labels)) if len(labels) == len(thing.pod_labels) > 0 else None
        case ("containers" | "initContainers", "name"):
            image = parse_image(holder.text_at("image") or "")
            return image.name.rpartition("/")[2] if image.raw and not image.is_dynamic else None
        case ("ports", "port"):
            target = holder.int_at("targetPort")
            return str(target) if target is not None and 0 < target < 65536 else None
        case ("paths", "pathType"):
            return "Prefix"
        case ("roleRef", "apiGroup"):
            return "rbac.authorization.k8s.io"
        case _:
            return None
