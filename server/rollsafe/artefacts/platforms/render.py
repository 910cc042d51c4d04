"""Render: `render.yaml`, a blueprint of services."""

from collections.abc import Iterator

from rollsafe.artefacts.platforms.service import (
    Image,
    PlatformService,
    Schedule,
    StartCommand,
    Variable,
    command_of,
    image_at,
    listed_variables,
    scheduled,
)
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Tree

_TYPES = frozenset({"web", "worker", "pserv", "cron", "static", "keyvalue", "redis"})


class RenderService(PlatformService):
    """A service of a blueprint."""

    platform = "Render"
    groups: tuple[Node, ...] = ()
    """The groups of variables of the blueprint."""

    @property
    def type(self) -> str:
        """What kind of service it is, such as `web`."""
        return self.node.text_at("type") or ""

    @property
    def is_static(self) -> bool:
        """Whether it is a site of files that nothing has to start for."""
        return self.type == "static" or "static" in (self.node.text_at("runtime"), self.node.text_at("env"))

    @property
    def start_commands(self) -> tuple[StartCommand, ...]:
        """`startCommand` or `dockerCommand`, but for a cron job, of which there is one at a time."""
        if self.type == "cron":
            return ()
        found = (command_of(self.node.at(key), self.name) for key in ("startCommand", "dockerCommand"))
        return tuple(one for one in found if one is not None)

    @property
    def release_command(self) -> Node | None:
        """`preDeployCommand`."""
        return self.node.at("preDeployCommand")

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Those of `envVars` with a value."""
        return tuple(listed_variables(self.node.items_at("envVars"), "key", "value"))

    @property
    def given(self) -> frozenset[str] | None:
        """The names of all variables it is given; None where a group is not written in the file."""
        names: set[str] = set()
        known = {one.text_at("name"): one for one in self.groups}
        for item in self.node.items_at("envVars"):
            group = item.text_at("fromGroup")
            if group is not None and group not in known:
                return None
            held = known[group].items_at("envVars") if group is not None else [item]
            names.update(key for one in held if (key := one.text_at("key")))
        return frozenset(names)

    @property
    def images(self) -> tuple[Image, ...]:
        """The image that is pulled."""
        return image_at(self.node.at("image", "url"))

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """The schedule of a cron job."""
        return scheduled(self.node.at("schedule"), self.name) if self.type == "cron" else ()


def read(file: SourceFile, tree: Tree) -> Iterator[PlatformService]:
    """Yield the services of a blueprint, those of its projects too."""
    for root in tree.documents:
        holders = [root]
        for project in root.items_at("projects"):
            holders += project.items_at("environments")
        for holder in holders:
            for item in holder.items_at("services"):
                if isinstance(item, Mapping) and item.text_at("type") in _TYPES:
                    title = item.at("name") or item.entries[0].key
                    service = RenderService(file, item, title, is_templated=tree.templated)
                    service.groups = (*root.items_at("envVarGroups"), *holder.items_at("envVarGroups"))
                    yield service
