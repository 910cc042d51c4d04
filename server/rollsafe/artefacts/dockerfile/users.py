"""Users of images: the numbers names stand for, and whom base images switch to."""

from collections.abc import Iterator
from typing import Final, cast

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
        number = _numbers_given(one).get(name)
        if number is not None:
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


def _numbers_given(stage: Stage) -> dict[str, str]:
    """Return the numbers that a stage's commands give, by the words of the commands."""
    known = stage.kept.get(_numbers_given)
    if known is None:
        known = stage.kept[_numbers_given] = dict(_numbers_of(stage))
    return cast("dict[str, str]", known)


def _numbers_of(stage: Stage) -> Iterator[tuple[str, str]]:
    """Yield words and numbers, the first of a word last; of one instruction a word's first number counts."""
    for instruction in reversed(stage.instructions):
        if "useradd" in instruction.tools or "adduser" in instruction.tools:
            first: dict[str, str] = {}
            for command in instruction.commands:
                number = command.option("-u", "--uid") if _is_adding(command) else None
                if number:
                    for word in command.texts:
                        first.setdefault(word, number)
            for word, found in first.items():
                number = stage.expand(found)
                if number is not None and number.isdigit():
                    yield word, number


def _is_adding(command: ShellCommand) -> bool:
    return command.name.rpartition("/")[2] in ("useradd", "adduser")
