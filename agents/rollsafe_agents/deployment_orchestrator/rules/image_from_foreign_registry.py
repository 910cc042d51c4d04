"""An image comes from a registry the project does not trust.

## What it does
Reports images that are of none of the `registries` in the settings under `[images]`: in manifests, Compose files, files of
platforms, and what a Dockerfile is built on or takes files from. An image without a registry is one of `docker.io`. Names
that a variable decides, that a service is built as, or that a kustomization or skaffold fills in, are left alone. Without
such a setting nothing is reported.

## Why it matters
Whoever owns the other registry decides what runs here, and whether it can be pulled at all: its limits, its outages and
its takeovers are those of the next deployment, and of the node that has to start a pod at night.

## Bad
```toml title="rollsafe.toml"
[images]
registries = ["registry.example/shop", "*.mirror.example"]
```
```dockerfile title="Dockerfile"
FROM hub.mirror.example/golang:1.25.4 AS build
RUN go build -o /shop ./cmd/shop

FROM ghcr.io/somebody/base:2.1.0 # <-
COPY --from=build /shop /shop
USER 10001
CMD ["/shop"]
```

## Good
```toml title="rollsafe.toml"
[images]
registries = ["registry.example/shop", "*.mirror.example"]
```
```dockerfile title="Dockerfile"
FROM hub.mirror.example/golang:1.25.4 AS build
RUN go build -o /shop ./cmd/shop

FROM registry.example/shop/base:2.1.0
COPY --from=build /shop /shop
USER 10001
CMD ["/shop"]
```

## Fix
There is none in the file alone: what a registry holds is not in the repository.

## References
- [hadolint DL3026](https://github.com/hadolint/hadolint/wiki/DL3026)

## Equivalent rules
- `hadolint:DL3026`
"""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeService
from rollsafe.artefacts.dockerfile import Stage
from rollsafe.artefacts.images import DOCKER_HUB, ImageReference, is_from
from rollsafe.artefacts.kubernetes import Container
from rollsafe.artefacts.platforms import PlatformService
from rollsafe.rules import Finding, Severity, Span, rule
from rollsafe.text import Located
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.images import is_retagged
from rollsafe.workspace.settings import Settings


class _Use(NamedTuple):
    who: str
    image: ImageReference
    place: Located


@rule(severity=Severity.ERROR, since="0.1.0")
def check(
    user: Container | ComposeService | Stage | PlatformService, settings: Settings, graph: Graph
) -> Iterator[Finding]:
    """Yield a finding for each image of a registry that is not listed."""
    registries = settings.images.registries
    if not registries:
        return
    for who, image, place in _uses(user, graph):
        if not is_from(image, registries):
            yield Finding(
                place,
                f"{who} takes `{image.repository}` from `{image.registry or DOCKER_HUB}`, which is none of the "
                "project's registries",
                detail=f"`registries` under `[images]` lists {', '.join(f'`{one}`' for one in registries)}",
            )


def _uses(user: Container | ComposeService | Stage | PlatformService, graph: Graph) -> Iterator[_Use]:
    """Yield the images of something that surely are pulled under that name."""
    if isinstance(user, Container):
        image, node = user.image, user.image_node
        if image and node and not user.is_templated(node) and not is_retagged(image, graph):
            yield _Use(f"container `{user.name}`", image, node)
    elif isinstance(user, ComposeService):
        if user.image and user.image_node and user.build is None:
            yield _Use(f"service `{user.name}`", user.image, user.image_node)
    elif isinstance(user, PlatformService):
        if not user.is_templated:
            yield from (_Use(f"`{user.name}`", one.reference, one.node) for one in user.images)
    else:
        yield from _of_stage(user)


def _of_stage(stage: Stage) -> Iterator[_Use]:
    who = f"stage `{stage.name}`" if stage.name else "the image"
    if stage.image is not None and stage.base_word is not None:
        yield _Use(who, stage.image, Span.of(stage.base_word))
    for source in stage.copy_sources:
        # A bare word may be a stage that is not there: there is a rule for that.
        if source.image is not None and any(mark in source.name for mark in ":@/"):
            yield _Use(who, source.image, source.flag.value_span)
