"""Cloud Run: services as `gcloud run services replace` takes them."""

from collections.abc import Iterator

from rollsafe.artefacts.cloud_run import is_cloud_run
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
from rollsafe.formats.nodes import Mapping, Scalar, Tree
from rollsafe.text.cached import cached_property


class CloudRunService(PlatformService):
    """A service on Cloud Run."""

    platform = "Cloud Run"

    @property
    def name(self) -> str:
        """The service's name."""
        return self.node.text_at("metadata", "name") or self.file.name

    @cached_property
    def containers(self) -> tuple[Mapping, ...]:
        """The containers of a new revision."""
        items = self.node.items_at("spec", "template", "spec", "containers")
        return tuple(one for one in items if isinstance(one, Mapping))

    @property
    def start_commands(self) -> tuple[StartCommand, ...]:
        """The commands that replace those of the images."""
        found = (command_of(one.at("command"), one.text_at("name") or self.name) for one in self.containers)
        return tuple(one for one in found if one is not None)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Those of all containers."""
        items = [item for one in self.containers for item in one.items_at("env")]
        return tuple(listed_variables(items, "name", "value"))

    @property
    def images(self) -> tuple[Image, ...]:
        """The images of the containers."""
        return tuple(image for one in self.containers for image in image_at(one.at("image")))

    @cached_property
    def traffic(self) -> tuple[Mapping, ...]:
        """Who gets which part of the requests; empty where all go to the newest revision."""
        return tuple(one for one in self.node.items_at("spec", "traffic") if isinstance(one, Mapping))

    @property
    def pinned(self) -> Scalar | None:
        """The first revision named for requests where none are left for a new one; else None.

        A share or a tag for the latest revision says that somebody looks at it.
        """
        if self.is_templated or not self.traffic:
            return None
        names = [one.at("revisionName") for one in self.traffic]
        named = [one for one in names if isinstance(one, Scalar) and not one.is_null and "$" not in one.text]
        return named[0] if len(named) == len(self.traffic) else None


def read(file: SourceFile, tree: Tree) -> Iterator[PlatformService]:
    """Yield the services of a file."""
    for root in tree.documents:
        if isinstance(root, Mapping) and is_cloud_run(root):
            title = root.at("metadata", "name") or root
            yield CloudRunService(file, root, title, is_templated=tree.templated)
