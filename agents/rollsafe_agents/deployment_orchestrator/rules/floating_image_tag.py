"""An image is named by a tag that moves to other content.

## What it does
Reports images without a tag, or with one that is moved by design (`latest`, `stable`, `main`, `alpine` …), in
manifests, Compose files, files of platforms (task definitions of ECS, `fly.toml`, `render.yaml`) and the shipped
stage of a Dockerfile. A task definition in JSON, in which a pipeline fills the image in, is told of at level
`pedantic`. Images a kustomization retags, names that skaffold or a template fills in, images built by the same
Compose service and pinned digests are left alone.

## Why it matters
Two pods of one release can run different code, depending on when their node pulled. A rollback to the previous
revision pulls the same tag and gets the bad content again: there is nothing to go back to.

## Bad
```yaml title="k8s/worker.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  replicas: 2
  selector:
    matchLabels: {app: worker}
  template:
    metadata:
      labels: {app: worker}
    spec:
      containers:
        - name: worker
          image: registry.example/shop/worker:latest  # <-
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```
```yaml title="k8s/migrate.yaml"
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
spec:
  activeDeadlineSeconds: 600
  backoffLimit: 1
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: registry.example/shop/worker:2.4.0
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
    matchLabels: {app: worker}
  template:
    metadata:
      labels: {app: worker}
    spec:
      containers:
        - name: worker
          image: registry.example/shop/worker:2.4.0
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```
```yaml title="k8s/migrate.yaml"
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
spec:
  activeDeadlineSeconds: 600
  backoffLimit: 1
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: registry.example/shop/worker:2.4.0
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Uses the version the same image has elsewhere in the repository. Unsafe: it may be another version than the one
that runs. Where the repository names none, there is no fix: the version has to be looked up.

## References
- [Kubernetes: images](https://kubernetes.io/docs/concepts/containers/images/)

## Equivalent rules
- `kube-linter:latest-tag`
- `kube-score:container-image-tag`
- `polaris:tagNotSpecified`
- `checkov:CKV_K8S_14`
- `trivy:KSV-0013`
- `dclint:service-image-require-explicit-tag`
- `hadolint:DL3006`
- `hadolint:DL3007`
- `checkov:CKV_DOCKER_7`
- `trivy:DS-0001`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.compose import ComposeService
from rollsafe.artefacts.dockerfile import Stage
from rollsafe.artefacts.images import ImageReference
from rollsafe.artefacts.kubernetes import Container
from rollsafe.artefacts.platforms import EcsContainer, PlatformService
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.text import Located
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.images import is_retagged, versions_elsewhere
from rollsafe.workspace.wiring import is_shipped

_KUBERNETES = (
    *("kube-linter:latest-tag", "kube-score:container-image-tag", "polaris:tagNotSpecified"),
    *("checkov:CKV_K8S_14", "trivy:KSV-0013"),
)
_COMPOSE = ("dclint:service-image-require-explicit-tag",)
_DCLINT_TAGS = frozenset(("latest", "stable", "edge", "test", "nightly", "dev", "beta", "canary", "lts"))
_UNTAGGED_BASE = ("hadolint:DL3006", "checkov:CKV_DOCKER_7", "trivy:DS-0001")
_LATEST_BASE = ("hadolint:DL3007", "checkov:CKV_DOCKER_7", "trivy:DS-0001")
_VARIANT: Final = lazily(
    r"alpine|slim|bookworm|bullseye|trixie|noble|jammy|focal|distroless|debian|ubuntu|fpm"
)
"""Tags that say what an image is built on, not which version it is."""


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(user: Container | ComposeService | Stage | PlatformService, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for an image whose content is not fixed."""
    if isinstance(user, Container):
        yield from _in_manifest(user, graph)
    elif isinstance(user, ComposeService):
        yield from _in_compose(user, graph)
    elif isinstance(user, PlatformService):
        yield from _on_platform(user, graph)
    else:
        yield from _in_dockerfile(user, graph)


def _in_manifest(container: Container, graph: Graph) -> Iterator[Finding]:
    image, node = container.image, container.image_node
    if image is None or node is None or not image.is_floating or container.workload.is_patch:
        return
    if not container.is_templated(node) and not is_retagged(image, graph):
        who = f"container `{container.name}`"
        yield _finding(image, node, who, _KUBERNETES, graph, None)


def _in_compose(service: ComposeService, graph: Graph) -> Iterator[Finding]:
    image, node = service.image, service.image_node
    if image is None or node is None or not image.is_floating:
        return
    level = None if is_shipped(service.compose, graph) else Level.PEDANTIC
    if service.build is not None:
        # The name is given to what is built; that is what a rollback would need a tag of.
        level = Level.AUDITOR
    equivalents = _COMPOSE if image.tag is None or image.tag in _DCLINT_TAGS else ()
    yield _finding(image, node, f"service `{service.name}`", equivalents, graph, level)


def _on_platform(service: PlatformService, graph: Graph) -> Iterator[Finding]:
    filled_in = isinstance(service, EcsContainer) and not service.is_resource
    level = Level.PEDANTIC if service.is_development or filled_in else None
    for image in service.images:
        if image.reference.is_floating and not service.is_templated:
            yield _finding(image.reference, image.node, f"`{service.name}`", (), graph, level)


def _in_dockerfile(stage: Stage, graph: Graph) -> Iterator[Finding]:
    image, word = stage.image, stage.base_word
    if image is None or word is None or not image.is_floating:
        return
    quiet = not stage.is_shipped or stage.dockerfile.is_development
    named = f"stage `{stage.name}`" if stage.name else "the image"
    equivalents = _UNTAGGED_BASE if image.is_untagged else _LATEST_BASE
    level = Level.PEDANTIC if quiet else None
    yield _finding(image, Span.of(word), f"{named}", equivalents, graph, level)


def _finding(
    image: ImageReference,
    place: Located,
    who: str,
    equivalents: tuple[str, ...],
    graph: Graph,
    level: Level | None = None,
) -> Finding:
    tag = f"the moving tag `{image.tag}`" if image.tag else "no tag, which means `latest`"
    return Finding(
        place,
        f"{who} uses `{image.repository}` with {tag}",
        fixes=partial(_fixes, image, place, graph),
        level=level,
        detail=f"pods of one release can run different content of `{image.name}`, and a rollback pulls the "
        "same tag again",
        equivalents=equivalents,
    )


def _fixes(image: ImageReference, place: Located, graph: Graph) -> tuple[Fix, ...]:
    return tuple(_pinning(image, place, graph))


def _pinning(image: ImageReference, place: Located, graph: Graph) -> Iterator[Fix]:
    if image.is_dynamic:
        return
    variant = image.tag if image.tag and _VARIANT.fullmatch(image.tag) else ""
    for version in versions_elsewhere(image, graph):
        if variant and not version.endswith(f"-{variant}"):
            continue
        base = image.raw.removesuffix(f":{image.tag}") if image.tag else image.raw
        named = f"{base}:{version}"
        edit = set_value(place, named) if isinstance(place, Scalar) else Edit(Span.of(place), named)
        yield Fix(f"Use `{version}`, as elsewhere in this repository", Safety.UNSAFE, edits=(edit,))
