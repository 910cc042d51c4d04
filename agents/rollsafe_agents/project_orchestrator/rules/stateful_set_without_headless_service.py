"""A StatefulSet has no headless Service that gives its pods names.

## What it does
Reports StatefulSets whose `serviceName` is a Service of the repository that has an address of its own or selects other
pods, and those whose Service nobody defines although others are beside it. A Service that is missing without such a
sign is told to auditors only. Charts are left alone.

## Why it matters
Members of a cluster find each other as `db-0.db`, a name that exists only with a headless Service. Without it the
pods start, do not find each other, and each may take itself for the first.

## Bad
```yaml title="k8s/store.yaml"
apiVersion: v1
kind: Service
metadata:
  name: store
spec:
  selector: {app: store}
  ports:
    - port: 7000
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: store
spec:
  replicas: 3
  serviceName: store  # <-
  selector:
    matchLabels: {app: store}
  template:
    metadata:
      labels: {app: store}
    spec:
      containers:
        - name: store
          image: registry.example/store:1.4.2
          ports:
            - containerPort: 7000
          readinessProbe:
            tcpSocket: {port: 7000}
          livenessProbe:
            httpGet: {path: /live, port: 7000}
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/store.yaml"
apiVersion: v1
kind: Service
metadata:
  name: store
spec:
  selector: {app: store}
  ports:
    - port: 7000
  clusterIP: None
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: store
spec:
  replicas: 3
  serviceName: store
  selector:
    matchLabels: {app: store}
  template:
    metadata:
      labels: {app: store}
    spec:
      containers:
        - name: store
          image: registry.example/store:1.4.2
          ports:
            - containerPort: 7000
          readinessProbe:
            tcpSocket: {port: 7000}
          livenessProbe:
            httpGet: {path: /live, port: 7000}
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Makes the Service headless, or adds one. Unsafe: the address of a Service that exists cannot be changed, it has to be
deleted first; clients get the addresses of the pods instead of one.

## References
- [Kubernetes: stable network identity](https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id)

## Equivalent rules
- `kube-score:statefulset-has-servicename`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Service, Workload
from rollsafe.formats.nodes import Node
from rollsafe.formats.yaml_edit import add_entry, set_value
from rollsafe.rules import Confidence, Edit, FileEdit, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.manifest_documents import append_document
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.missing import missing


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a StatefulSet whose pods get no names."""
    if workload.kind != "StatefulSet" or workload.is_patch:
        return
    node, name = workload.node.at("spec", "serviceName"), workload.service_name
    if node is None or not name or workload.is_templated(node):
        return
    found = [one for one in graph.find(Service, f"Service/{name}") if one.shares_namespace(workload)]
    if not found:
        yield from _missing(workload, node, name, graph)
    elif not any(one.is_headless or one.templated or one.is_patch for one in found):
        yield _addressed(workload, node, found[0])
    elif all(_selects_others(one, workload) for one in found):
        words = f"Service `{name}` of StatefulSet `{workload.name}` does not select its pods"
        yield Finding(node, words, related=(Related(found[0].file, found[0].title_node, "the Service"),))


def _selects_others(service: Service, workload: Workload) -> bool:
    selector = service.label_selector
    known = selector is not None and selector.is_known and workload.pod_labels_are_known
    return known and not service.selects(workload)


def _missing(workload: Workload, node: Node, name: str, graph: Graph) -> Iterator[Finding]:
    gone = missing(workload, Service, "Service", name, graph)
    if gone is None:
        return
    fixes: tuple[Fix, ...] = ()
    if gone.close is not None:
        fixes = (Fix(f"Use `{gone.close}`", Safety.UNSAFE, edits=(set_value(node, gone.close),)),)
    else:
        edit = append_document(workload.file, _headless(workload, name))
        if edit is not None and workload.pod_labels:
            fixes = (Fix(f"Add the headless Service `{name}`", Safety.UNSAFE, edits=(edit,)),)
    yield Finding(
        node,
        f"StatefulSet `{workload.name}` names the Service `{name}`, which nobody defines",
        fixes=fixes,
        confidence=None if gone.is_sure else Confidence.LOW,
        level=None if gone.is_sure else Level.AUDITOR,
        detail=f"`{workload.name}-0.{name}` is no name, so the pods do not find each other",
    )


def _headless(workload: Workload, name: str) -> str:
    labels = "\n".join(f"    {key}: {value}" for key, value in workload.pod_labels.items())
    space = f"\n  namespace: {workload.namespace}" if workload.namespace else ""
    numbers = [port.number for port in workload.ports if isinstance(port.number, int)]
    ports = "\n".join(f"    - name: port-{one}\n      port: {one}" for one in dict.fromkeys(numbers))
    block = f"\n  ports:\n{ports}" if ports else ""
    return (
        f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}{space}\nspec:\n  clusterIP: None\n"
        f"  selector:\n{labels}{block}"
    )


def _addressed(workload: Workload, node: Node, service: Service) -> Finding:
    fix = Fix("Make the Service headless", Safety.UNSAFE)
    edit = _without_address(service)
    if edit is not None and service.file is workload.file:
        fix = Fix(fix.title, Safety.UNSAFE, edits=(edit,))
    elif edit is not None:
        fix = Fix(fix.title, Safety.UNSAFE, elsewhere=(FileEdit(service.file.path, edit),))
    return Finding(
        node,
        f"Service `{service.name}` of StatefulSet `{workload.name}` is not headless, so its pods have no names",
        fixes=(fix,) if edit is not None else (),
        related=(Related(service.file, service.title_node, f"Service `{service.name}`"),),
        level=_level(workload),
        detail=f"`{workload.name}-0.{service.name}` is no name, so the pods do not find each other",
    )


def _level(workload: Workload) -> Level | None:
    """Return who hears of pods without names: a lone one has no others to find."""
    return Level.PEDANTIC if workload.replica_count == 1 else None


def _without_address(service: Service) -> Edit | None:
    if service.spec is None or service.type != "ClusterIP":
        return None
    present = service.spec.at("clusterIP")
    if present is None:
        return add_entry(service.file.text, service.spec, "clusterIP", "None")
    return set_value(present, "None")
