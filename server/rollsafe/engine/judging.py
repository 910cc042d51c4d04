"""Runs rules over the elements of files and says what they find; keeps nothing of the files."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from operator import attrgetter
from typing import Any, Final, TypeAlias

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.purposes import is_development_path, ships_nowhere
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.dispatch import Dispatch, Group
from rollsafe.engine.found import Found, RuleFailure, resolve
from rollsafe.engine.merging import merge
from rollsafe.engine.selection import RuleSet
from rollsafe.rules import Finding, Level, Rule, Severity
from rollsafe.rules.api import Check
from rollsafe.rules.foreign_ignores import ForeignIgnore, read_foreign_ignores
from rollsafe.rules.ignores import IgnoreComment, RuleNames, read_ignores
from rollsafe.text import Span
from rollsafe.text.records import replace
from rollsafe.workspace.facts import Base, Today
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.settings import Settings

MAX_FINDINGS: Final = 5_000
"""Findings kept per file; more would tell nobody anything."""

_SHIPPED: Final = frozenset({"kubernetes", "compose", "dockerfile", "platforms", "contracts"})
"""Families of what is deployed; a pipeline that is named after tests runs like any other."""

_SHOWN_IN_DOCUMENTS: Final = frozenset({"kubernetes", "compose"})
"""Families of which documents hold examples. An image made there is that of the documents, which ship."""

_by_place: Final[Callable[[Found], Span]] = attrgetter("span")
_by_order: Final[Callable[[Found], tuple[object, ...]]] = attrgetter("span", "rule.name", "message")

_Call: TypeAlias = tuple[Rule, Check, tuple[Any, ...], tuple[Any, ...] | None]
"""A rule, what it calls, and what that is given before the graph and behind it; None without a graph."""


class Judge:
    """The rules of a run and everything they are given but the files."""

    def __init__(self, rules: RuleSet, today: date, base: Base, names: RuleNames, *, ignores: bool) -> None:
        """Without `ignores`, ignore comments are neither obeyed nor judged."""
        self._rules = rules
        self._today = today
        self._names = names
        self._ignores = ignores
        self._base = base
        self._merged: tuple[SourceFile, bool] | None = None
        self._context: dict[type, object] = {
            Settings: rules.settings,
            Base: base,
            Today: Today(today),
            RuleNames: names,
        }
        self._dispatch = Dispatch(rules, self._context)
        self._bound: dict[int, tuple[tuple[Rule, ...], list[_Call]]] = {}
        """How rules are called, by the identity of the rules."""
        self.failures: dict[str, RuleFailure] = {}

    def with_base(self, base: Base) -> "Judge":
        """Return a judge that compares with another revision, and shares nothing that changes."""
        return Judge(self._rules, self._today, base, self._names, ignores=self._ignores)

    def calls(self, elements: Sequence[Element], *, edited: bool) -> list[tuple[Element, Group]]:
        """Return which rules are called for which elements; see `Dispatch.calls`."""
        return self._dispatch.calls(elements, edited=edited)

    def knows(self, elements: Sequence[Element]) -> bool:
        """Say whether `calls` will answer the same of them again."""
        return self._dispatch.knows(elements)

    def judge(self, artefact: Artefact, graph: Graph) -> tuple[Found, ...]:
        """Return the findings of a file, in source order."""
        calls = self.calls(artefact.elements, edited=False)
        found = self.run((element, group.local) for element, group in calls)
        found += self.run(((element, group.cross_file) for element, group in calls), graph)
        return self.conclude(artefact.file, found)

    def run(
        self, calls: Iterable[tuple[Element, tuple[Rule, ...]]], graph: Graph | None = None
    ) -> list[Found]:
        """Call rules; those that look at other files need the graph."""
        found: list[Found] = []
        bound = self._bound
        for element, chosen in calls:
            known = bound.get(id(chosen))
            if known is None:
                known = bound[id(chosen)] = chosen, self._bind(chosen)
            for rule, check, before, behind in known[1]:
                # A rule may meet anything a half-typed file can hold. Its crash costs its own findings.
                try:
                    given = before if behind is None else (*before, graph, *behind)
                    for finding in check(element, *given):
                        self._take(rule, element, finding, found)
                except Exception as error:
                    self._complain(rule, element.file, error)
        return found

    def _bind(self, chosen: tuple[Rule, ...]) -> list[_Call]:
        """Return how rules are called, with all that they are given but the element and the graph."""
        calls: list[_Call] = []
        for one in chosen:
            at = one.context.index(Graph) if Graph in one.context else None
            given = [None if need is Graph else self._context[need] for need in one.context]
            before, behind = given[:at], None if at is None else (*given[at + 1 :],)
            calls.append((one, one.check, (*before,), behind))
        return calls

    def ask(self, rule: Rule, element: Element, graph: Graph | None) -> tuple[list[Found], bool]:
        """Return what one rule finds in an element, and whether it came to its end."""
        found: list[Found] = []
        try:
            given = [graph if n is Graph else self._context[n] for n in rule.context] if rule.context else ()
            for finding in rule.check(element, *given):
                self._take(rule, element, finding, found)
        except Exception as error:
            self._complain(rule, element.file, error)
            return found, False
        return found, True

    def conclude(self, source: SourceFile, found: list[Found]) -> tuple[Found, ...]:
        """Say each cause once, apply the file's ignore comments, judge the comments themselves, and sort."""
        if self._ignores:
            found = without_judged_elsewhere(source, found)
        found = merge(sorted(found, key=_by_place))
        comments = read_ignores(source) if self._ignores else []
        if comments:
            found = [one for one in found if not self._silenced(one, comments)]
            for comment in comments:
                comment.active_names = self._rules.names
            calls = self._dispatch.calls(comments, edited=False)
            found += self.run((comment, group.local) for comment, group in calls)
            found.sort(key=_by_order)
        return tuple(found)

    def allows(self, level: Level) -> bool:
        """Say whether findings of a level are asked for."""
        return self._rules.allows(level)

    def _take(self, rule: Rule, element: Element, finding: Finding, into: list[Found]) -> None:
        finding = _heard(rule, element, finding)
        level = finding.level
        if not (self._rules.tells(rule) if level is None else self._rules.allows(level)):
            return
        if len(into) < MAX_FINDINGS:
            into.append(
                resolve(rule, element, finding, self._severity(rule, element, finding), self._complain)
            )

    def _severity(self, rule: Rule, element: Element, finding: Finding) -> Severity:
        """Return the severity of a finding: in a merged migration, which databases have run, it is lower."""
        severity = self._rules.severity_of(rule, finding.severity)
        if element.family != "migrations" or rule.name in self._rules.settings.severity:
            return severity
        return severity.reduced if self._is_merged(element.file.host) else severity

    def is_merged(self, element: Element) -> bool:
        """Say whether an element is told of as part of a migration that is what it was at the base."""
        return element.family == "migrations" and self._is_merged(element.file.host)

    def _is_merged(self, file: SourceFile) -> bool:
        """Say whether a file is what it was at the base; asked for one finding of it after the other."""
        known = self._merged
        if known is None or known[0] is not file:
            known = self._merged = file, self._base.is_unchanged(file.path, file.text)
        return known[1]

    def _complain(self, rule: Rule, file: SourceFile, error: Exception) -> None:
        if rule.name not in self.failures:
            words = f"{type(error).__name__}: {error}".partition("\n")[0]
            self.failures[rule.name] = RuleFailure(rule.name, file.path, words)

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


