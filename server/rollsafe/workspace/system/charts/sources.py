"""The files of charts: templates, values for each environment, and what pipelines add to them."""

import re
from collections.abc import Iterable, Iterator
from posixpath import basename, dirname, normpath
from typing import Final

from rollsafe.artefacts.github_workflow import Workflow
from rollsafe.artefacts.kubernetes import HelmChart
from rollsafe.artefacts.paths import project_path
from rollsafe.artefacts.recognition import EnvironmentKind, environment_of
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.delivery import directory_of, release_of
from rollsafe.workspace.pipelines import activities_of
from rollsafe.workspace.system.facts import Place, place_of
from rollsafe.workspace.system.services import environment_named
from rollsafe.workspace.view import View

_MOST_TEMPLATES: Final = 300
_MOST_VALUES: Final = 16
_LARGEST: Final = 300_000
_DEEPEST: Final = 4
_TEMPLATE = lazily(r"\.(?:ya?ml|tpl)\Z")
_PRINTED = lazily(r"(?:^|/)templates/(?!tests/)(?:.*/)?(?!_)[^/]*\.ya?ml\Z")
_VALUES = lazily(r"(?:values[-._](?P<after>[\w.-]+?)|(?P<before>[\w.-]+?)[-._]values)\.ya?ml\Z", re.I)
_FOLDERS: Final = frozenset({"values", "env", "envs", "environments"})
_ASIDE: Final = frozenset({"ci", "test", "tests", "example", "examples", "schema"})


class Source(NamedTuple):
    """A file by its path and text."""

    path: str
    text: str


class Part(NamedTuple):
    """A chart another brings along; `chart` is its source where the repository has it."""

    name: str
    version: str
    key: str
    condition: str
    place: Place
    chart: "ChartSource | None"


class ChartSource(NamedTuple):
    """Everything a chart is rendered from.

    `about` are name, version and app version. `settings` are the values files of environments by label,
    `given` the keys that pipelines set when they release it, `release` the name they do it under. `schema`
    says which values there may be.
    """

    directory: str
    about: tuple[tuple[str, str], ...]
    place: Place
    values: Source | None
    templates: tuple[Source, ...]
    parts: tuple[Part, ...]
    settings: tuple[tuple[str, Source], ...]
    release: str
    given: tuple[tuple[str, Place], ...]
    schema: Source | None = None

    @property
    def name(self) -> str:
        """The name of the chart."""
        return self.about[0][1]

    @property
    def files(self) -> "Iterator[Source]":
        """The files it and those it brings along are rendered from."""
        yield from self.templates
        if self.values is not None:
            yield self.values
        if self.schema is not None:
            yield self.schema
        yield from (setting for _, setting in self.settings)
        for part in self.parts:
            if part.chart is not None:
                yield from part.chart.files

    @property
    def template_paths(self) -> Iterator[str]:
        """The paths of its templates and of those it brings along."""
        yield from (template.path for template in self.templates)
        for part in self.parts:
            if part.chart is not None:
                yield from part.chart.template_paths


class _Released(NamedTuple):
    """A command of a pipeline that releases a chart."""

    directory: str
    release: str
    values: tuple[str, ...]
    given: tuple[tuple[str, Place], ...]


def charts_of(view: View) -> tuple[ChartSource, ...]:
    """Return the charts of a project; those that others bring along are parts of them."""
    reader = ChartReader(view)
    return tuple(reader.source(one) for one in reader.tops())


