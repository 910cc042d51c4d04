"""`config`: the settings in force, whether they are good, and their JSON Schema."""

import os
from collections.abc import Iterator

import msgspec

from rollsafe.cli.arguments import Arguments
from rollsafe.cli.console import Console
from rollsafe.cli.failures import CommandError
from rollsafe.cli.options import Overrides
from rollsafe.cli.output.json import encoded
from rollsafe.cli.overlay import SettingsSource
from rollsafe.cli.paths import Shown
from rollsafe.engine import RuleSet, UnknownRuleError, installed_agents
from rollsafe.workspace.disk import find_root
from rollsafe.workspace.settings import Settings, settings_schema


def run(arguments: Arguments, console: Console) -> int:
    """Show, check or describe settings.

    Raises:
        CommandError: the settings are not valid, or the path does not exist.
    """
    action, *rest = arguments.operands
    if action == "schema":
        console.write_document(encoded(settings_schema()))
        return 0
    path = rest[0] if rest else "."
    if not os.path.lexists(path):
        raise CommandError(f"{path}: no such file or directory")
    shown = Shown()
    root = find_root(os.path.abspath(path))
    source = SettingsSource(Overrides(config=arguments.one("--config")), shown)
    settings, place = source(root), source.place(root)
    _check_names(settings, place)
    if action == "validate":
        console.write(f"{place}: valid\n" if place else "no settings file; the defaults are in force\n")
    elif arguments.one("--format") == "json":
        console.write_document(encoded(msgspec.to_builtins(settings)))
    else:
        console.write(f"# {place or 'defaults: no settings file'}\n# root: {shown(root)}\n")
        console.write("\n".join(_toml(settings)) + "\n")
    return 0


def _check_names(settings: Settings, place: str | None) -> None:
    try:
        RuleSet.of(installed_agents(), settings)
    except UnknownRuleError as error:
        raise CommandError(f"{place}: {error}") from None


def _toml(settings: Settings) -> Iterator[str]:
    """Yield the settings as TOML, tables last; what is unset is left out."""
    values: dict[str, object] = msgspec.to_builtins(settings)
    tables = {
        name: msgspec.convert(value, dict[str, object])
        for name, value in values.items()
        if isinstance(value, dict)
    }
    yield from (f"{key} = {_value(value)}" for key, value in values.items() if key not in tables)
    for name, table in tables.items():
        entries = [f"{key} = {_value(value)}" for key, value in table.items() if value is not None]
        if entries:
            yield from (f"\n[{name}]", *entries)


def _value(value: object) -> str:
    """Return a value as TOML writes it; strings, numbers, booleans and lists look as in JSON."""
    return msgspec.json.encode(value).decode()
