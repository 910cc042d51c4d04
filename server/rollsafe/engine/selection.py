"""Which rules run: installed agents, the project's settings, the command line."""

from collections.abc import Iterable, Sequence

from rollsafe.artefacts.base import Element
from rollsafe.engine.discovery import installed_agents
from rollsafe.engine.rule_index import RuleCard, cards_of, qualified_name
from rollsafe.rules import Level, Rule, Severity, Status
from rollsafe.rules.agent import Agent
from rollsafe.text import nearest
from rollsafe.text.cached import cached_property
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.settings import Settings

__all__ = ["RuleSet", "UnknownRuleError", "check_selectors", "installed_agents", "is_cross_file"]

_ORDER = {Level.REGULAR: 0, Level.PEDANTIC: 1, Level.AUDITOR: 2}


class UnknownRuleError(Exception):
    """A selector names no rule, family or agent; the text is one line with the nearest name."""


class RuleSet:
    """The rules of a run and their severities, found by what they are called for.

    A rule known by its card alone is imported when the first element it is called for turns up.
    """

    def __init__(
        self, rules: Iterable[Rule | RuleCard], settings: Settings, *, cross_file: bool = True
    ) -> None:
        """Take the rules of a run; without `cross_file` those that look at other files stay silent."""
        self.settings = settings
        self._listed = tuple(rules)
        self._cross_file = cross_file
        self._kinds: dict[type[Element], tuple[Rule, ...]] = {}
        self._loaded: dict[str, Rule] = {}

    @classmethod
    def of(cls, agents: Sequence[Agent], settings: Settings, *, cross_file: bool = True) -> "RuleSet":
        """Select the rules that `settings` ask for.

        Raises:
            UnknownRuleError: `select`, `ignore` or `severity` names something that does not exist.
        """
        cards = [card for agent in agents for card in cards_of(agent)]
        known = {name for card in cards for name in (card.name, card.family, card.agent)}
        named = (*settings.select, *settings.extend_select, *settings.ignore, *settings.severity)
        check_selectors(named, known)
        return cls((card for card in cards if _runs(card, settings)), settings, cross_file=cross_file)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the rules that run."""
        return frozenset(rule.name for rule in self._listed)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that run, all of them imported."""
        return tuple(rule for one in self._listed if self._speaks(rule := self._load(one)))

    def for_element(self, kind: type[Element]) -> tuple[Rule, ...]:
        """Return the rules to call for elements of exactly this type."""
        found = self._kinds.get(kind)
        if found is None:
            names = {qualified_name(base) for base in kind.__mro__}
            called = (self._load(one) for one in self._listed if _is_called_for(one, kind, names))
            found = self._kinds[kind] = tuple(rule for rule in called if self._speaks(rule))
        return found

    def _load(self, one: Rule | RuleCard) -> Rule:
        if isinstance(one, Rule):
            return one
        rule = self._loaded.get(one.name)
        if rule is None:
            rule = self._loaded[one.name] = one.load()
        return rule

    def _speaks(self, rule: Rule) -> bool:
        return self._cross_file or not is_cross_file(rule)

    def severity_of(self, rule: Rule, own: Severity | None) -> Severity:
        """Return the severity of a finding: the project's choice, the finding's own, the rule's."""
        chosen = self.settings.severity.get(rule.name)
        if chosen is not None and chosen != "off":
            return Severity(chosen)
        return own or rule.severity

    def tells(self, rule: Rule) -> bool:
        """Say whether those findings of a rule that runs are asked for that name no level of their own."""
        if rule.earliest is rule.level or self.allows(rule.level):
            return True
        return rule.name in self.settings.select or rule.name in self.settings.extend_select

    def allows(self, level: Level) -> bool:
        """Say whether findings of `level` are asked for."""
        return _ORDER[level] <= _ORDER[Level(self.settings.level)]


def is_cross_file(rule: Rule) -> bool:
    """Say whether a rule looks at other files than the one it is called for."""
    return Graph in rule.context


def _is_called_for(one: Rule | RuleCard, kind: type[Element], names: set[str]) -> bool:
    if isinstance(one, Rule):
        return issubclass(kind, one.subjects)
    return not names.isdisjoint(one.subjects)


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


def _runs(card: RuleCard, settings: Settings) -> bool:
    names = {card.name, card.family, card.agent}
    if names & set(settings.ignore) or settings.severity.get(card.name) == "off":
        return False
    chosen = {*settings.select, *settings.extend_select}
    if card.name in chosen:
        return True
    if settings.select and not names & chosen:
        return False
    return card.status != Status.PREVIEW and _ORDER[Level(card.earliest)] <= _ORDER[Level(settings.level)]
