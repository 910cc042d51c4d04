"""An agent: a persona and its rules."""

import importlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import ModuleType

from rollsafe.rules.api import Rule, rules_of


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

    @cached_property
    def persona(self) -> str:
        """The text of `agent.md`."""
        from importlib.resources import files  # costs as much as all rules of an agent

        return (files(self.package) / "agent.md").read_text(encoding="utf-8")


def _modules(package: ModuleType) -> list[ModuleType]:
    import pkgutil

    names = sorted(info.name for info in pkgutil.iter_modules(package.__path__))
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]
