"""A chart under analysis: its templates rendered with the values of each edition, kept while they hold."""

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.kubernetes.chart_files import ValuePath
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.charts.documents import Document, Files, Rerendering, rendered
from rollsafe.engine.charts.graph import ChartGraph
from rollsafe.engine.charts.placing import Placed
from rollsafe.engine.found import Found
from rollsafe.engine.judging import Judge
from rollsafe.text import Located
from rollsafe.text.records import entity, field
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import GraphStore
from rollsafe.workspace.questions import Question
from rollsafe.workspace.system.charts.deployed import demanded, deployed_values
from rollsafe.workspace.system.charts.editions import Edition, all_editions, editions_of
from rollsafe.workspace.system.charts.partial import Demand
from rollsafe.workspace.system.charts.sources import ChartSource, Source, is_printed
from rollsafe.workspace.system.charts.values_file import differing

_MOST_DOCUMENTS: Final = 1_000
_MOST_AT_ONCE: Final = 8
"""Documents that are rendered while somebody types."""

Key: TypeAlias = tuple[int, int, str]
"""Which edition, which chart of it, which template."""


class Told(NamedTuple):
    """A finding at its place; `path` is the file of the edition it is found with, empty for the defaults."""

    placed: Placed
    path: str


class _Changes(NamedTuple):
    """What differs between two editions: names of defined templates, and values by chart."""

    defined: frozenset[str]
    values: tuple[tuple[ValuePath, ...], ...]

    def touch(self, document: Document, part: int) -> bool:
        """Say whether a document would come out differently."""
        return not self.defined.isdisjoint(document.included) or document.rests_on(self.values[part])


