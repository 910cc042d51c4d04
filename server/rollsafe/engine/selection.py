"""Which rules run: installed agents, the project's settings, the command line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.metadata import entry_points

from rollsafe.artefacts.base import Element
from rollsafe.rules import Level, Rule, Severity, Status
from rollsafe.rules.agent import Agent
from rollsafe.text import nearest
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.settings import Settings

_ORDER = {Level.REGULAR: 0, Level.PEDANTIC: 1, Level.AUDITOR: 2}


class UnknownRuleError(Exception):
    """A selector names no rule, family or agent; the text is one line with the nearest name."""


@lru_cache(maxsize=1)
def installed_agents() -> tuple[Agent, ...]:
    """Return the installed agents, found through the entry points `rollsafe.agents`, by name."""
    found = sorted(entry_points(group="rollsafe.agents"), key=lambda point: point.name)
    return tuple(point.load() for point in found)


@dataclass(frozen=True)
class RuleSet:
    """The rules of a run and their severities, indexed by what they are called for."""

    rules: tuple[Rule, ...]
    settings: Settings

    @classmethod
    def of(cls, agents: Sequence[Agent], settings: Settings) -> "RuleSet":
        """Select the rules that `settings` ask for.

        Raises:
            UnknownRuleError: `select`, `ignore` or `severity` names something that does not exist.
        """
        rules = [rule for agent in agents for rule in agent.rules]
        known = {name for rule in rules for name in (rule.name, rule.family, rule.agent)}
        named = (*settings.select, *settings.extend_select, *settings.ignore, *settings.severity)
        check_selectors(named, known)
        return cls(tuple(rule for rule in rules if _runs(rule, settings)), settings)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the rules that run."""
        return frozenset(rule.name for rule in self.rules)

    @cached_property
    def _kinds(self) -> dict[type[Element], tuple[Rule, ...]]:
        return {}

    def for_element(self, kind: type[Element]) -> tuple[Rule, ...]:
        """Return the rules to call for elements of exactly this type."""
        found = self._kinds.get(kind)
        if found is None:
            found = tuple(rule for rule in self.rules if issubclass(kind, rule.subjects))
            self._kinds[kind] = found
        return found

    def severity_of(self, rule: Rule, own: Severity | None) -> Severity:
        """Return the severity of a finding: the project's choice, the finding's own, the rule's."""
        chosen = self.settings.severity.get(rule.name)
        if chosen is not None and chosen != "off":
            return Severity(chosen)
        return own or rule.severity

    def allows(self, level: Level) -> bool:
        """Say whether findings of `level` are asked for."""
        return _ORDER[level] <= _ORDER[Level(self.settings.level)]


def is_cross_file(rule: Rule) -> bool:
    """Say whether a rule looks at other files than the one it is called for."""
    return Graph in rule.context


def check_selectors(selectors: Iterable[str], known: set[str]) -> None:
    """Check that every selector names something.

    Raises:
        UnknownRuleError: one does not.
    """
    for selector in selectors:
        if selector not in known:
            close = nearest(selector, known)
            raise UnknownRuleError(
                f"no rule, family or agent `{selector}`" + (f"; nearest: `{close}`" if close else "")
            )


def _runs(rule: Rule, settings: Settings) -> bool:
    names = {rule.name, rule.family, rule.agent}
    if names & set(settings.ignore) or settings.severity.get(rule.name) == "off":
        return False
    chosen = {*settings.select, *settings.extend_select}
    if rule.name in chosen:
        return True
    if settings.select and not names & chosen:
        return False
    return rule.status is not Status.PREVIEW and _ORDER[rule.level] <= _ORDER[Level(settings.level)]
