"""The settings a project is checked with: its own file's, and the command line's over them."""

import os

from rollsafe.cli.failures import CommandError
from rollsafe.cli.options import Overrides
from rollsafe.cli.paths import Shown
from rollsafe.engine.selection import UnknownRuleError, check_selectors
from rollsafe.text.records import replace
from rollsafe.workspace.disk import load_settings, read_settings, settings_file
from rollsafe.workspace.settings import ConfigurationError, Settings


class SettingsSource:
    """Finds the settings of a root, once per root."""

    def __init__(self, overrides: Overrides, shown: Shown) -> None:
        self._overrides = overrides
        self._shown = shown
        self._named = self._own(None) if overrides.config else None

    def __call__(self, root: str) -> Settings:
        """Return the settings to check the project at `root` with.

        Raises:
            CommandError: a configuration file that cannot be used; the line names the place.
        """
        own = Settings() if self._overrides.isolated else self._named or self._own(root)
        return overlay(own, self._overrides)

    def place(self, root: str) -> str | None:
        """Return the path of the file the project's settings come from, as shown; None without one."""
        if self._overrides.isolated:
            return None
        file = self._overrides.config or settings_file(root)
        return self._shown(os.path.abspath(file)) if file else None

    def _own(self, root: str | None) -> Settings:
        try:
            return load_settings(root) if root else read_settings(self._overrides.config or "")
        except ConfigurationError as error:
            prefix = os.path.join(root, "") if root else ""
            raise CommandError(self._shortened(str(error), prefix)) from None

    def _shortened(self, line: str, prefix: str) -> str:
        if prefix and line.startswith(prefix):
            name, colon, rest = line[len(prefix) :].partition(":")
            return self._shown(prefix, name) + colon + rest
        return line


def overlay(settings: Settings, overrides: Overrides) -> Settings:
    """Return `settings` with what the command line says over them.

    What is selected by name on the command line runs even where the project ignores it.
    """
    named = {*overrides.select, *overrides.extend_select}
    kept = () if overrides.select else settings.extend_select
    return replace(
        settings,
        level=overrides.level or settings.level,
        select=overrides.select or settings.select,
        extend_select=(*kept, *overrides.extend_select),
        ignore=(*(name for name in settings.ignore if name not in named), *overrides.ignore),
        exclude=(*settings.exclude, *overrides.exclude),
        severity={k: v for k, v in settings.severity.items() if v != "off" or k not in named},
    )


def check_overrides(overrides: Overrides, known: set[str]) -> None:
    """Check that the command line names rules, families and agents that exist.

    Raises:
        CommandError: it does not.
    """
    for option, names in (
        ("--select", overrides.select),
        ("--extend-select", overrides.extend_select),
        ("--ignore", overrides.ignore),
    ):
        try:
            check_selectors(names, known)
        except UnknownRuleError as error:
            raise CommandError(f"{option}: {error}") from None
