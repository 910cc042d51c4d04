"""The incremental run: every answer whose inputs did not change is kept.

A file is read again when its `SourceFile` object changed. Rules that see one file run for that file
alone. Rules that see the graph run again for the files that asked a question whose answer changed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeAlias

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.registry import read
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.dispatch import Dispatch
from rollsafe.engine.found import Found, RuleFailure, resolve
from rollsafe.engine.merging import merge
from rollsafe.engine.selection import RuleSet
from rollsafe.rules import Finding, Rule
from rollsafe.rules.api import Check
from rollsafe.rules.foreign_ignores import read_foreign_ignores
from rollsafe.rules.ignores import IgnoreComment, RuleNames, read_ignores
from rollsafe.workspace.facts import Base, Today
from rollsafe.workspace.graph import Graph, GraphStore, Question
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.snapshot import Snapshot

MAX_FINDINGS: Final = 5_000
"""Findings kept per file; more would tell nobody anything."""

_Call: TypeAlias = tuple[Rule, Check, list[Any]]

Progress = Callable[[int, int], None]


@dataclass
class _File:
    """What is remembered of one file."""

    source: SourceFile
    artefact: Artefact | None
    calls: list[tuple[Element, tuple[Rule, ...]]] = field(default_factory=list[Any])
    local: list[Found] = field(default_factory=list[Found])
    cross: list[Found] = field(default_factory=list[Found])
    asked: set[Question] = field(default_factory=set[Question])
    final: tuple[Found, ...] = ()


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
        self._rules = rules
        self._today = today
        self._judged = judged
        self._ignores = ignores
        self._store = GraphStore()
        self._files: dict[str, _File] = {}
        self._names = RuleNames(all_names or rules.names)
        self._context: dict[type, object] = {
            Settings: rules.settings,
            Base: base or Base(),
            Today: Today(today),
            RuleNames: self._names,
        }
        self._dispatch = Dispatch(rules, self._context)
        self.failures: dict[str, RuleFailure] = {}

    @property
    def graph(self) -> Graph:
        """A fresh view of the project's elements, for plans and hovers."""
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

    def artefacts(self) -> list[Artefact]:
        """Return the typed views of all files that have one, by path."""
        known = (self._files[path].artefact for path in sorted(self._files))
        return [artefact for artefact in known if artefact is not None]

    def update(self, snapshot: Snapshot, progress: Progress | None = None) -> set[str]:
        """Bring the analysis up to `snapshot`; return the paths whose findings may have changed."""
        questions = self._store.set_paths(snapshot.paths)
        edited, gone = self._edited(snapshot.files)
        for count, source in enumerate(edited):
            questions |= self._read(source)
            if progress is not None:
                progress(count + 1, len(edited))
        for path in gone:
            questions |= self._store.update(path, ())
            _release(self._files.pop(path))
        touched = {source.path for source in edited}
        touched |= self._asking(questions)
        for path in touched:
            if self._judges(path):
                self._run_cross(self._files[path])
                self._finish(self._files[path])
        return touched | set(gone)

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

    def _read(self, source: SourceFile) -> set[Question]:
        artefact = read(source)
        replaced = self._files.get(source.path)
        file = self._files[source.path] = _File(source, artefact)
        elements: Sequence[Element] = artefact.elements if artefact is not None else ()
        if self._judges(source.path):
            calls = self._dispatch.calls(elements, edited=replaced is not None)
            file.calls = [(element, group.cross_file) for element, group in calls if group.cross_file]
            file.local = self._run((element, group.local) for element, group in calls)
        questions = self._store.update(source.path, elements)
        if replaced is not None:
            _release(replaced)
        return questions

    def _asking(self, questions: set[Question]) -> set[str]:
        if not questions:
            return set()
        return {path for path, file in self._files.items() if not questions.isdisjoint(file.asked)}

    def _run_cross(self, file: _File) -> None:
        graph = Graph(self._store)
        file.cross = self._run(file.calls, graph)
        file.asked = graph.asked

    def _run(
        self, calls: Iterable[tuple[Element, tuple[Rule, ...]]], graph: Graph | None = None
    ) -> list[Found]:
        found: list[Found] = []
        context = {**self._context, Graph: graph}
        bound: dict[int, list[_Call]] = {}
        for element, chosen in calls:
            rules = bound.get(id(chosen))
            if rules is None:
                rules = [(r, r.check, [context[need] for need in r.context]) for r in chosen]
                bound[id(chosen)] = rules
            for rule, check, arguments in rules:
                # A rule may meet anything a half-typed file can hold. Its crash costs its own findings.
                try:
                    for finding in check(element, *arguments):
                        self._take(rule, element, finding, found)
                except Exception as error:
                    self._complain(rule, element.file, error)
        return found

    def _take(self, rule: Rule, element: Element, finding: Finding, into: list[Found]) -> None:
        if finding.level is not None and not self._rules.allows(finding.level):
            return
        if len(into) < MAX_FINDINGS:
            severity = self._rules.severity_of(rule, finding.severity)
            into.append(resolve(rule, element, finding, severity, self._complain))

    def _complain(self, rule: Rule, file: SourceFile, error: Exception) -> None:
        if rule.name not in self.failures:
            words = f"{type(error).__name__}: {error}".partition("\n")[0]
            self.failures[rule.name] = RuleFailure(rule.name, file.path, words)

    def _finish(self, file: _File) -> None:
        """Say each cause once, apply the file's ignore comments, judge the comments themselves, and sort."""
        found = file.local + file.cross
        if self._ignores:
            found = _without_judged_elsewhere(file.source, found)
        found = merge(found)
        comments = read_ignores(file.source) if self._ignores else []
        if comments:
            found = [one for one in found if not self._silenced(one, comments)]
            for comment in comments:
                comment.active_names = self._rules.names
            calls = self._dispatch.calls(comments, edited=False)
            found += self._run((comment, group.local) for comment, group in calls)
        file.final = tuple(sorted(found, key=lambda one: one.order))

    def _silenced(self, found: Found, comments: list[IgnoreComment]) -> bool:
        lines = {found.file.line_number(found.span), found.file.line_number(found.subject)}
        hit = False
        for comment in comments:
            named = {name.name for name in comment.names}.intersection((found.rule.name, *found.also))
            speaks = comment.line is None or comment.line in lines
            if named and speaks and comment.in_force(self._today):
                comment.silenced |= named
                hit = True
        return hit


def _without_judged_elsewhere(source: SourceFile, found: list[Found]) -> list[Found]:
    """Leave out what an ignore comment of another tool speaks of."""
    foreign = read_foreign_ignores(source) if found else []
    if not foreign:
        return found

    def judged(one: Found) -> bool:
        names = one.rule.equivalents if one.equivalents is None else one.equivalents
        lines = {source.line_number(one.span), source.line_number(one.subject)}
        return any(comment.speaks_of(names, lines) for comment in foreign)

    return [one for one in found if not judged(one)]


def _release(file: _File) -> None:
    """Let go of what the elements of a replaced file have cached.

    Elements refer to each other and to the tree; only the collector would find out that nobody else
    does, and it would stop a keystroke to do so.
    """
    for element in file.artefact.elements if file.artefact is not None else ():
        vars(element).clear()
