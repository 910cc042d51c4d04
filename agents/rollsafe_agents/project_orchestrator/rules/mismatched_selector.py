"""A workload does not select its own pods.

## What it does
Reports Deployments, StatefulSets, DaemonSets and their like whose selector asks for labels the pods of their own
template do not carry.

## Why it matters
The API server refuses the object: `selector does not match template labels`. The release stops there, or, where an
older kind accepts it, the controller starts pods without end because it never finds the ones it has made.

## Bad
```yaml title="k8s/worker.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  replicas: 2
  selector:
    matchLabels:
      app: worker  # <-
  template:
    metadata:
      labels:
        app: workers
    spec:
      containers:
        - name: worker
          image: registry.example/worker:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
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
    matchLabels:
      app: worker
  template:
    metadata:
      labels:
        app: worker
    spec:
      containers:
        - name: worker
          image: registry.example/worker:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Gives the pods the labels the selector asks for: the selector of an object that exists cannot be changed. Unsafe:
Services and policies may go by the old labels.

## References
- [Kubernetes: Deployment selector](https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector)

## Equivalent rules
- `kube-linter:mismatching-selector`
- `kube-score:deployment-pod-selector-labels-match-template-metadata-labels`
- `kube-score:statefulset-pod-selector-labels-match-template-metadata-labels`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Kustomization, Selector, Workload
from rollsafe.formats.nodes import Mapping, Node
from rollsafe.formats.yaml_edit import add_entry, add_entry_before, set_value
from rollsafe.rules import Edit, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a selector that does not find the workload's own pods."""
    selector = workload.selector
    if selector is None or not selector.is_known or selector.is_empty or workload.is_job:
        return
    if not workload.pod_labels_are_known or workload.is_patch or selector.selects(workload.pod_labels):
        return
    if any(one.selector_labels for one in graph.every(Kustomization, "dir:")):
        return
    wrong = {key: value for key, value in selector.labels.items() if workload.pod_labels.get(key) != value}
    place = _place(selector, next(iter(wrong), ""))
    labels = ", ".join(f"{key}: {value}" for key, value in wrong.items()) or "what is asked for"
    edits = tuple(_labelled(workload, wrong)) if wrong else ()
    fix = Fix(f"Label the pods `{labels}`", Safety.UNSAFE, edits=edits)
    carried = workload.pod_labels_node
    yield Finding(
        place,
        f"{workload.kind} `{workload.name}` selects pods with `{labels}`, and its own pods are not labelled so",
        fixes=(fix,) if edits else (),
        related=(Related(workload.file, carried, "the labels of the pods"),) if carried is not None else (),
        detail="the API server refuses the object, so nothing of the release runs",
    )


def _place(selector: Selector, key: str) -> Node:
    return selector.node.at("matchLabels", key) or selector.node.at(key) or selector.node


def _labelled(workload: Workload, wrong: dict[str, str]) -> Iterator[Edit]:
    text, template, labels = workload.file.text, workload.pod_template, workload.pod_labels_node
    if isinstance(labels, Mapping) and labels.entries:
        for key, value in wrong.items():
            present = labels.at(key)
            yield set_value(present, value) if present is not None else add_entry(text, labels, key, value)
        return
    block = "\n".join(f"{key}: {value}" for key, value in wrong.items())
    metadata = template.at("metadata") if template is not None else None
    if isinstance(metadata, Mapping) and metadata.entries and metadata.at("labels") is None:
        yield add_entry(text, metadata, "labels", block)
    elif template is not None and metadata is None and template.entries and not template.flow:
        indented = block.replace("\n", "\n  ")
        yield add_entry_before(text, template.entries[0], "metadata", f"labels:\n  {indented}")
