"""The charts of a project, and what rules find in what they render to."""

from collections.abc import Callable, Iterable, Mapping
from posixpath import basename
from typing import TypeAlias

from rollsafe.artefacts.base import Artefact
from rollsafe.artefacts.github_workflow import Workflow
from rollsafe.artefacts.kubernetes import HelmChart
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.charts.chart import Chart, Key, Told
from rollsafe.engine.found import Found
from rollsafe.engine.judging import Judge
from rollsafe.rules import Level
from rollsafe.text.records import entity, field, replace
from rollsafe.workspace.graph import Graph, GraphStore
from rollsafe.workspace.questions import Question
from rollsafe.workspace.snapshot import Snapshot
from rollsafe.workspace.system.charts.sources import ChartReader
from rollsafe.workspace.view import View

Artefacts: TypeAlias = Callable[[str], Artefact | None]
"""Returns the view of a file by its path."""


@entity
class Charts:
    """Follows a project from snapshot to snapshot; costs nothing where there is no chart."""

    judge: Judge
    store: GraphStore
    judges: Callable[[str], bool]
    """Says for which paths findings are wanted."""

    _reader: ChartReader | None = None
    _charts: dict[str, Chart] = field(default_factory=dict[str, Chart])
    _files: Mapping[str, SourceFile] = field(default_factory=dict[str, SourceFile])
    _paths: frozenset[str] = frozenset()

    def update(
        self,
        snapshot: Snapshot,
        artefacts: Artefacts,
        edited: Iterable[str],
        questions: set[Question],
        *,
        in_haste: bool,
    ) -> set[str]:
        """Bring charts up to a snapshot; return the paths of files in which other things are found.

        `in_haste` puts off what takes long; then they are waiting.
        """
        self._files = snapshot.files
        changed, found = set(edited), set[str]()
        reader = self._reader
        if reader is None or self._is_outdated(reader, snapshot, artefacts, changed, questions):
            reader, found = self._look_around(snapshot, artefacts)
            changed.update(snapshot.files)
        for directory, chart in self._charts.items():
            source = chart.source
            if source is None or chart.is_waiting or any(one.path in changed for one in source.files):
                source = reader.source(reader.charts[directory])
            if chart.source is None and not any(self.judges(one.path) for one in source.files):
                continue
            found |= chart.update(source, snapshot.files, questions, in_haste=in_haste)
        return found

    @property
    def are_waiting(self) -> bool:
        """Whether something was put off."""
        return any(chart.is_waiting for chart in self._charts.values())

    def applied(self, path: str, written: list[Found]) -> list[Found]:
        """Return what is found in a file as it is written, as far as it matters.

        What stands in a part of a template that no environment has is for those who like hygiene.
        """
        of_it = [one for one in self._charts.values() if one.source is not None and one.has(path)]
        if not of_it:
            return written
        kept = (
            one if _is_of_tags(one) or any(each.prints(path, one.span) for each in of_it) else _less(one)
            for one in written
        )
        return [one for one in kept if self.judge.allows(one.level)]

    def findings(
        self, path: str, written: Iterable[Found], elsewhere: Callable[[str], list[Found]]
    ) -> list[Found]:
        """Return what is found in rendered text and written in a file; `written` is what is found anyway.

        `elsewhere` returns what is found in any other file as it is written.
        """
        own = [one for chart in self._charts.values() for one in chart.found(path)]
        rows = [(chart, rows) for chart in self._charts.values() if (rows := chart.told.get(path))]
        if not rows:
            return own
        known = {(one.rule.name, one.file.line_number(one.span)) for one in written}
        found: dict[tuple[str, int, int], Found] = {}
        for chart, by_key in rows:
            for key in sorted(by_key):
                for told in by_key[key]:
                    one, line = told.placed
                    mark = one.rule.name, one.span.start, one.span.end
                    if one.path != key[2] and _is_told(one, line, elsewhere(key[2])):
                        continue
                    if (one.rule.name, line) not in known and mark not in found:
                        found[mark] = _named(told, key, chart)
        return [*own, *found.values()]

    def _is_outdated(
        self,
        reader: ChartReader,
        snapshot: Snapshot,
        artefacts: Artefacts,
        edited: set[str],
        questions: set[Question],
    ) -> bool:
        """Say whether there may be other charts, other files of one, or other commands that release one."""
        if snapshot.paths is not self._paths and snapshot.paths != self._paths:
            return True
        if not questions.isdisjoint(reader.view.graph.asked):
            return True
        return any(_is_about_charts(path, artefacts) for path in edited)

    def _look_around(self, snapshot: Snapshot, artefacts: Artefacts) -> tuple[ChartReader, set[str]]:
        """Find the charts; return who reads them, and where things were found in those that are gone."""
        self._paths = snapshot.paths
        views = {path: one for path in snapshot.files if (one := artefacts(path)) is not None}
        view = View(views, snapshot.paths, Graph(self.store), lambda path: self._files.get(path))
        self._reader = reader = ChartReader(view)
        tops = {one.directory for one in reader.tops()}
        gone = {path for one, chart in self._charts.items() if one not in tops for path in chart.paths}
        self._charts = {one: self._charts.get(one) or Chart(self.judge, self.store) for one in sorted(tops)}
        return reader, gone


def _is_of_tags(found: Found) -> bool:
    """Say whether a finding is about a template as such: its tags print what is somewhere else."""
    text, start = found.file.text, found.span.start
    is_inside = text.rfind("{{", 0, start + 2) > text.rfind("}}", 0, start)
    return is_inside or found.rule.family != "kubernetes"


def _less(found: Found) -> Found:
    level = Level.PEDANTIC if found.level is Level.REGULAR else Level.AUDITOR
    return replace(found, level=level)


def _is_told(found: Found, line: int, written: Iterable[Found]) -> bool:
    """Say whether the same is told of the line of the template that makes it."""
    return any(one.rule.name == found.rule.name and one.file.line_number(one.span) == line for one in written)


def _is_about_charts(path: str, artefacts: Artefacts) -> bool:
    # A description that cannot be read any more was a chart until now.
    if basename(path) in ("Chart.yaml", "Chart.yml"):
        return True
    artefact = artefacts(path)
    if artefact is None:
        return False
    return any(
        isinstance(one, HelmChart) or (isinstance(one, Workflow) and "helm" in one.file.text)
        for one in artefact.elements
    )


def _named(told: Told, key: Key, chart: Chart) -> Found:
    """Return a finding, with the values it is found with where those that come first have it not."""
    found = told.placed.found
    if key[0] == 0 or found.path == told.path or len(chart.editions) == 1:
        return found
    return replace(found, message=f"{found.message} (with `{basename(told.path)}`)")
