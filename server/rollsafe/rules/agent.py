"""An agent: a persona, its rules, and what a model may be asked for it."""

import importlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING

from rollsafe.rules.api import Rule, rules_of

if TYPE_CHECKING:
    from rollsafe.artefacts.agent_file import AgentProfile
    from rollsafe.rules.agent_file import AgentFile, ReviewCheck


@dataclass(frozen=True)
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
    def _described(self) -> "AgentFile":
        from importlib.resources import files  # costs as much as all rules of an agent

        from rollsafe.rules.agent_file import read_agent_file

        try:
            text = (files(self.package) / "agent.md").read_text(encoding="utf-8")
        except FileNotFoundError:
            text = ""  # an agent of rules alone has nothing to ask a model
        return read_agent_file(text)


def _modules(package: ModuleType) -> list[ModuleType]:
    import pkgutil

    names = sorted(info.name for info in pkgutil.iter_modules(package.__path__))
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]
