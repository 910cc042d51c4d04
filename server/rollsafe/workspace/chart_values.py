"""Values of a chart across its files: what templates read, and what values files define."""

from functools import lru_cache
from typing import Final

from rollsafe.artefacts.kubernetes import ChartTemplate, ChartValues, HelmChart
from rollsafe.artefacts.kubernetes.chart_files import ValuePath
from rollsafe.text.records import open_record
from rollsafe.workspace.graph import Graph

_READ: Final = (".yaml", ".yml", ".tpl", "/NOTES.txt")
_FOLDERS: Final = ("values", "environments", "envs", "env", "config", "ci")


@open_record
class ChartView:
    """A chart with its templates and the files that define its values; `paths` lie in its templates."""

    chart: HelmChart
    templates: tuple[ChartTemplate, ...]
    values: tuple[ChartValues, ...]
    paths: tuple[str, ...]

    @property
    def defaults(self) -> ChartValues | None:
        """The values of the chart itself."""
        return next((one for one in self.values if one.is_default and self._is_own(one)), None)

    @property
    def is_readable(self) -> bool:
        """Whether everything that may read values is read."""
        return all(path.endswith(_READ) for path in self.paths)

    def defines(self, path: ValuePath) -> bool:
        """Say whether any values file has, or may have, a value."""
        return any(one.defines(path) for one in self.values)

    def reads(self, path: ValuePath) -> bool:
        """Say whether a template reads a value, one it is part of, or a part of it."""
        used = (use.path for one in self.templates for use in one.uses)
        return any(path[: len(one)] == one or one[: len(path)] == path for one in used)

    def _is_own(self, values: ChartValues) -> bool:
        return values.file.directory == self.chart.directory


def chart_at(directory: str, graph: Graph) -> ChartView | None:
    """Return the chart of a directory whose values are all written here; None for any other.

    A library's values are its users', a subchart's are given by the chart above it, and a chart that brings
    others along may have values for these.
    """
    chart = graph.first(HelmChart, f"dir:{directory}")
    if chart is None or chart.is_library or chart.dependencies or _is_brought(chart, graph):
        return None
    above = directory.rpartition("/")[0]
    homes = dict.fromkeys((directory, above) if len(_charts_below(above, graph)) == 1 else (directory,))
    values = [one for home in homes for one in graph.find(ChartValues, f"values:{home}")]
    below = f"{directory}/" if directory else ""
    folders = tuple(f"{home}/{name}/".lstrip("/") for home in homes for name in _FOLDERS)
    if _inside(graph.paths(), (*folders, f"{below}charts/")):
        return None
    paths = _inside(graph.paths(), (f"{below}templates/",))
    return ChartView(chart, graph.find(ChartTemplate, f"template:{directory}"), tuple(values), paths)


def chart_of_values(values: ChartValues, graph: Graph) -> ChartView | None:
    """Return the chart that a values file is for: of its own directory, or the only one right below."""
    here = values.file.directory
    if graph.find(HelmChart, f"dir:{here}"):
        return chart_at(here, graph)
    charts = _charts_below(here, graph)
    return chart_at(charts[0].directory, graph) if len(charts) == 1 and not values.is_default else None


@lru_cache(maxsize=64)
def _inside(paths: frozenset[str], homes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the paths inside of directories; kept, since names change more rarely than texts."""
    return tuple(path for path in paths if path.startswith(homes))


def _charts_below(directory: str, graph: Graph) -> list[HelmChart]:
    return [one for one in graph.every(HelmChart, "dir:") if one.directory.rpartition("/")[0] == directory]


def _is_brought(chart: HelmChart, graph: Graph) -> bool:
    parts = chart.directory.split("/")
    if len(parts) > 1 and parts[-2] == "charts" and graph.find(HelmChart, f"dir:{'/'.join(parts[:-2])}"):
        return True
    every = graph.every(HelmChart, "chart:")
    return any(part.name == chart.name for one in every for part in one.dependencies)
