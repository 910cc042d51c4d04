"""The name of an image is one that no registry and no runtime takes.

## What it does
Reports names in Dockerfiles, Compose files and manifests that Docker and Kubernetes refuse without asking a registry:
a digest of the wrong length, a version behind `@`, a tag with a `+`, capitals in a repository, `https://` in front.
Names that a template, a variable or a placeholder decides are left alone; in tests and examples it is said at level
`pedantic`.

## Why it matters
`invalid reference format`: the build stops, `docker compose up` starts nothing, and a pod stays in
`InvalidImageName` while the release waits for it.

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
          image: https://registry.example/shop/web:2.4.0  # <-
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```
```dockerfile title="Dockerfile"
FROM docker.io/library/node@22.9.0-slim  # <-
USER 1000
CMD ["node", "/app/index.js"]
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
          image: registry.example/shop/web:2.4.0
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```
```dockerfile title="Dockerfile"
FROM docker.io/library/node:22.9.0-slim
USER 1000
CMD ["node", "/app/index.js"]
```

## Fix
Leaves out the scheme, writes `:` before a version, or the repository in lower case. Unsafe: another image may be
meant. What a digest was to be has to be looked up.

## References
- [Kubernetes: image names](https://kubernetes.io/docs/concepts/containers/images/#image-names)
- [OCI distribution: pulling manifests](https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeService
from rollsafe.artefacts.dockerfile import Stage
from rollsafe.artefacts.images import ImageReference
from rollsafe.artefacts.kubernetes import Container
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.text import Located
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.images import is_retagged


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(user: Container | ComposeService | Stage, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a name that is refused wherever it is used."""
    image = user.image
    place: Located | None = user.base_word if isinstance(user, Stage) else user.image_node
    if image is None or place is None or (fault := image.fault) is None:
        return
    if isinstance(user, Container):
        node = user.image_node
        if node is None or user.is_templated(node) or is_retagged(image, graph):
            return
    fixes = (_fix(user, image, fault.meant),) if fault.meant is not None else ()
    yield Finding(
        Span.of(place) if isinstance(user, Stage) else place,
        f"`{image.raw[:120]}` is no name of an image: {fault.reason}",
        fixes=tuple(fix for fix in fixes if fix is not None),
    )


def _fix(user: Container | ComposeService | Stage, image: ImageReference, meant: str) -> Fix | None:
    if isinstance(user, Stage):
        word = user.base_word
        edit = Edit(Span.of(word), meant) if word is not None and word.text == image.raw else None
    else:
        node = user.image_node
        same = isinstance(node, Scalar) and node.text == image.raw
        edit = set_value(node, meant) if same and node is not None else None
    return Fix(f"Write `{meant[:80]}`", Safety.UNSAFE, edits=(edit,)) if edit is not None else None