def _heard(rule: Rule, element: Element, finding: Finding) -> Finding:
    """Return a finding at the level it is told: what ships nowhere harms nobody who has not asked."""
    if finding.level is not None or rule.level is not Level.REGULAR or element.family not in _SHIPPED:
        return finding
    is_quiet = ships_nowhere if element.family in _SHOWN_IN_DOCUMENTS else is_development_path
    return replace(finding, level=Level.PEDANTIC) if is_quiet(element.file.path) else finding


def without_judged_elsewhere(source: SourceFile, found: list[Found]) -> list[Found]:
    """Leave out what an ignore comment of another tool speaks of, or tell it at a lower severity."""
    foreign = read_foreign_ignores(source) if found else []
    if not foreign:
        return found
    left: list[Found] = []
    for one in found:
        names = one.rule.equivalents if one.equivalents is None else one.equivalents
        lines = {source.line_number(one.span), source.line_number(one.subject)}
        spoken = [comment for comment in foreign if comment.speaks_of(names, lines)]
        if all(comment.only_lowers for comment in spoken):
            left.append(_lowered(one, names, spoken) if spoken else one)
    return left


def _lowered(one: Found, names: tuple[str, ...], spoken: list[ForeignIgnore]) -> Found:
    """Return a finding somebody has looked at in another tool: for information, no longer that tool's."""
    tools = {name.partition(":")[0] for comment in spoken for name in comment.names}
    others = tuple(name for name in names if name.partition(":")[0] not in tools)
    severity = one.severity if one.severity is Severity.HINT else Severity.INFO
    return replace(one, severity=severity, equivalents=others)
