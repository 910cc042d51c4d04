"""Users of images: the numbers names stand for, and whom base images switch to."""

from typing import Final

from rollsafe.artefacts.dockerfile.stages import Stage
from rollsafe.artefacts.images import ImageReference
from rollsafe.formats.shell import ShellCommand

_NUMBERS: Final = {"root": "0", "nonroot": "65532"}
"""Names that have the same number in all images that have them."""

_OF_IMAGES: Final = {
    ("node", "node"): "1000",
    ("nginx", "nginx"): "101",
    ("nginx-unprivileged", "nginx"): "101",
    ("httpd", "www-data"): "33",
    ("grafana", "grafana"): "472",
}
"""Numbers by image and user; the official Dockerfiles fix them."""

_SWITCHING: Final = frozenset(
    {
        *("nginx-unprivileged", "grafana", "prometheus", "jenkins", "sonarqube", "airflow", "keycloak"),
        *(
            "elasticsearch",
            "kibana",
            "logstash",
            "opensearch",
            "rootless",
            "superset",
            "vault-secrets-operator",
        ),
    }
)
"""Images whose last USER is not root."""


def known_number(stage: Stage | None, name: str) -> str | None:
    """Return the number of the user `name` in the stage: given by its commands, or known of its image."""
    for one in stage.lineage if stage is not None else ():
        for instruction in one.instructions:
            if "useradd" in instruction.tools or "adduser" in instruction.tools:
                found = next((_number_of(c, name) for c in instruction.commands if _number_of(c, name)), None)
                number = one.expand(found) if found is not None else None
                if number is not None and number.isdigit():
                    return number
    image = stage.root.image if stage is not None else None
    known = _OF_IMAGES.get((image.name, name)) if image is not None else None
    return known or _NUMBERS.get(name)


def default_user(image: ImageReference | None) -> str | None:
    """Return what an image without a USER of its own runs as, as far as its base image is known."""
    if image is None:
        return None
    tag = image.tag or ""
    if "nonroot" in tag or "nonroot" in image.name or "rootless" in tag or image.registry == "cgr.dev":
        return "nonroot"
    return image.name if image.name in _SWITCHING or "unprivileged" in image.name else None


def _number_of(command: ShellCommand, name: str) -> str | None:
    if command.name.rpartition("/")[2] not in ("useradd", "adduser") or name not in command.texts:
        return None
    return command.option("-u", "--uid")
