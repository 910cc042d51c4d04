"""Images across files: which versions the repository names, and who fills a name in."""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeService
from rollsafe.artefacts.images import ImageReference
from rollsafe.artefacts.known_images import known_image
from rollsafe.artefacts.kubernetes import Container, Kustomization
from rollsafe.workspace.graph import Graph

_FILLERS = ("skaffold.yaml", "skaffold.yml", "Tiltfile", "garden.yml", "devspace.yaml")


def versions_elsewhere(image: ImageReference, graph: Graph) -> list[str]:
    """Return the fixed tags the repository gives the same image, in ascending order, each once."""
    found = {
        other.tag
        for other in _uses(image, graph)
        if other.registry == image.registry and other.tag and not other.is_floating and not other.is_dynamic
    }
    return sorted(found)


def is_retagged(image: ImageReference, graph: Graph) -> bool:
    """Say whether something replaces the image's tag before it is deployed.

    A kustomization that overrides it does, and so does a tool such as skaffold for bare names of images
    that nobody publishes.
    """
    name = f"{image.registry}/{image.repository}" if image.registry else image.repository
    for kustomization in graph.every(Kustomization, "dir:"):
        overrides = (one for one in kustomization.images if one.name == name)
        if any(one.new_tag or one.digest for one in overrides):
            return True
    if image.registry is None and "/" not in image.repository and known_image(image) is None:
        return any(path.rpartition("/")[2] in _FILLERS for path in graph.paths())
    return False


def _uses(image: ImageReference, graph: Graph) -> Iterator[ImageReference]:
    key = f"image:{image.repository}"
    for container in graph.find(Container, key):
        if container.image is not None:
            yield container.image
    for service in graph.find(ComposeService, key):
        if service.image is not None:
            yield service.image
