"""Images across files: which versions the repository names, and who fills a name in."""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeService
from rollsafe.artefacts.dockerfile import Dockerfile, Stage
from rollsafe.artefacts.images import ImageReference
from rollsafe.artefacts.known_images import known_image
from rollsafe.artefacts.kubernetes import Container, Kustomization
from rollsafe.text.patterns import lazily
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
    for kustomization in () if graph.is_built else graph.every(Kustomization, "dir:"):
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


def stage_of(image: ImageReference, graph: Graph) -> Stage | None:
    """Return what an image is built from in this repository, by the name of the file or its directory."""
    for dockerfile in graph.every(Dockerfile, "path:"):
        directory, _, file = dockerfile.file.path.rpartition("/")
        names = (directory.rpartition("/")[2], file.partition(".")[2], file.rpartition(".")[0])
        if image.name in names and not dockerfile.is_development:
            return dockerfile.final_stage
    return None


def lacks_programs(image: ImageReference, graph: Graph) -> bool:
    """Say whether an image surely has no shell and no programs of a system, only its own."""
    if _is_distroless(image):
        return True
    stage = stage_of(image, graph)
    if stage is None or stage.root.image is None:
        return False
    if not (stage.root.image.is_scratch or _is_distroless(stage.root.image)):
        return False
    words = (one.file.slice(one) for part in stage.lineage for one in part.all("COPY"))
    return not any(name in text for text in words for name in ("busybox", "/bin", "/sbin", "rootfs"))


def _is_distroless(image: ImageReference) -> bool:
    """Say whether it is one of Google's images without a system; their debug tags have a shell."""
    is_one = image.registry == "gcr.io" and image.repository.startswith("distroless/")
    return is_one and "debug" not in (image.tag or "")


_SLOW = lazily(
    r"(?:^|[/_-])(?:keycloak|jenkins|sonarqube|nexus3?|artifactory\w*|confluence|jira\w*|wildfly|jboss\w*|weblogic"
    r"|websphere\w*|open-liberty|payara|glassfish|tomcat|elasticsearch|opensearch|cassandra|kafka-connect|neo4j|gitlab"
    r"|spring-\w+)(?:$|[/_-])"
)
_BESIDE = lazily(
    r"fluent|filebeat|logstash|exporter|operator|proxy|curator|plugin|sidecar|client|agent|backup"
)
"""Words for what only talks to a server whose name it bears."""

_JAVA = lazily(
    r"(?:^|[/_-])(?:openjdk|eclipse-temurin|amazoncorretto|ibm-semeru\w*|liberica\w*|sapmachine|zulu-openjdk|adoptopenjdk|java\d*"
    r"|jre|jdk|azul\w*)(?:$|[/_-])"
)


def starts_slowly(image: ImageReference, graph: Graph) -> bool:
    """Say whether an image is known to need tens of seconds: a large server, or a Java one built here."""
    if _SLOW.search(image.repository) and not _BESIDE.search(image.name):
        return True
    stage = stage_of(image, graph)
    base = stage.root.image if stage is not None else None
    return base is not None and _JAVA.search(base.repository) is not None
