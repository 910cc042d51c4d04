"""App Engine: `app.yaml`."""

from collections.abc import Iterator

from rollsafe.artefacts.platforms.service import (
    PlatformService,
    StartCommand,
    Variable,
    command_of,
    variables_in,
)
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Tree

_TELLING = (
    "handlers",
    "entrypoint",
    "service",
    "env",
    "env_variables",
    "instance_class",
    "automatic_scaling",
)


class AppEngineService(PlatformService):
    """A service on App Engine."""

    platform = "App Engine"

    @property
    def name(self) -> str:
        """The service's name; the first one of an app is `default`."""
        return self.node.text_at("service") or "default"

    @property
    def start_commands(self) -> tuple[StartCommand, ...]:
        """`entrypoint`."""
        found = command_of(self.node.at("entrypoint"), self.name)
        return (found,) if found is not None else ()

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Those of `env_variables`."""
        return tuple(variables_in(self.node.at("env_variables")))


def read(file: SourceFile, tree: Tree) -> Iterator[PlatformService]:
    """Yield the service of an `app.yaml` that names a runtime and something else App Engine knows."""
    root = tree.documents[0] if tree.documents else None
    if isinstance(root, Mapping) and root.text_at("runtime") and any(root.at(key) for key in _TELLING):
        title = root.key_at("runtime") or root
        yield AppEngineService(file, root, title, is_templated=tree.templated)