@entity
class Chart:
    """A chart that no other brings along, at one moment after the other."""

    judge: Judge
    store: GraphStore
    source: ChartSource | None = None
    editions: tuple[Edition, ...] = ()
    told: dict[str, dict[Key, list[Told]]] = field(default_factory=dict[str, dict[Key, list[Told]]])
    """The findings by the file they are in."""

    is_waiting: bool = False
    """Whether something was put off."""

    _documents: dict[Key, Document] = field(default_factory=dict[Key, Document])
    _rendered: list[GraphStore] = field(default_factory=list[GraphStore])
    _own: dict[str, list[Found]] = field(default_factory=dict[str, list[Found]])
    """What is found in the values it is deployed with and in what its templates demand, by file."""

    _of_values: list[Found] = field(default_factory=list[Found])
    _about: ChartSource | None = None
    """What values were judged with: everything but the templates."""

    _hidden: frozenset[str] = frozenset()
    _files: Files = field(default_factory=dict[str, SourceFile])

    def update(
        self, source: ChartSource, files: Files, questions: set[Question], *, in_haste: bool
    ) -> set[str]:
        """Bring it up to the files as they are; return the paths of those with other findings.

        `in_haste` puts off what renders many templates; then it `is_waiting`.
        """
        known = set(self._documents)
        fresh, asked = set[Key](), set(questions)
        self.is_waiting = source != self.source and in_haste and self._is_much(source)
        is_new = source != self.source and not self.is_waiting
        if is_new:
            fresh, answered = self._render(source, files)
            asked |= answered
        looked = self._look(files, is_new=is_new)
        again = self._judge_across(fresh, asked)
        edited = {path for path in self.told if files.get(path) is not self._files.get(path)}
        moved = {key for path in edited for key in self.told[path] if key in self._documents}
        self._files = files
        told = self._tell(edited, fresh | again | moved | (known - self._documents.keys()))
        return looked | told | {key[2] for key in fresh}

    @property
    def paths(self) -> set[str]:
        """The files in which something is found."""
        return {*self.told, *self._own}

    def found(self, path: str) -> list[Found]:
        """Return what is found in a file beside what is found in rendered text."""
        return self._own.get(path, [])

    def has(self, path: str) -> bool:
        """Say whether a file is a template that is rendered."""
        return path in self._hidden

    def prints(self, path: str, place: Located) -> bool:
        """Say whether a place of a template may be part of what is deployed in some environment."""
        of_it = [one for key, one in self._documents.items() if key[2] == path]
        return not of_it or any(one.file is None or one.file.prints(place) for one in of_it)

    # -- rendering

    def _is_much(self, source: ChartSource) -> bool:
        """Say whether many templates come out differently."""
        editions = editions_of(source)
        if not self._documents or _shape(editions) != _shape(self.editions):
            return True
        changes = [_changes(*pair) for pair in zip(self.editions, editions, strict=True)]
        texts = {one.path: one for edition in editions for _, one in _templates(edition)}
        touched = (
            changes[key[0]].touch(one, key[1]) or texts.get(key[2]) != one.source
            for key, one in self._documents.items()
        )
        return sum(touched) > _MOST_AT_ONCE

    def _render(self, source: ChartSource, files: Files) -> tuple[set[Key], set[Question]]:
        """Render what is new and what rests on what differs; return that, and the questions it changes."""
        editions = editions_of(source)
        if _shape(editions) != _shape(self.editions):
            self._documents, self._rendered = {}, [GraphStore() for _ in editions]
        wanted: dict[Key, Document] = {}
        fresh: set[Key] = set()
        for number, edition in enumerate(editions):
            changes = _changes(self.editions[number], edition) if self._documents else None
            apart = (
                _changes(editions[0], edition) if number and _parts(edition) == _parts(editions[0]) else None
            )
            for part, template in _templates(edition):
                first = wanted.get((0, part, template.path)) if apart is not None else None
                if first is not None and apart is not None and not apart.touch(first, part):
                    continue
                key = (number, part, template.path)
                known = self._documents.get(key)
                if known is None or known.source != template or changes is None or changes.touch(known, part):
                    if len(wanted) >= _MOST_DOCUMENTS:
                        break
                    is_new = known is None
                    known = rendered(edition, edition.parts[part], template, files)
                    known.judge(self.judge, again=not is_new)
                    fresh.add(key)
                wanted[key] = known
        gone = self._documents.keys() - wanted.keys()
        self.source, self.editions, self._documents = source, editions, wanted
        self._hidden = frozenset(template.path for one in editions for _, template in _templates(one))
        return fresh, self._share(fresh | gone)

    def _share(self, keys: set[Key]) -> set[Question]:
        """Let the objects of an edition see each other; return the questions whose answers change."""
        changed: set[Question] = set()
        for number, edition in enumerate(self.editions):
            for _, part, path in {(0, *key[1:]) for key in keys if key[0] in (0, number)}:
                if part < len(edition.parts):
                    one = self._documents.get((number, part, path)) or self._documents.get((0, part, path))
                    things = one.things if one is not None else ()
                    changed |= self._rendered[number].update(f"{path}#{part}", things)
        return changed

    # -- judging

    def _look(self, files: Files, *, is_new: bool) -> set[str]:
        """Look at the values it is deployed with; return the files in which something is, or was, found."""
        edited = {path for path in self._own if files.get(path) is not self._files.get(path)}
        if not is_new and not edited:
            return set()
        before, self._own = self._own, {}
        if self.source is None or self.is_waiting:
            self._own = {path: some for path, some in before.items() if path not in edited}
            self._about = None
            return edited
        demands = [(one, self._demands(number)) for number, one in enumerate(self.editions)]
        found = self._found_in(demanded(self.source, demands, files))
        about = self.source._replace(templates=())
        if about != self._about or any(one.path in edited for one in self._of_values):
            self._about = about
            self._of_values = self._found_in(deployed_values(self.source, all_editions(self.source), files))
        for one in (*found, *self._of_values):
            self._own.setdefault(one.path, []).append(one)
        return {*before, *self._own}

    def _found_in(self, elements: Iterable[Element]) -> list[Found]:
        calls = self.judge.calls((*elements,), edited=False)
        return self.judge.run((element, group.local) for element, group in calls)

    def _demands(self, number: int) -> list[Demand]:
        """Return what the templates of the chart itself lack with the values of an edition."""
        paths = dict.fromkeys(path for _, part, path in self._documents if part == 0)
        found = (
            self._documents.get((number, 0, path)) or self._documents.get((0, 0, path)) for path in paths
        )
        return [demand for one in found if one is not None for demand in one.demands]

    def _judge_across(self, fresh: set[Key], asked: set[Question]) -> set[Key]:
        """Run the rules that look at other files where they may find something else; return where."""
        again = {
            key for key, one in self._documents.items() if key in fresh or not asked.isdisjoint(one.asked)
        }
        for key in again:
            self._documents[key].judge_with(
                self.judge, ChartGraph(self.store, self._rendered[key[0]], self._hidden)
            )
        return again

    def _tell(self, edited: set[str], keys: set[Key]) -> set[str]:
        """Place findings anew; return the paths of the files they are and were in.

        Of findings that are no others only those in files of `edited` are somewhere else.
        """
        before: dict[tuple[str, Key], list[Told]] = {}
        for path, rows in self.told.items():
            before |= {(path, key): rows.pop(key) for key in keys & rows.keys()}
        now: dict[tuple[str, Key], list[Told]] = {}
        for key in sorted(keys & self._documents.keys()):
            for one in self._placed(key, edited):
                now.setdefault((one.placed.found.path, key), []).append(one)
        for (path, key), some in now.items():
            self.told.setdefault(path, {})[key] = some
        both = before.keys() | now.keys()
        return {mark[0] for mark in both if not _are_same(before.get(mark, []), now.get(mark, []))}

    def _placed(self, key: Key, edited: set[str]) -> Iterator[Told]:
        document, edition = self._documents[key], self.editions[key[0]]
        if self.source is not None:
            rerendering = Rerendering(self.source, edition.setting, key[1])
            for one in document.placed(self._files, edited, rerendering):
                yield Told(one, edition.path)


def _are_same(old: list[Told], new: list[Told]) -> bool:
    pairs = zip(old, new, strict=False)
    return len(old) == len(new) and all(one.placed.found is two.placed.found for one, two in pairs)


def _shape(editions: tuple[Edition, ...]) -> list[object]:
    """Return what all templates rest on: which editions there are, and what each chart says of itself."""
    return [(one.path, _parts(one)) for one in editions]


def _parts(edition: Edition) -> list[object]:
    return [(one.source.directory, one.source.about, one.source.release) for one in edition.parts]


def _templates(edition: Edition) -> Iterator[tuple[int, Source]]:
    for number, part in enumerate(edition.parts):
        for template in part.source.templates:
            if is_printed(template.path):
                yield number, template


def _changes(old: Edition, new: Edition) -> _Changes:
    names = old.texts.keys() | new.texts.keys()
    defined = frozenset(name for name in names if old.texts.get(name) != new.texts.get(name))
    pairs = zip(old.parts, new.parts, strict=True)
    return _Changes(defined, tuple(tuple(differing(one.values, two.values)) for one, two in pairs))
