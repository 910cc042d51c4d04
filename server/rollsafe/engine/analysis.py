"""The incremental run: every answer whose inputs did not change is kept.

A file is read again when its `SourceFile` object changed. Rules that see one file run for that file
alone. Rules that see the graph run again for the files that asked a question whose answer changed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.registry import parts_of, read
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.found import Found, RuleFailure
from rollsafe.engine.judging import Judge
from rollsafe.engine.keeping import Kept
from rollsafe.engine.moment import Moment
from rollsafe.engine.sections import KeptSections
from rollsafe.engine.selection import RuleSet
from rollsafe.rules import Rule
from rollsafe.rules.ignores import RuleNames
from rollsafe.text.records import field, state
from rollsafe.workspace.facts import Base
from rollsafe.workspace.graph import Graph, GraphStore
from rollsafe.workspace.questions import Question
from rollsafe.workspace.snapshot import Snapshot
from rollsafe.workspace.surroundings import Surroundings
from rollsafe.workspace.usage.model import Named, Uses

if TYPE_CHECKING:
    from rollsafe.engine.charts.charts import Charts
    from rollsafe.engine.overlaid import Overlaid

Progress = Callable[[int, int], None]


@state
class _File:
    """What is remembered of one file."""

    source: SourceFile
    artefact: Artefact | None
    calls: list[tuple[Element, tuple[Rule, ...]]] = field(default_factory=list[Any])
    local: list[Found] = field(default_factory=list[Found])
    cross: list[Found] = field(default_factory=list[Found])
    asked: set[Question] = field(default_factory=set[Question])
    final: tuple[Found, ...] = ()
    kept: Kept | KeptSections | None = None

    def rests_on(self, questions: set[Question]) -> bool:
        """Say whether one of these was asked by rules or by what writes their fixes."""
        if not questions.isdisjoint(self.asked):
            return True
        return self.kept is not None and not questions.isdisjoint(self.kept.asked_late)


class Engine:
    """Analyses successive snapshots of one project."""

    def __init__(
        self,
        rules: RuleSet,
        today: date,
        base: Base | None = None,
        all_names: Iterable[str] = (),
        *,
        judged: Callable[[str], bool] | None = None,
        ignores: bool = True,
    ) -> None:
        """Start with no files.

        `judged` says for which paths findings are wanted; the others are read for what they tell about
        these. Without `ignores`, ignore comments are neither obeyed nor judged.
        """
        self._judged = judged
        self._base = base or Base()
        self._store = GraphStore()
        self._surroundings = Surroundings()
        self._files: dict[str, _File] = {}
        self._judge = Judge(rules, today, self._base, RuleNames(all_names or rules.names), ignores=ignores)
        self._charts: Charts | None = None
        self._overlaid: Overlaid | None = None
        self._takes_time = False
        self._practised: set[str] = set()
        self._moments: set[Moment] = set()
        self._replaced: list[_File] = []
        self._is_new = True
        self.defers_search = False
        """Whether somebody else looks at the code for what rules ask: it would keep a keystroke waiting."""

    @property
    def failures(self) -> dict[str, RuleFailure]:
        """The rules that crashed, by name."""
        return self._judge.failures

    @property
    def graph(self) -> Graph:
        """A fresh view of the project's elements, for hovers."""
        return Graph(self._store)

    def artefact(self, path: str) -> Artefact | None:
        """Return the typed view of a file as of the last update."""
        known = self._files.get(path)
        return known.artefact if known else None

    def findings(self, path: str) -> tuple[Found, ...]:
        """Return the findings of one file as of the last update, in source order."""
        known = self._files.get(path)
        return known.final if known else ()

    def all_findings(self) -> list[Found]:
        """Return every finding as of the last update, by path and place."""
        return [found for path in sorted(self._files) for found in self._files[path].final]

    def moment(self, snapshot: Snapshot) -> Moment:
        """Return the analysis as it is now, for a plan; `snapshot` is the one of the last update.

        What it holds stays as it is until it is closed, whatever is edited meanwhile.
        """
        files = self._files
        artefacts = {path: one.artefact for path, one in files.items() if one.artefact is not None}
        for one in artefacts.values():
            # Two threads that ask at once for what is not made yet would each be given their own.
            _ = one.elements
        moment = Moment(
            snapshot=snapshot,
            artefacts=artefacts,
            store=self._store.branch(),
            judge=self._judge,
            base=self._base,
            findings={path: one.final for path, one in files.items() if self._judges(path)},
            on_close=self._moments.discard,
        )
        self._moments.add(moment)
        return moment

    def update(self, snapshot: Snapshot, progress: Progress | None = None) -> set[str]:
        """Bring the analysis up to `snapshot`; return the paths whose findings may have changed."""
        questions = self._store.set_paths(snapshot.paths)
        edited, gone = self._edited(snapshot.files)
        self._practised -= {one.path for one in edited}
        edited += [snapshot.files[path] for path in sorted(self._practised & snapshot.files.keys())]
        self._practised.clear()
        moved = self._surroundings.update(edited, gone) - {one.path for one in edited}
        edited += [snapshot.files[path] for path in sorted(moved.difference(gone))]
        is_first, self._is_new = self._is_new, False
        for count, source in enumerate(edited):
            questions |= self._read(source, is_first=is_first)
            if progress is not None:
                progress(count + 1, len(edited))
        for path in gone:
            questions |= self._store.update(path, ())
            self._replaced.append(self._files.pop(path))
        questions |= self._store.settle()
        self._let_go()
        touched = {source.path for source in edited}
        touched |= self._asking(questions)
        rendered = self._update_charts(snapshot, edited, gone, questions)
        rendered |= self._conclude(touched, questions)
        self._sum_up(rendered - touched)
        touched |= rendered
        if not self.defers_search and self._store.usage.asked:
            pause = partial(progress, len(edited), len(edited)) if progress is not None else None
            self.take_uses(self.uses_wanted(snapshot, pause)())
            found = self._store.settle()
            used = self._asking(found)
            built = self._conclude(used, found)
            self._sum_up(built - used)
            touched |= used | built
        self._takes_time = False
        return touched | set(gone)

    @property
    def wants_time(self) -> bool:
        """Whether something was put off that would keep a keystroke waiting."""
        overlaid, charts = self._overlaid, self._charts
        return (overlaid is not None and overlaid.is_waiting) or (charts is not None and charts.are_waiting)

    def take_time(self) -> None:
        """Have the next update do what was put off."""
        self._takes_time = True

    def is_practised(self, path: str) -> bool:
        """Say whether as much as can be is known of a file for its next edit to cost little."""
        file = self._files.get(path)
        if file is None or file.artefact is None or not self._judges(path):
            return True
        if isinstance(file.kept, Kept):
            return file.kept.is_settled
        return file.kept is not None or not any(one.is_kept for one in file.artefact.heads)

    def practise(self, path: str) -> None:
        """Have the next update look at a file as if it had been edited."""
        self._practised.add(path)

    @property
    def wants_search(self) -> bool:
        """Whether rules asked where the code names something, and nobody has looked yet."""
        return bool(self._store.usage.asked)

    def uses_wanted(
        self, snapshot: Snapshot, on_file: Callable[[], None] | None = None
    ) -> Callable[[], dict[Named, Uses]]:
        """Return what looks for that in the code; it may run in another thread."""
        from rollsafe.workspace.usage.search import search  # most runs ask for nothing

        return partial(search, snapshot.root, snapshot.paths, self._store.usage.asked, on_file)

    def take_uses(self, found: Mapping[Named, Uses]) -> None:
        """Take in what was found; the next update brings it to those who asked."""
        self._store.usage.take(found)

    def forget_uses(self) -> None:
        """Have everything looked for once more: the code has changed."""
        self._store.usage.forget()

    def _conclude(self, paths: set[str], changed: set[Question]) -> set[str]:
        """Bring the findings of files up to date; return the files of which overlays say something else."""
        for path in paths:
            if self._judges(path):
                file = self._files[path]
                self._run_cross(file, changed)
        built = self._update_overlays(paths, changed)
        self._sum_up(paths)
        return built

    def _sum_up(self, paths: Iterable[str]) -> None:
        """Bring together what is found in files: by their own rules, and in what they are made to."""
        for path in paths:
            file = self._files.get(path)
            if file is not None and self._judges(path):
                written = self._told(path)
                if self._overlaid is not None:
                    written = self._overlaid.applied(file.source, written)
                rendered: list[Found] = []
                if self._charts is not None:
                    written = self._charts.applied(path, written)
                    rendered = self._charts.findings(path, written, self._told)
                file.final = self._judge.conclude(file.source, written + rendered)

    def _told(self, path: str) -> list[Found]:
        """Return what the rules say of a file as it is written."""
        file = self._files.get(path)
        return file.local + file.cross if file is not None else []

    def _update_overlays(self, paths: set[str], changed: set[Question]) -> set[str]:
        """Have what kustomizations build judged; return the files whose findings may differ by that."""
        if self._overlaid is None:
            if not any(self._is_kustomization(path) for path in paths):
                return set()
            from rollsafe.engine.overlaid import Overlaid  # most projects have none

            self._overlaid = Overlaid(self._judge, self._store)
        if self.defers_search and not self._takes_time:
            self._overlaid.put_off(paths, changed)
            return set()
        return {one for one in self._overlaid.update(paths, changed, self._told) if one in self._files}

    def _is_kustomization(self, path: str) -> bool:
        file = self._files.get(path)
        return file is not None and file.artefact is not None and file.artefact.kind == "kustomization"

    def _update_charts(
        self, snapshot: Snapshot, edited: Sequence[SourceFile], gone: Sequence[str], questions: set[Question]
    ) -> set[str]:
        if self._charts is None:
            if not any(source.name in ("Chart.yaml", "Chart.yml") for source in edited):
                return set()
            from rollsafe.engine.charts.charts import Charts  # most projects have none

            self._charts = Charts(self._judge, self._store, self._judges)
        paths = [*(one.path for one in edited), *gone]
        in_haste = self.defers_search and not self._takes_time
        return self._charts.update(snapshot, self.artefact, paths, questions, in_haste=in_haste)

    def _judges(self, path: str) -> bool:
        return self._judged is None or self._judged(path)

    def _edited(self, files: Mapping[str, SourceFile]) -> tuple[list[SourceFile], list[str]]:
        known = self._files
        edited = [
            source
            for path, source in files.items()
            if (file := known.get(path)) is None or file.source is not source
        ]
        gone = [path for path in known if path not in files] if len(known) != len(files) or edited else []
        return edited, gone

    def _read(self, source: SourceFile, *, is_first: bool) -> set[Question]:
        artefact = read(self._surroundings.placed(source))
        replaced = self._files.get(source.path)
        file = self._files[source.path] = _File(source, artefact)
        heads = artefact.heads if artefact is not None else parts_of(source)
        if self._judges(source.path):
            if replaced is not None and artefact is not None:
                file.kept = self._kept(replaced, artefact)
            if file.kept is None:
                elements = artefact.elements if artefact is not None else heads
                calls = self._judge.calls(elements, edited=replaced is not None)
                file.calls = [(element, group.cross_file) for element, group in calls if group.cross_file]
                file.local = self._judge.run((element, group.local) for element, group in calls)
        if is_first:
            self._store.load(source.path, heads)
            return set()
        questions = self._store.update(source.path, heads)
        if replaced is not None:
            self._replaced.append(replaced)
        return questions

    def _kept(self, replaced: _File, artefact: Artefact) -> Kept | KeptSections | None:
        """Return what is kept of a file that was edited."""
        known, judge, store = replaced.kept, self._judge, self._store
        sections = KeptSections.after(
            known if isinstance(known, KeptSections) else None, artefact, judge, store
        )
        if sections is not None or not any(one.is_kept for one in artefact.heads):
            return sections
        return Kept.after(known if isinstance(known, Kept) else None, artefact, judge, store)

    def _asking(self, questions: set[Question]) -> set[str]:
        if not questions:
            return set()
        return {path for path, file in self._files.items() if file.rests_on(questions)}

    def _run_cross(self, file: _File, changed: set[Question]) -> None:
        if file.kept is not None:
            file.cross, file.asked = file.kept.found(changed)
            return
        graph = Graph(self._store)
        file.cross = self._judge.run(file.calls, graph)
        file.asked = graph.asked

    def _let_go(self) -> None:
        """Let go of what the elements of replaced files have cached, unless a plan still looks at them.

        Elements refer to each other and to the tree; only the collector would find out that nobody else
        does, and it would stop a keystroke to do so.
        """
        if self._moments:
            return
        for file in self._replaced:
            for head in file.artefact.heads if file.artefact is not None else ():
                held = head.all_held if head.holds in vars(head) else ()
                for element in (*held, head):
                    vars(element).clear()
        self._replaced.clear()
