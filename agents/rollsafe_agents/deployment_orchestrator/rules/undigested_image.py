"""An image is not fixed by its digest.

## What it does
Reports images of manifests that are named by a tag without a digest.

## Why it matters
A tag can be moved by whoever may push to the registry. Only a digest makes sure that what was tested is what runs,
and that a rollback brings the same content back.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2  # <-
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2@sha256:b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
None: the digest is known to the registry only.

## References
- [Kubernetes: image digests](https://kubernetes.io/docs/concepts/containers/images/#image-names)

## Equivalent rules
- `checkov:CKV_K8S_43`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Container
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.images import is_retagged


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR)
def check(container: Container, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for an image without a digest."""
    image, node = container.image, container.image_node
    if image is None or node is None or image.digest is not None or container.workload.is_patch:
        return
    if not container.is_templated(node) and not is_retagged(image, graph):
        yield Finding(node, f"image `{image.name}` of container `{container.name}` is fixed by no digest")
