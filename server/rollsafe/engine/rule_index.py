"""What is known of an agent's rules without importing them.

Importing all rules imports every reader there is. A run over one file needs few of them, so what a rule is
called for is kept in an index beside the compiled modules of their package, to be to rules what `.pyc` is to
sources: valid as long as no source it was made of has another time or size, rebuilt otherwise, never needed.
"""

import marshal
import os
import sys
import time
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from io import FileIO
from itertools import starmap
from types import ModuleType
from typing import Any, Final, TypeAlias

from rollsafe import __version__
from rollsafe.rules.agent import Agent
from rollsafe.rules.api import Rule, rules_of
from rollsafe.text.records import replace
from rollsafe.text.tuples import NamedTuple

_FORMAT: Final = 3
_SETTLED_NS: Final = 2_000_000_000
"""Sources younger than this may have changed between import and stamp, so no index is written for them."""
_NAME: Final = f"rules.{sys.implementation.cache_tag}.rollsafe"


class RuleCard(NamedTuple):
    """A rule before it is imported.

    `subjects` are the qualified names of the elements it is called for; it runs from level `earliest` on.
    """

    name: str
    agent: str
    family: str
    earliest: str
    status: str
    module: str
    subjects: tuple[str, ...]

    def load(self) -> Rule:
        """Import the rule."""
        found = rules_of([import_module(self.module)])
        return replace(next(rule for rule in found if rule.name == self.name), agent=self.agent)


_Sources: TypeAlias = dict[str, dict[str, tuple[int, int]]]
"""Time in ns and size of sources, by package and by their paths in the directory that holds the package."""


class _Index:
    """What is kept of the agents of one outermost package: the names of their modules, and their cards."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._path = os.path.join(_home(package), package, "__pycache__", _NAME)
        self._sources: _Sources = {}
        self._agents: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = {}
        try:
            with FileIO(self._path) as stream:
                form, version, sources, agents = marshal.loads(stream.read())
            if (form, version) == (_FORMAT, __version__) and all(starmap(_are_current, sources.items())):
                self._sources, self._agents = sources, agents
        except (OSError, EOFError, ValueError, TypeError, KeyError, AttributeError):
            return

    def cards(self, agent: Agent, modules: list[str]) -> tuple[RuleCard, ...] | None:
        """Return what is kept of the rules in `modules`; None where that is not all."""
        kept = self._agents.get(agent.package)
        return tuple(starmap(RuleCard, kept[1])) if kept and kept[0] == modules else None

    def keep(self, agent: Agent, modules: list[str], cards: tuple[RuleCard, ...]) -> None:
        """Write down an agent's cards, which were just made of what is imported."""
        beside = f"{self._path}.{os.getpid()}"
        try:
            for package in {"rollsafe", self._package}:
                self._sources[package] = self._sources.get(package, {}) | dict(_loaded(package))
            newest = max(time_ns for known in self._sources.values() for time_ns, _ in known.values())
            if newest > time.time_ns() - _SETTLED_NS:
                return  # what was imported may not be what is there
            self._agents[agent.package] = modules, [tuple(card) for card in cards]
            data = marshal.dumps((_FORMAT, __version__, self._sources, self._agents))
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            with open(beside, "xb") as stream:
                stream.write(data)
            os.replace(beside, self._path)
        except OSError:
            return


@cache
def cards_of(agent: Agent) -> tuple[RuleCard, ...]:
    """Return what is known of an agent's rules, by name."""
    directory = _rules_directory(agent)
    if directory is None:
        return tuple(_card(rule) for rule in agent.rules)
    index, modules = _index_of(agent.package.partition(".")[0]), _modules(directory)
    cards = index.cards(agent, modules)
    if cards is None:
        cards = tuple(_card(rule) for rule in agent.rules)
        if not sys.dont_write_bytecode:
            index.keep(agent, modules, cards)
    return cards


@cache
def _index_of(package: str) -> _Index:
    return _Index(package)


def qualified_name(cls: type) -> str:
    """Return what identifies a class across runs."""
    return f"{cls.__module__}:{cls.__qualname__}"


def _card(rule: Rule) -> RuleCard:
    subjects = tuple(qualified_name(subject) for subject in rule.subjects)
    return RuleCard(
        rule.name, rule.agent, rule.family, rule.earliest.value, rule.status.value, rule.module, subjects
    )


def _rules_directory(agent: Agent) -> str | None:
    """Return the directory of the agent's rules; None where they are not plain files."""
    directory = os.path.join(next(iter(_package(agent.package).__path__), ""), "rules")
    return directory if os.path.isdir(directory) else None


def _modules(directory: str) -> list[str]:
    return sorted(name for name in os.listdir(directory) if name.endswith(".py"))


def _loaded(package: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield every module of an outermost package that is loaded: the rules and all they build on."""
    home = _home(package)
    for name, module in sorted(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name.partition(".")[0] == package and file is not None:
            info = os.stat(file)
            yield os.path.relpath(file, home), (info.st_mtime_ns, info.st_size)


def _are_current(package: str, known: dict[str, tuple[int, int]]) -> bool:
    """Say whether sources are as they were when an index was written."""
    home = os.path.join(_home(package), "")
    for path, stamp in known.items():
        info = os.stat(home + path)
        if (info.st_mtime_ns, info.st_size) != stamp:
            return False
    return True


def _home(package: str) -> str:
    """Return the directory that holds an outermost package."""
    return os.path.dirname(next(iter(_package(package).__path__)))


def _package(name: str) -> ModuleType:
    return sys.modules.get(name) or import_module(name)
