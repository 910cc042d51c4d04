"""One template of a chart rendered with one set of values, and what rules find in it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Final, TypeAlias

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.kubernetes import Container, KubernetesObject
from rollsafe.artefacts.kubernetes.chart_files import ValuePath, values_read
from rollsafe.artefacts.registry import read
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.charts.placing import Origins, Placed, placed, titles_of
from rollsafe.engine.found import Found
from rollsafe.engine.judging import Judge
from rollsafe.rules import Rule
from rollsafe.text.records import entity, field, open_record
from rollsafe.workspace.facts import Base
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.questions import Question
from rollsafe.workspace.system.charts.composed import ComposedFile
from rollsafe.workspace.system.charts.editions import ChartPart, Edition, edition_of
from rollsafe.workspace.system.charts.partial import Demand, render
from rollsafe.workspace.system.charts.sources import ChartSource, Source

Files: TypeAlias = Mapping[str, SourceFile]
_Thing: TypeAlias = KubernetesObject | Container
_MOST_READ: Final = 2_000


@entity
class Document:
    """A rendered template. `included` and `reads` say what it was made of: templates and values.

    `file` is None for one that cannot be followed, or is too much. `then` are the files of values as they
    were when it was rendered. `reads` is None where it may read any value. `demands` is what it lacks.
    """

    source: Source
    file: ComposedFile | None
    included: frozenset[str]
    reads: frozenset[ValuePath] | None
    then: Files
    demands: tuple[Demand, ...] = ()
    things: tuple[_Thing, ...] = ()
    calls: list[tuple[Element, tuple[Rule, ...]]] = field(
        default_factory=list[tuple[Element, tuple[Rule, ...]]]
    )
    local: list[Found] = field(default_factory=list[Found])
    cross: list[Found] = field(default_factory=list[Found])
    asked: set[Question] = field(default_factory=set[Question])
    _places: list[tuple[Found, Placed]] = field(default_factory=list[tuple[Found, Placed]])

    def rests_on(self, paths: Iterable[ValuePath]) -> bool:
        """Say whether it reads a value at one of these paths, above or below one."""
        if self.reads is None:
            return any(True for _ in paths)
        return any(one[: len(path)] == path[: len(one)] for path in paths for one in self.reads)

    def judge(self, judge: Judge, *, again: bool) -> None:
        """Run the rules that look at nothing else; the others run with `judge_with`.

        `again` says that the template was rendered before.
        """
        self.local, self.calls = [], []
        chosen: list[tuple[Element, tuple[Rule, ...]]] = []
        for element, group in judge.calls(self.things, edited=again):
            chosen.append((element, _judging(group.local)))
            cross = _judging(group.cross_file)
            if cross:
                self.calls.append((element, cross))
        self.local = judge.run(chosen)

    def judge_with(self, judge: Judge, graph: Graph) -> None:
        """Run the rules that look at other files."""
        self.cross = judge.run(self.calls, graph)
        self.asked = graph.asked

    def placed(self, now: Files, edited: Collection[str], rerender: "Rerendering") -> list[Placed]:
        """Return the findings at their places in the files as they are now.

        Those that were placed before are where they were, unless that is in a file of `edited`.
        """
        if self.file is None or not (self.local or self.cross):
            return []
        origins = Origins(self.file, self.then, now, partial(rerender.again, self.source.path))
        titles = titles_of(self.things)
        known = {id(one): where for one, where in self._places}
        places: list[tuple[Found, Placed]] = []
        for one in (*self.local, *self.cross):
            where = known.get(id(one))
            if where is None or where.found.path in edited:
                where = placed(one, origins, titles)
            places.append((one, where))
        self._places = places
        return [where for _, where in places]


@lru_cache(maxsize=512)
def _judging(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Return the rules that can be asked about rendered text: the base has none to compare with."""
    return tuple(rule for rule in rules if Base not in rule.context)


def rendered(edition: Edition, part: ChartPart, template: Source, files: Files) -> Document:
    """Return a template with the values of an edition; `files` are the project's."""
    made = render(edition, part, template)
    host = files.get(template.path)
    file = ComposedFile(host, made.text) if made.text is not None and host is not None else None
    then = {one.path: files[one.path] for one in edition.values if one.path in files}
    reads = _reads(template, made.included, edition)
    return Document(template, file, made.included, reads, then, made.demands, _things(file))


def _things(file: ComposedFile | None) -> tuple[_Thing, ...]:
    artefact = read(file) if file is not None else None
    elements: Sequence[Element] = artefact.elements if artefact is not None else ()
    found = (one for one in elements if isinstance(one, KubernetesObject | Container))
    return tuple(one for one in found if not (isinstance(one, KubernetesObject) and "test" in one.helm_hooks))


def _reads(template: Source, included: frozenset[str], edition: Edition) -> frozenset[ValuePath] | None:
    """Return the values that a template and those it includes read; None for any."""
    texts = [template.text, *(edition.texts.get(name, "") for name in included)]
    found = [values_read(text) for text in texts]
    paths = frozenset(path for one in found for path in one or ())
    return None if any(one is None for one in found) or len(paths) > _MOST_READ else paths


@open_record
class Rerendering:
    """Renders templates of a chart once more with the text of one file changed."""

    source: ChartSource
    setting: Source | None
    part: int

    def again(self, template: str, path: str, text: str) -> str | None:
        """Return what a template comes to when the file at `path` has another text."""
        edition = edition_of(_with_text(self.source, path, text), self._setting(path, text))
        part = edition.parts[self.part] if self.part < len(edition.parts) else None
        found = next((one for one in part.source.templates if one.path == template), None) if part else None
        if part is None or found is None:
            return None
        made = render(edition, part, found).text
        return made.text if made is not None else None

    def _setting(self, path: str, text: str) -> Source | None:
        own = self.setting
        return Source(path, text) if own is not None and own.path == path else own


def _with_text(source: ChartSource, path: str, text: str) -> ChartSource:
    def changed(one: Source) -> Source:
        return Source(path, text) if one.path == path else one

    parts = (
        one._replace(chart=_with_text(one.chart, path, text)) if one.chart is not None else one
        for one in source.parts
    )
    return source._replace(
        values=changed(source.values) if source.values is not None else None,
        templates=tuple(map(changed, source.templates)),
        parts=tuple(parts),
    )
