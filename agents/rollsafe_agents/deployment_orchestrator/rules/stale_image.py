"""A node may run an old copy of an image whose tag has moved.

## What it does
Reports containers with `imagePullPolicy: IfNotPresent` and an image without a tag or with a moving one, and
`imagePullPolicy: Never`, with which a node that lacks the image cannot start the pod. Other policies than `Always`
are reported at level `auditor`.

## Why it matters
The node takes the copy it pulled months ago for `latest`: pods of one release run different code, and a release
that only pushed the tag again changes nothing. With `Never` a pod does not start on a new node at all.

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
          image: registry.example/web:1.4.2
          imagePullPolicy: Never  # <-
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
          image: registry.example/web:1.4.2
          imagePullPolicy: Always
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Uses `Always` for an image that moves or is never pulled, which asks the registry and pulls only what differs.
Unsafe: the pod does not start while the registry is away.

## References
- [Kubernetes: image pull policy](https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy)

## Equivalent rules
- `kube-score:container-image-pull-policy`
- `polaris:pullPolicyNotAlways`
- `checkov:CKV_K8S_15`
- `kube-linter:image-pull-policy`
"""

from collections.abc import Iterator

from rollsafe.artefacts.images import ImageReference
from rollsafe.artefacts.kubernetes import Container
from rollsafe.artefacts.purposes import is_development_path
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.intent import explained
from rollsafe.rules.manifest_edits import putting


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(container: Container) -> Iterator[Finding]:
    """Yield a finding for an image that is not asked for again."""
    image, policy = container.image, container.pull_policy
    node = container.node.at("imagePullPolicy")
    if image is None or container.workload.is_patch or policy == "Always" or container.is_templated(node):
        return
    if node is not None and explained(container.file, node):
        return
    if node is None and (not container.lacks("imagePullPolicy") or _is_pulled(container, image)):
        return
    stale = policy == "Never" or (policy == "IfNotPresent" and image.is_floating)
    quiet = not stale or is_development_path(container.file.path)
    yield Finding(
        node or container.title_node,
        _message(container, image, policy),
        fixes=putting(
            "Use `Always`",
            Safety.UNSAFE,
            container.file,
            container.node,
            (("imagePullPolicy",), "Always"),
        ),
        level=Level.AUDITOR if quiet else None,
        detail="nodes may run different content under one name" if stale else "",
    )


def _is_pulled(container: Container, image: ImageReference) -> bool:
    """Say whether Kubernetes takes `Always` where nothing is written: for `latest` and no tag."""
    return container.is_templated(container.image_node) or image.is_untagged or image.tag == "latest"


def _message(container: Container, image: ImageReference, policy: str | None) -> str:
    name = f"`{image.name}` of container `{container.name}`"
    if policy == "Never":
        return f"{name} is never pulled: a node that lacks it cannot start the pod"
    if policy == "IfNotPresent" and image.is_floating:
        return f"{name} is not pulled again, although its tag moves"
    return f"{name} is not pulled again where a node has it"