class ChartReader:
    """Reads the files of a project's charts; which there are is looked up once."""

    def __init__(self, view: View) -> None:
        self.view = view
        charts = self.charts = {chart.directory: chart for chart in view.elements(HelmChart)}
        self._listed: dict[str, list[str]] = {}
        if not charts:
            return
        self.released = list(_released(view))
        self.below: dict[str, list[str]] = {}
        for path in sorted(view.paths):
            if path.endswith((".yaml", ".yml", ".tpl")):
                for directory in charts:
                    if path.startswith(f"{directory}/" if directory else ""):
                        self.below.setdefault(directory, []).append(path)

    def tops(self) -> list[HelmChart]:
        """Return the charts that no other brings along, libraries left out."""
        inner = {path for one in self.charts.values() for path in self.brought_by(one).values()}
        return [one for path, one in self.charts.items() if path not in inner and not one.is_library]

    def source(self, chart: HelmChart, depth: int = 0) -> ChartSource:
        """Return everything a chart is rendered from."""
        here = chart.directory
        about = (("name", chart.name), ("version", chart.version), ("appVersion", chart.app_version or ""))
        released = [one for one in self.released if one.directory == here]
        return ChartSource(
            here,
            about,
            place_of(chart.file, chart.root),
            self._read(_join(here, "values.yaml")) or self._read(_join(here, "values.yml")),
            tuple(self._templates(here)),
            tuple(self._parts(chart, depth)),
            tuple(self._settings(chart, released)) if depth == 0 else (),
            next((one.release for one in released if one.release), ""),
            tuple(dict.fromkeys(key for one in released for key in one.given)),
            self._read(_join(here, "values.schema.json")),
        )

    def brought_by(self, chart: HelmChart) -> dict[str, str]:
        """Return the charts of the repository that one brings along: their directories by name."""
        prefix = _join(chart.directory, "charts/")
        found = {basename(path): path for path in self.charts if dirname(path) == prefix.rstrip("/")}
        for one in chart.dependencies:
            if one.repository.startswith("file://"):
                path = normpath(_join(chart.directory, one.repository.removeprefix("file://")))
                if path in self.charts and path != chart.directory:
                    found[one.name] = path
        return found

    def _parts(self, chart: HelmChart, depth: int) -> Iterator[Part]:
        local = self.brought_by(chart)
        for one in chart.dependencies:
            key = one.node.text_at("alias") or one.name
            inner = self._inner(local.pop(one.name, None), depth)
            yield Part(one.name, one.version, key, one.condition or "", place_of(chart.file, one.node), inner)
        for name, path in sorted(local.items()):
            inner = self._inner(path, depth)
            if inner is not None:
                yield Part(name, "", name, "", inner.place, inner)

    def _inner(self, directory: str | None, depth: int) -> ChartSource | None:
        chart = self.charts.get(directory) if directory is not None else None
        return self.source(chart, depth + 1) if chart is not None and depth < _DEEPEST else None

    def _templates(self, directory: str) -> Iterator[Source]:
        home = _join(directory, "templates/")
        paths = [path for path in self.below.get(directory, ()) if path.startswith(home)]
        for path in [path for path in paths if _TEMPLATE.search(path)][:_MOST_TEMPLATES]:
            found = self._read(path)
            if found is not None:
                yield found

    def _settings(self, chart: HelmChart, released: Iterable[_Released]) -> Iterator[tuple[str, Source]]:
        if chart.directory not in self._listed:
            self._listed[chart.directory] = list(self._values_files(chart.directory))
        paths = dict.fromkeys(self._listed[chart.directory])
        paths.update(dict.fromkeys(path for one in released for path in one.values))
        found: dict[str, Source] = {}
        for path in sorted(paths)[:_MOST_VALUES]:
            source = self._read(path)
            if source is not None and path != _join(chart.directory, "values.yaml"):
                label = label_of(path)
                found.setdefault(label if label not in found else path, source)
        yield from found.items()

    def _values_files(self, directory: str) -> Iterator[str]:
        """Yield the files that look like values of a chart for one environment, by where they lie."""
        homes = {directory}
        above = dirname(directory)
        if above and [dirname(one) for one in self.charts].count(above) == 1:
            homes.add(above)
        for path in sorted(self.view.paths):
            home, name = dirname(path), basename(path)
            if not name.endswith((".yaml", ".yml")) or _ASIDE.intersection(re.split(r"[-._/]", path)):
                continue
            is_beside = home in homes and _VALUES.match(name) is not None
            is_in_folder = basename(home) in _FOLDERS and dirname(home) in homes
            folder = dirname(home)
            is_deeper = (
                basename(folder) in _FOLDERS and dirname(folder) in homes and name.startswith("values.")
            )
            if is_beside or is_in_folder or is_deeper:
                yield path

    def _read(self, path: str) -> Source | None:
        file = self.view.read(path) if path in self.view.paths else None
        return Source(path, file.text) if file is not None and len(file.text) <= _LARGEST else None


def label_of(path: str) -> str:
    """Return the name of the environment a values file is for; its own name where that says none."""
    name = basename(path)
    match = _VALUES.match(name)
    word = (match["after"] or match["before"]) if match is not None else name.rpartition(".")[0]
    if word == "values":
        word = basename(dirname(path))
    is_known = environment_of(word) is not EnvironmentKind.UNKNOWN
    return environment_named(word) if is_known else name


def is_printed(path: str) -> bool:
    """Say whether a template is rendered to manifests; others only define what those use."""
    return _PRINTED.search(path) is not None


def _join(directory: str, name: str) -> str:
    return f"{directory}/{name}" if directory else name


# What pipelines say ------------------------------------------------------------------------------


def _released(view: View) -> Iterator[_Released]:
    for workflow in view.elements(Workflow):
        for job in workflow.jobs:
            for act in activities_of(job, view.graph):
                command, directory = act.raw, directory_of(act)
                if act.classification.tool != "helm" or command is None or directory is None:
                    continue
                found = release_of(command)
                path = project_path(directory, found[1]) if found is not None else None
                if found is not None and path is not None:
                    where = place_of(act.file, act.where)
                    values = (project_path(directory, one) for one in command.option_values("-f", "--values"))
                    given = command.option_values("--set", "--set-string", "--set-file", "--set-json")
                    release = found[0] if "$" not in found[0] and "{" not in found[0] else ""
                    yield _Released(
                        path,
                        release,
                        tuple(one for one in values if one is not None),
                        tuple((key, where) for one in given for key in _keys_of(one)),
                    )


def _keys_of(given: str) -> Iterator[str]:
    """Yield the keys in `a.b=1,c=2`; what they are set to is not told."""
    for part in given.split(","):
        key, sign, _ = part.partition("=")
        if sign and key and "[" not in key:
            yield key.strip()
