"""`config`: the settings in force, whether they are good, and their JSON Schema."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import cast

import orjson

from rollsafe.cli.arguments import Arguments
from rollsafe.cli.console import Console
from rollsafe.cli.failures import CommandError
from rollsafe.cli.options import Overrides
from rollsafe.cli.output.json import Json, encoded
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
        console.write_document(encoded(_values(asdict(settings))))
    else:
        console.write(f"# {place or 'defaults: no settings file'}\n# root: {shown(root)}\n")
        console.write("\n".join(_toml(_values(asdict(settings)))) + "\n")
    return 0


def _check_names(settings: Settings, place: str | None) -> None:
    try:
        RuleSet.of(installed_agents(), settings)
    except UnknownRuleError as error:
        raise CommandError(f"{place}: {error}") from None


def _values(table: Mapping[str, object]) -> dict[str, Json]:
    """Return settings by the keys of a file; what is unset is left out."""
    return {key.replace("_", "-"): _json(value) for key, value in table.items() if value is not None}


def _json(value: object) -> Json:
    if isinstance(value, dict):
        return _values(cast("dict[str, object]", value))
    if isinstance(value, tuple):
        return [str(item) for item in cast("tuple[object, ...]", value)]
    return value if isinstance(value, bool) else str(value)


def _toml(values: dict[str, Json]) -> Iterator[str]:
    """Yield the settings as TOML, tables last. Strings, booleans and lists look as in JSON."""
    for key, value in values.items():
        if not isinstance(value, dict):
            yield f"{key} = {_text(value)}"
    for name, table in values.items():
        if isinstance(table, dict) and table:
            yield from ("", f"[{name}]", *(f"{key} = {_text(value)}" for key, value in table.items()))


def _text(value: Json) -> str:
    return orjson.dumps(value).decode()
