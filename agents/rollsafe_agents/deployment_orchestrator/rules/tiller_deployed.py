"""Tiller, the server of Helm 2, is part of the cluster.

## What it does
Reports workloads that run Tiller's image and Services that lead to it.

## Why it matters
Tiller carries out what anybody who reaches its port asks for, with the rights of its account, usually those of
`cluster-admin`. Helm 2 has had no fixes since November 2020, and Helm 3 needs no server.

## Bad
```yaml title="k8s/tiller.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: tiller-deploy
spec:
  containers:
    - name: tiller
      image: ghcr.io/helm/tiller:v2.17.0  # <-
      resources:
        requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/worker.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: worker
spec:
  containers:
    - name: worker
      image: registry.example/worker:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
```

## Fix
None: releases have to be taken over by Helm 3 (`helm 2to3 convert`) before Tiller goes.

## References
- [Helm: migrating from v2 to v3](https://helm.sh/docs/topics/v2_v3_migration/)

## Equivalent rules
- `checkov:CKV_K8S_34`
- `checkov:CKV_K8S_44`
- `checkov:CKV_K8S_45`
- `trivy:KSV-0102`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Container, Service, Workload
from rollsafe.rules import Finding, Level, Severity, rule

_LABELS: Final = {"app": "helm", "name": "tiller"}
_LOCAL: Final = re.compile(r"--?listen[= ](?:localhost|127\.0\.0\.1|\[?::1\]?):")


@rule(severity=Severity.ERROR, since="0.1.0", level=Level.PEDANTIC)
def check(thing: Container | Service) -> Iterator[Finding]:
    """Yield a finding for Tiller or for what leads to it."""
    if isinstance(thing, Service):
        if any(_is_tiller(labels) for labels in (thing.labels, thing.selector)):
            words = f"Service `{thing.name}` leads to Tiller, the server of Helm 2"
            yield Finding(thing.title_node, words, equivalents=("checkov:CKV_K8S_44",))
        return
    image = thing.image
    named = image is not None and image.name == "tiller"
    if named or _is_tiller(_labels_of(thing.workload)):
        listening = " ".join(thing.command + thing.args)
        names = ("checkov:CKV_K8S_34", "trivy:KSV-0102")
        yield Finding(
            thing.image_node or thing.title_node,
            f"container `{thing.name}` of `{thing.workload.name}` is Tiller, the server of Helm 2",
            equivalents=names if _LOCAL.search(listening) else (*names, "checkov:CKV_K8S_45"),
        )


def _labels_of(workload: Workload) -> dict[str, str]:
    return {**workload.labels, **workload.pod_labels}


def _is_tiller(labels: dict[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in _LABELS.items())
