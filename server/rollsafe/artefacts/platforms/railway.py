"""Railway: `railway.json` and `railway.toml`."""

from collections.abc import Iterator

from rollsafe.artefacts.platforms.service import (
    PlatformService,
    Schedule,
    StartCommand,
    command_of,
    scheduled,
)
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Tree


class RailwayService(PlatformService):
    """The one service a file is about."""

    platform = "Railway"

    @property
    def deploy(self) -> Mapping | None:
        """What is said about deploying."""
        return self.node.map_at("deploy")

    @property
    def start_commands(self) -> tuple[StartCommand, ...]:
        """`startCommand`, but for a cron job, of which there is one at a time."""
        found = command_of(self.node.at("deploy", "startCommand"), "")
        return (found,) if found is not None and not self.schedules else ()

    @property
    def release_command(self) -> Node | None:
        """`preDeployCommand`."""
        return self.node.at("deploy", "preDeployCommand")

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """`cronSchedule`."""
        return scheduled(self.node.at("deploy", "cronSchedule"), "the service")


def read(file: SourceFile, tree: Tree) -> Iterator[PlatformService]:
    """Yield the service of a file that says how to build or deploy one."""
    root = tree.documents[0] if tree.documents else None
    if isinstance(root, Mapping) and (root.map_at("deploy") or root.map_at("build")):
        title = root.key_at("deploy") or root.key_at("build") or root
        yield RailwayService(file, root, title, is_templated=tree.templated)
