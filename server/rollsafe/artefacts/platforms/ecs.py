"""ECS: task definitions and services, as JSON for the command line or as resources of CloudFormation."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.platforms.service import (
    Image,
    PlatformService,
    StartCommand,
    Variable,
    command_of,
    image_at,
    listed_variables,
)
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, Tree
from rollsafe.text import Located
from rollsafe.text.patterns import lazily

_TASK: Final = "AWS::ECS::TaskDefinition"
_SERVICE: Final = "AWS::ECS::Service"
_TEMPLATE_TAG = lazily(r"\{\{(?!resolve:)|\{%")
"""What something fills in before CloudFormation reads the file; `{{resolve:…}}` is a value of its own."""


class EcsElement(PlatformService):
    """Something of ECS; CloudFormation begins its keys with capitals, and the command line does not."""

    platform = "ECS"

    def __init__(
        self,
        file: SourceFile,
        node: Mapping,
        title: Located,
        name: str,
        *,
        is_templated: bool,
        is_resource: bool,
    ) -> None:
        super().__init__(file, node, title, is_templated=is_templated)
        self.is_resource = is_resource
        self._name = name

    @property
    def name(self) -> str:
        """The name it has in the file, else the file's."""
        return self._name or self.file.name

    def key(self, name: str) -> str:
        """Return a key, given as the command line has it, as this file writes it."""
        return name[:1].upper() + name[1:] if self.is_resource else name

    def find(self, *path: str) -> Node | None:
        """Return what is at a path, given as the command line has it."""
        return self.node.at(*map(self.key, path))


class EcsContainer(EcsElement):
    """A container of a task definition."""

    @property
    def start_commands(self) -> tuple[StartCommand, ...]:
        """The command that replaces the image's."""
        found = command_of(self.find("command"), self.name)
        return (found,) if found is not None else ()

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Those of `environment`; `secrets` are kept elsewhere."""
        items = self.node.items_at(self.key("environment"))
        return tuple(listed_variables(items, self.key("name"), self.key("value")))

    @property
    def images(self) -> tuple[Image, ...]:
        """Its image."""
        return image_at(self.find("image"))


class EcsService(EcsElement):
    """A service: how many tasks run, and how a new release replaces them."""

    @property
    def is_rolling(self) -> bool:
        """Whether ECS itself replaces the tasks a few at a time."""
        controller = self.find("deploymentController")
        strategy = self.find("deploymentConfiguration", "strategy")
        if controller is not None and controller.text_at(self.key("type")) != "ECS":
            return False
        return strategy is None or (isinstance(strategy, Scalar) and strategy.text == "ROLLING")

    @property
    def is_daemon(self) -> bool:
        """Whether each machine runs one task, or that is not known."""
        strategy = self.find("schedulingStrategy")
        return strategy is not None and not (isinstance(strategy, Scalar) and strategy.text == "REPLICA")

    @property
    def desired_count(self) -> int | None:
        """How many tasks run; None if it is not written as a number."""
        return self.number("desiredCount")

    def number(self, *path: str) -> int | None:
        """Return the whole number at a path, quoted or not."""
        node = self.find(*path)
        if isinstance(node, Scalar) and node.text.isascii() and node.text.isdigit() and len(node.text) < 10:
            return int(node.text)
        return None


def read(file: SourceFile, tree: Tree) -> Iterator[PlatformService]:
    """Yield the containers and services of a template, or of a file for `aws ecs`."""
    is_templated = tree.templated and _TEMPLATE_TAG.search(file.text) is not None
    for root in tree.documents:
        if not isinstance(root, Mapping):
            continue
        resources = root.map_at("Resources")
        if resources is not None:
            yield from _resources(file, resources, is_templated=is_templated)
            continue
        held = root.map_at("taskDefinition") or root
        yield from _containers(file, held, is_templated=is_templated, is_resource=False)
        name = root.at("serviceName")
        if isinstance(name, Scalar) and root.at("taskDefinition") is not None:
            told = {"is_templated": is_templated, "is_resource": False}
            yield EcsService(file, root, name, name.text, **told)


def _resources(file: SourceFile, resources: Mapping, *, is_templated: bool) -> Iterator[PlatformService]:
    for entry in resources.entries:
        properties = entry.value.map_at("Properties")
        if properties is None:
            continue
        kind = entry.value.text_at("Type")
        if kind == _TASK:
            yield from _containers(file, properties, is_templated=is_templated, is_resource=True)
        elif kind == _SERVICE:
            told = {"is_templated": is_templated, "is_resource": True}
            yield EcsService(file, properties, entry.key, entry.name, **told)


def _containers(
    file: SourceFile, holder: Mapping, *, is_templated: bool, is_resource: bool
) -> Iterator[PlatformService]:
    key, name = ("ContainerDefinitions", "Name") if is_resource else ("containerDefinitions", "name")
    for item in holder.items_at(key):
        if isinstance(item, Mapping) and item.entries:
            title = item.at(name) or item.entries[0].key
            told = {"is_templated": is_templated, "is_resource": is_resource}
            yield EcsContainer(file, item, title, item.text_at(name) or "", **told)
