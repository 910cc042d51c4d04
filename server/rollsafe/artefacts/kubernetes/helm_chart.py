"""A Helm chart as its Chart.yaml describes it."""

from collections.abc import Iterable
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Tree
from rollsafe.text.cached import cached_property
from rollsafe.text.tuples import NamedTuple

_NAMES: Final = frozenset({"Chart.yaml", "Chart.yml"})


class ChartDependency(NamedTuple):
    """Another chart this one brings along."""

    name: str
    version: str
    repository: str
    condition: str | None
    node: Node


class HelmChart(Element):
    """A chart; its templates and values lie below `directory`."""

    family = "kubernetes"

    def __init__(self, file: SourceFile, root: Mapping) -> None:
        super().__init__(file, root.start, root.end)
        self.root = root

    @property
    def directory(self) -> str:
        """The chart's directory; empty at the root."""
        return self.file.directory

    @property
    def name(self) -> str:
        """The chart's name; empty when absent."""
        return self.root.text_at("name") or ""

    @property
    def version(self) -> str:
        """The chart's version as written; empty when absent."""
        return self.root.text_at("version") or ""

    @property
    def app_version(self) -> str | None:
        """The version of what the chart deploys."""
        return self.root.text_at("appVersion")

    @property
    def is_library(self) -> bool:
        """Whether the chart deploys nothing by itself."""
        return self.root.text_at("type") == "library"

    @cached_property
    def dependencies(self) -> tuple[ChartDependency, ...]:
        """The charts it brings along."""
        return tuple(
            ChartDependency(
                name=node.text_at("name") or "",
                version=node.text_at("version") or "",
                repository=node.text_at("repository") or "",
                condition=node.text_at("condition"),
                node=node,
            )
            for node in self.root.items_at("dependencies")
        )

    def graph_keys(self) -> Iterable[str]:
        """Return `chart:name` and `dir:` the chart's directory."""
        return (f"chart:{self.name}", f"dir:{self.directory}")


class HelmChartFile(Artefact):
    """The view of a Chart.yaml."""

    kind: ClassVar[str] = "helm-chart"


def recognise_chart(file: SourceFile, tree: Tree) -> HelmChartFile | None:
    """Return the view of a Chart.yaml; other files of a chart are seen as what they hold."""
    if file.name not in _NAMES:
        return None
    root = next((node for node in tree.documents if isinstance(node, Mapping)), None)
    if root is None or root.at("name") is None:
        return None
    return HelmChartFile(file, [HelmChart(file, root)], tree.problems)
