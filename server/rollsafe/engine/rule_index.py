"""What is known of an agent's rules without importing them.

Importing all rules imports every reader there is. A run over one file needs few of them, so what a rule is
called for is kept in an index beside the compiled modules, to be to rules what `.pyc` is to sources: valid
as long as no source file it was made from has another time or size, rebuilt otherwise, never needed.
"""

import marshal
import os
import sys
import time
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Final

from rollsafe import __version__
from rollsafe.rules.agent import Agent
from rollsafe.rules.api import Rule, rules_of
from rollsafe.text.records import replace
from rollsafe.text.tuples import NamedTuple

_FORMAT: Final = 1
_SETTLED_NS: Final = 2_000_000_000
"""Sources younger than this may have changed between import and stamp, so no index is written for them."""
_NAME: Final = f"rules.{sys.implementation.cache_tag}.rollsafe"


class RuleCard(NamedTuple):
    """A rule before it is imported. `subjects` are the qualified names of the elements it is called for."""

    name: str
    agent: str
    family: str
    level: str
    status: str
    module: str
    subjects: tuple[str, ...]

    def load(self) -> Rule:
        """Import the rule."""
        found = rules_of([import_module(self.module)])
        return replace(next(rule for rule in found if rule.name == self.name), agent=self.agent)


class _Stamp(NamedTuple):
    """A source file at one moment; `path` is relative to the directory its top-level package is in."""

    package: str
    path: str
    time_ns: int
    size: int


@cache
def cards_of(agent: Agent) -> tuple[RuleCard, ...]:
    """Return what is known of an agent's rules, by name."""
    directory = _rules_directory(agent)
    cards = _read(directory) if directory else None
    if cards is None:
        cards = tuple(_card(rule) for rule in agent.rules)
        if directory and not sys.dont_write_bytecode:
            _write(directory, agent, cards)
    return cards


def qualified_name(cls: type) -> str:
    """Return what identifies a class across runs."""
    return f"{cls.__module__}:{cls.__qualname__}"


def _card(rule: Rule) -> RuleCard:
    subjects = tuple(qualified_name(subject) for subject in rule.subjects)
    return RuleCard(
        rule.name, rule.agent, rule.family, rule.level.value, rule.status.value, rule.module, subjects
    )


def _rules_directory(agent: Agent) -> str | None:
    """Return the directory of the agent's rules; None where they are not plain files."""
    package = sys.modules.get(agent.package) or import_module(agent.package)
    directory = os.path.join(next(iter(package.__path__), ""), "rules")
    return directory if os.path.isdir(directory) else None


def _read(directory: str) -> tuple[RuleCard, ...] | None:
    """Return the index of a directory of rules, None when there is none that is valid."""
    try:
        with open(os.path.join(directory, "__pycache__", _NAME), "rb") as stream:
            form, version, modules, stamps, cards = marshal.loads(stream.read())
        if (form, version) != (_FORMAT, __version__) or modules != _modules(directory):
            return None
        if any(_stamp(package, path) != (package, path, *rest) for package, path, *rest in stamps):
            return None
        return tuple(RuleCard(*card) for card in cards)
    except (OSError, EOFError, ValueError, TypeError, KeyError):
        return None


def _write(directory: str, agent: Agent, cards: tuple[RuleCard, ...]) -> None:
    target = os.path.join(directory, "__pycache__", _NAME)
    beside = f"{target}.{os.getpid()}"
    rows = [tuple(card) for card in cards]
    try:
        stamps = list(_sources({"rollsafe", agent.package.partition(".")[0]}))
        if max(stamp.time_ns for stamp in stamps) > time.time_ns() - _SETTLED_NS:
            return  # what was imported may not be what is there
        listed = [tuple(stamp) for stamp in stamps]
        data = marshal.dumps((_FORMAT, __version__, _modules(directory), listed, rows))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(beside, "xb") as stream:
            stream.write(data)
        os.replace(beside, target)
    except OSError:
        return


def _modules(directory: str) -> list[str]:
    return sorted(name for name in os.listdir(directory) if name.endswith(".py"))


def _sources(packages: set[str]) -> Iterator[_Stamp]:
    """Yield a stamp for every module of `packages` that is loaded: the rules and all they build on."""
    for name, module in sorted(sys.modules.items()):
        package = name.partition(".")[0]
        file = getattr(module, "__file__", None)
        if package in packages and file is not None:
            yield _stamp(package, os.path.relpath(file, _home(package)))


@cache
def _stamp(package: str, path: str) -> _Stamp:
    info = os.stat(os.path.join(_home(package), path))
    return _Stamp(package, path, info.st_mtime_ns, info.st_size)


def _home(package: str) -> str:
    """Return the directory that holds a top-level package."""
    return os.path.dirname(next(iter(sys.modules[package].__path__)))
