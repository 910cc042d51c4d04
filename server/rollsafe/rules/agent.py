"""An agent: a persona, its rules, and what a model may be asked for it."""

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

from rollsafe.rules.api import Rule, rules_of
from rollsafe.text.cached import cached_property
from rollsafe.text.records import field, open_record, replace

if TYPE_CHECKING:
    from rollsafe.artefacts.agent_file import AgentProfile
    from rollsafe.rules.agent_file import AgentFile, ReviewCheck
    from rollsafe.rules.responsibilities import Responsibility


@open_record
class Agent:
    """A named bundle of rules with a persona; `package` holds `rules/`, `agent.md` and `plan.py`."""

    name: str
    package: str = field(repr=False)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The agent's rules by name; every module of `rules/` is one."""
        package = importlib.import_module(f"{self.package}.rules")
        found = (replace(rule, agent=self.name) for rule in rules_of(_modules(package)))
        return tuple(sorted(found, key=lambda rule: rule.name))

    @property
    def persona(self) -> str:
        """How the agent describes its work."""
        return self._described.persona

    @property
    def profile(self) -> "AgentProfile":
        """When the agent is to be called, and what belongs to it."""
        return self._described.profile

    @property
    def checks(self) -> "tuple[ReviewCheck, ...]":
        """What a model may remark on for the agent, as `agent.md` lists it."""
        return self._described.checks

    @cached_property
    def responsibilities(self) -> "tuple[Responsibility, ...]":
        """What the agent answers for; empty for one that does not list it."""
        from rollsafe.rules.responsibilities import read_responsibilities

        text = self._text_of("coverage.csv")
        return read_responsibilities(text) if text else ()

    @cached_property
    def _described(self) -> "AgentFile":
        from rollsafe.rules.agent_file import read_agent_file

        return read_agent_file(self._text_of("agent.md"))

    def _text_of(self, name: str) -> str:
        """Return a file of the agent's package; empty where there is none, as for an agent of rules alone."""
        from importlib.resources import files  # costs as much as all rules of an agent

        try:
            return (files(self.package) / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""


def _modules(package: ModuleType) -> list[ModuleType]:
    import pkgutil

    names = sorted(info.name for info in pkgutil.iter_modules(package.__path__))
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]
