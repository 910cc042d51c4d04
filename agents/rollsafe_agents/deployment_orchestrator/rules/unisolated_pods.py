"""No NetworkPolicy says whom pods talk to.

## What it does
Reports workloads whose pods no NetworkPolicy of the repository selects for incoming or for outgoing traffic, those in
the network of their node, where no policy reaches them, included. Charts, and repositories with policies of Cilium or
Calico, are left alone.

## Why it matters
Without a policy every pod of the cluster reaches every other, and the Internet: one program that is broken into
reaches all databases, the cloud's metadata service, and a place to send what it finds.

## Bad
```yaml title="k8s/worker.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: worker  # <-
  labels:
    app: worker
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
    app: worker
spec:
  containers:
    - name: worker
      image: registry.example/worker:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: worker
spec:
  podSelector:
    matchLabels:
      app: worker
  policyTypes:
    - Ingress
    - Egress
  ingress: []
  egress:
    - {}
```

## Fix
Adds a policy that lets in what goes to the declared ports and lets everything out, to be narrowed. Unsafe: traffic to
ports that are not declared is refused.

## References
- [Kubernetes: NetworkPolicies](https://kubernetes.io/docs/concepts/services-networking/network-policies/)

## Equivalent rules
- `kube-linter:non-isolated-pod`
- `kube-score:pod-networkpolicy`
- `polaris:missingNetworkPolicy`
- `checkov:CKV2_K8S_6`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.kubernetes import KubernetesObject, NetworkPolicy, Workload
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.manifest_documents import append_document
from rollsafe.workspace.graph import Graph

_OTHERS: Final = (
    *("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "GlobalNetworkPolicy"),
    *("AdminNetworkPolicy", "BaselineAdminNetworkPolicy"),
)
_INCOMPLETE: Final = ("kube-score:pod-networkpolicy", "polaris:missingNetworkPolicy")
_UNSELECTED: Final = ("kube-linter:non-isolated-pod", "checkov:CKV2_K8S_6", "polaris:missingNetworkPolicy")
_NONE: Final = ("kube-linter:non-isolated-pod", "checkov:CKV2_K8S_6", *_INCOMPLETE)


@rule(
    severity=Severity.INFO,
    since="0.1.0",
    level=Level.AUDITOR,
    confidence=Confidence.LOW,
    fix=Safety.UNSAFE,
)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a workload whose traffic is not limited."""
    spec = workload.pod_spec
    if spec is None or workload.is_patch or workload.from_template or not workload.pod_labels_are_known:
        return
    if graph.remember((_OTHERS,), lambda: _other_policies(graph)):
        return
    policies = [one for one in graph.every(NetworkPolicy, "name:") if _selects(one, workload)]
    if spec.bool_at("hostNetwork"):
        if not policies:
            yield Finding(
                workload.title_node,
                f"no NetworkPolicy can limit the pods of `{workload.name}` in the network of their node",
                equivalents=_UNSELECTED,
            )
        return
    open_ways = [way for way in ("Ingress", "Egress") if not any(one.isolates(way) for one in policies)]
    if open_ways:
        words = {"Ingress": "comes in", "Egress": "goes out"}
        ways = " or ".join(words[way] for way in open_ways)
        yield Finding(
            workload.title_node,
            f"no NetworkPolicy says what {ways} at the pods of `{workload.name}`",
            fixes=() if policies else partial(_fixes, workload),
            equivalents=_INCOMPLETE if policies else _NONE,
        )


def _other_policies(graph: Graph) -> bool:
    return any(graph.keys(KubernetesObject, f"{kind}/") for kind in _OTHERS)


def _fixes(workload: Workload) -> tuple[Fix, ...]:
    edit = append_document(workload.file, _policy(workload)) if workload.pod_labels else None
    return (Fix("Add a NetworkPolicy", Safety.UNSAFE, edits=(edit,)),) if edit is not None else ()


def _selects(policy: NetworkPolicy, workload: Workload) -> bool:
    selector = policy.pod_selector
    if not policy.shares_namespace(workload):
        return False
    return selector is None or not selector.is_known or selector.selects(workload.pod_labels)


def _policy(workload: Workload) -> str:
    labels = "\n".join(f"      {key}: {value}" for key, value in workload.pod_labels.items())
    space = f"\n  namespace: {workload.namespace}" if workload.namespace else ""
    ports = [f"        - port: {port.number}" for port in workload.ports if isinstance(port.number, int)]
    listed = "\n".join(dict.fromkeys(ports))
    ingress = f"\n    - ports:\n{listed}" if ports else " []"
    return (
        f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: {workload.name}{space}\n"
        f"spec:\n  podSelector:\n    matchLabels:\n{labels}\n  policyTypes:\n    - Ingress\n    - Egress\n"
        f"  ingress:{ingress}\n  egress:\n    - {{}}"
    )
