"""Fly.io: `fly.toml`."""

from collections.abc import Iterator

from rollsafe.artefacts.platforms.service import (
    Image,
    PlatformService,
    StartCommand,
    Variable,
    command_of,
    image_at,
    variables_in,
)
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, Tree
from rollsafe.text.cached import cached_property


class FlyApp(PlatformService):
    """An app on Fly.io."""

    platform = "Fly.io"

    @property
    def name(self) -> str:
        """The app's name, else the file's: it may be given on the command line."""
        return self.node.text_at("app") or self.file.name

    @property
    def start_commands(self) -> tuple[StartCommand, ...]:
        """The commands of `[processes]`, or the one that replaces the image's."""
        processes = self.node.map_at("processes")
        named = [command_of(entry.value, entry.name) for entry in processes.entries] if processes else []
        named.append(command_of(self.node.at("experimental", "cmd"), "app"))
        return tuple(one for one in named if one is not None)

    @property
    def release_command(self) -> Node | None:
        """`deploy.release_command`."""
        return self.node.at("deploy", "release_command")

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Those of `[env]`."""
        return tuple(variables_in(self.node.at("env")))

    @property
    def images(self) -> tuple[Image, ...]:
        """The image of `[build]`."""
        return image_at(self.node.at("build", "image"))

    @cached_property
    def services(self) -> tuple[Mapping, ...]:
        """`[http_service]` and each of `[[services]]`: what Fly's proxy sends requests to."""
        found = [self.node.at("http_service"), *self.node.items_at("services")]
        return tuple(one for one in found if isinstance(one, Mapping))

    @property
    def has_checks(self) -> bool:
        """Whether any check exists, of a service or of the machine."""
        keys = ("checks", "http_checks", "tcp_checks", "machine_checks")
        return self.node.at("checks") is not None or any(
            service.at(key) is not None for service in self.services for key in keys
        )

    @cached_property
    def internal_port(self) -> Scalar | None:
        """The port requests are sent to; None where there is not one alone."""
        ports = [one for service in self.services if isinstance(one := service.at("internal_port"), Scalar)]
        return ports[0] if len(ports) == 1 else None

    @property
    def strategy(self) -> Scalar | None:
        """`deploy.strategy`."""
        node = self.node.at("deploy", "strategy")
        return node if isinstance(node, Scalar) else None

    @property
    def auto_rollback(self) -> Scalar | None:
        """`experimental.auto_rollback`."""
        node = self.node.at("experimental", "auto_rollback")
        return node if isinstance(node, Scalar) else None

    @property
    def dockerfile(self) -> str | None:
        """The path of the Dockerfile it is built from, in the repository; None when it is built otherwise."""
        build = self.node.map_at("build")
        if build is not None and any(build.at(key) is not None for key in ("image", "builder", "buildpacks")):
            return None
        named = self.node.text_at("build", "dockerfile") or "Dockerfile"
        path = f"{self.file.directory}/{named}" if self.file.directory else named
        return None if ".." in path.split("/") else path.replace("/./", "/").removeprefix("./")


def read(file: SourceFile, tree: Tree) -> Iterator[PlatformService]:
    """Yield the app of a `fly.toml`."""
    root = tree.documents[0] if tree.documents else None
    if isinstance(root, Mapping) and any(root.at(key) is not None for key in _TELLING):
        title = root.key_at("app") or root.entries[0].key
        yield FlyApp(file, root, title, is_templated=tree.templated)


_TELLING = ("app", "http_service", "services", "deploy", "primary_region", "processes")
