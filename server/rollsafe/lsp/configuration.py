"""What the user and the project decide: client settings, trust, `rollsafe.toml`.

The project's file wins over the user's settings, except for what only a user may decide: whether a
model is asked, and whether the workspace is trusted.
"""

import os
import re
import tomllib
from dataclasses import dataclass, field, replace
from typing import Final

from rollsafe.engine import RuleSet, UnknownRuleError, installed_agents
from rollsafe.lsp.from_lsp import at, object_of
from rollsafe.workspace.disk import load_settings
from rollsafe.workspace.settings import ConfigurationError, LevelName, Settings, parse_settings

CONFIG_NAMES: Final = ("rollsafe.toml", ".rollsafe.toml", "pyproject.toml")
"""The files a project's settings may be in; the first one that speaks of rollsafe counts."""

_LEVELS: Final[tuple[LevelName, ...]] = ("regular", "pedantic", "auditor")
_PLACE = re.compile(r":(\d+): |at line (\d+)")


@dataclass(frozen=True, slots=True)
class UserSettings:
    """The section `rollsafe` of the client's settings; `odd` names what was not understood."""

    level: LevelName | None = None
    base: str | None = None
    ai_enabled: bool = False
    ai_model: str | None = None
    inlay_hints: bool = True
    odd: tuple[str, ...] = ()

    @classmethod
    def of(cls, section: object) -> "UserSettings":
        """Read the section; values of the wrong kind count as absent."""
        level = at(section, "level")
        known: LevelName | None = next((name for name in _LEVELS if name == level), None)
        odd = () if known or level is None else (f"Setting `level`: there is no level `{level}`",)
        return cls(
            level=known,
            base=_name_at(section, "plan", "base"),
            ai_enabled=at(section, "ai", "enabled") is True,
            ai_model=_name_at(section, "ai", "model"),
            inlay_hints=at(section, "inlayHints") is not False,
            odd=odd,
        )


def _name_at(section: object, *path: str) -> str | None:
    found = at(section, *path)
    return found if isinstance(found, str) and found else None


@dataclass(slots=True)
class Configuration:
    """What the client has said so far. A client that says nothing about trust is trusted.

    That is not enough for agents of a project's files: they take part where the client says so by itself.
    """

    user: UserSettings = field(default_factory=UserSettings)
    trusted: bool = True
    trusts_agents: bool = False

    @classmethod
    def of(cls, options: object) -> "Configuration":
        """Read `initializationOptions`."""
        return cls(
            UserSettings.of(at(options, "settings")),
            at(options, "trusted") in (None, True),
            at(options, "trustAgents") is True,
        )

    @property
    def ai_enabled(self) -> bool:
        """Whether a model may be asked."""
        return self.trusted and self.user.ai_enabled


@dataclass(frozen=True, slots=True)
class ConfigurationProblem:
    """What is wrong with a configuration file; `line` is 0-based."""

    path: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """The settings a project is analysed with, and what its own file got wrong."""

    settings: Settings
    problem: ConfigurationProblem | None = None


def project_settings(root: str, user: UserSettings) -> ProjectSettings:
    """Return the settings of the project at `root`; defaults where its file cannot be used."""
    problem: ConfigurationProblem | None = None
    try:
        settings = load_settings(root)
    except ConfigurationError as error:
        settings = Settings()
        path = config_path(root) or os.path.join(root, CONFIG_NAMES[0])
        problem = _located(str(error), path, _read(path) or "")
    if user.level is not None and not _says_level(root):
        settings = replace(settings, level=user.level)
    try:
        RuleSet.of(installed_agents(), settings)
    except UnknownRuleError as error:
        problem = _unknown_name(str(error), config_path(root) or root)
        settings = replace(settings, select=(), ignore=(), severity={})
    return ProjectSettings(settings, problem)


def problem_in(text: str, path: str) -> ConfigurationProblem | None:
    """Say what is wrong with the text of a configuration file that may not be saved yet."""
    try:
        RuleSet.of(installed_agents(), parse_settings(text, path))
    except ConfigurationError as error:
        return _located(str(error), path, text)
    except UnknownRuleError as error:
        return _at_name(str(error), path, text)
    return None


def config_path(root: str) -> str | None:
    """Return the path of the file that holds the settings of the project at `root`."""
    return next((path for path, _ in _tables(root)), None)


def _says_level(root: str) -> bool:
    return any("level" in table for _, table in _tables(root))


def _tables(root: str) -> list[tuple[str, dict[str, object]]]:
    """Return the configuration file of a project with its table, as `load_settings` chooses it."""
    for name in CONFIG_NAMES:
        path = os.path.join(root, name)
        text = _read(path)
        if text is not None and (name != "pyproject.toml" or "[tool.rollsafe" in text):
            return [(path, _table(text, name))]
    return []


def _table(text: str, name: str) -> dict[str, object]:
    try:
        data: dict[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
    return object_of(at(data, "tool", "rollsafe")) if name == "pyproject.toml" else data


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return None


def _located(message: str, path: str, text: str) -> ConfigurationProblem:
    """Take the place out of an engine's message about the file at `path`."""
    said = message.removeprefix(path)
    match = _PLACE.search(said)
    line = int(match[1] or match[2]) - 1 if match else 0
    if "at end of document" in said:
        line = text.rstrip().count("\n")
    return ConfigurationProblem(path, max(line, 0), re.sub(r"^:(\d+:)? ", "", said))


def _unknown_name(message: str, path: str) -> ConfigurationProblem:
    return _at_name(message, path, _read(path) or "")


def _at_name(message: str, path: str, text: str) -> ConfigurationProblem:
    name = message.partition("`")[2].partition("`")[0]
    before = text.partition(name)[0] if name in text else ""
    return ConfigurationProblem(path, before.count("\n"), message)
