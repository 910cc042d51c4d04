"""An object is put where everything else is.

## What it does
Reports workloads, Services and the like that are in the namespace `default`, or in none so that whoever applies them
decides, and workloads in the cluster's own `kube-system`. Charts, and files of a kustomization that sets a namespace,
are left alone.

## Why it matters
Quotas, NetworkPolicies and roles work by namespace. What shares one shares their gaps: a role to read the Secrets
of one application reads those of all. In `kube-system` that includes the cluster's own.

## Bad
```yaml title="k8s/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: default  # <-
data:
  region: north
```

## Good
```yaml title="k8s/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: shop
data:
  region: north
```

## Fix
None: which namespace is meant is not written anywhere.

## References
- [Kubernetes: namespaces](https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/)

## Equivalent rules
- `kube-linter:use-namespace`
- `checkov:CKV_K8S_21`
- `trivy:KSV-0037`
- `trivy:KSV-0110`
"""

from collections.abc import Iterator
from posixpath import dirname
from typing import Final

from rollsafe.artefacts.kubernetes import (
    ConfigMap,
    Ingress,
    KubernetesObject,
    Role,
    RoleBinding,
    Service,
    ServiceAccount,
    Workload,
)
from rollsafe.rules import Confidence, Finding, Level, Severity, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import kustomizations_listing

_NAMES: Final = ("kube-linter:use-namespace", "checkov:CKV_K8S_21", "trivy:KSV-0110")
_CLUSTER_WIDE: Final = frozenset({"ClusterRole", "ClusterRoleBinding"})
_MADE_BY_THE_CLUSTER: Final = frozenset({("ServiceAccount", "default"), ("Service", "kubernetes")})


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR)
def check(
    thing: Workload | Service | ConfigMap | ServiceAccount | Ingress | Role | RoleBinding, graph: Graph
) -> Iterator[Finding]:
    """Yield a finding for an object in a namespace that is everybody's."""
    if thing.kind in _CLUSTER_WIDE or (thing.kind, thing.name) in _MADE_BY_THE_CLUSTER or thing.is_patch:
        return
    what, node = f"{thing.kind} `{thing.name}`", thing.node.at("metadata", "namespace")
    if node is not None and thing.namespace == "default":
        yield Finding(node, f"{what} is in the namespace `default`, which is everybody's", equivalents=_NAMES)
    elif node is not None and thing.namespace == "kube-system" and isinstance(thing, Workload):
        words = f"{what} runs beside the cluster's own parts, in `kube-system`"
        yield Finding(node, words, equivalents=("trivy:KSV-0037",))
    elif node is None and not _is_placed(thing, graph):
        words = f"{what} is in no namespace, so whoever applies it decides"
        yield Finding(thing.title_node, words, confidence=Confidence.LOW, equivalents=_NAMES)


def _is_placed(thing: KubernetesObject, graph: Graph) -> bool:
    """Say whether a chart, or a kustomization that builds the file or its directory, sets a namespace."""
    if thing.from_template or not thing.lacks("metadata", "namespace"):
        return True
    path = thing.file.path
    layers = [*kustomizations_listing(path, graph), *kustomizations_listing(dirname(path), graph)]
    return any(layer.namespace for layer in layers)
