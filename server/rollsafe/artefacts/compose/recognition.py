"""Telling Compose files from other YAML with such a name."""

import re
from typing import Final

from rollsafe.artefacts.base import Artefact
from rollsafe.artefacts.compose.file import ComposeFile
from rollsafe.artefacts.compose.values import entries_of
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Tree, resolve
from rollsafe.text.patterns import lazily

_NAME = lazily(r".*compose.*\.ya?ml\Z|(?:.*[._-])?docker[._-]stack.*\.ya?ml\Z", re.I)
_CANONICAL = lazily(r"(?:docker-|podman-)?compose(?:[._-].*)?\.ya?ml\Z", re.I)
_FOREIGN: Final = frozenset({"apiVersion", "jobs", "stages", "openapi", "asyncapi", "on", "kind"})
_TOP_LEVEL: Final = frozenset({"include", "networks", "volumes", "secrets", "configs"})
_SERVICE_KEYS: Final = frozenset(
    {
        *("image", "build", "command", "entrypoint", "environment", "env_file", "ports", "expose"),
        *("volumes", "depends_on", "healthcheck", "restart", "deploy", "networks", "extends"),
        *("container_name", "profiles", "labels", "logging", "secrets", "configs", "develop"),
        *("network_mode", "privileged", "provider"),
    }
)


class ComposeArtefact(Artefact):
    """A Compose file: the file, its services and its variables as elements."""

    kind = "compose"

    def __init__(self, compose: ComposeFile) -> None:
        elements = (compose, *compose.services.values(), *compose.variables)
        super().__init__(compose.file, elements, compose.problems)
        self.compose = compose


def recognise(file: SourceFile, tree: Tree) -> ComposeArtefact | None:
    """Return the view of a Compose file; None when name or content say that it is something else."""
    if _NAME.match(file.name) is None:
        return None
    for root in tree.documents:
        if isinstance(root, Mapping) and _reads_so(file.name, root):
            return ComposeArtefact(ComposeFile(file, tree, root))
    return None


def _reads_so(name: str, root: Mapping) -> bool:
    keys = set(root.keys())
    if keys & _FOREIGN:
        return False
    if "services" not in keys:
        return bool(keys & _TOP_LEVEL) and _CANONICAL.match(name) is not None
    values = [resolve(entry.value) for entry in entries_of(root.at("services"))]
    if any(isinstance(value, Mapping) and _looks_like_service(value) for value in values):
        return True
    # A service without a telling key is one that is being typed, where the name leaves no doubt.
    return _CANONICAL.match(name) is not None


def _looks_like_service(value: Mapping) -> bool:
    return any(value.value(key) is not None for key in _SERVICE_KEYS)
