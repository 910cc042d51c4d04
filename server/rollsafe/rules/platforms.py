"""What rules about platforms share: edits of the file a service is written in, whatever its format."""

from rollsafe.artefacts.platforms import (
    FlyApp,
    PlatformService,
    Procfile,
    RailwayService,
    RenderService,
    StartCommand,
)
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.toml_edit import add_toml_entry, add_toml_table, toml_string
from rollsafe.formats.yaml_edit import add_entry, eol_of
from rollsafe.text import Edit, Span


def is_toml(service: PlatformService) -> bool:
    """Say whether the service's file is TOML."""
    return service.file.path.endswith(".toml")


def entry_edit(service: PlatformService, mapping: Mapping, key: str, text: str) -> Edit:
    """Insert `key` with a string as the last entry of one of the service's mappings."""
    if is_toml(service):
        return add_toml_entry(service.file.text, mapping, key, toml_string(text))
    return add_entry(service.file.text, mapping, key, yaml_string(text))


def yaml_string(text: str) -> str:
    """Return a text as YAML has it on one line, quoted where it could be read as something else."""
    is_plain = text[:1].isalpha() or text[:1] == "/"
    if is_plain and ": " not in text and " #" not in text and not text.endswith(":"):
        return text
    return _quoted(text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def is_as_written(service: PlatformService, node: Scalar) -> bool:
    """Say whether the text of a scalar stands in the file as it is, so that a part of it can be cut out."""
    quotes = 0 if node.plain else 1
    written = service.file.text[node.start + quotes : node.end - quotes]
    return not node.block and written == node.text


def moved_to_release(service: PlatformService, start: StartCommand, end: int, rest: int) -> tuple[Edit, ...]:
    """Return the edits that run the start command's text up to `end` once per release, and start from `rest`.

    Both are offsets in the command's text. Empty where the platform has no such step, or the command is not
    written as it is read.
    """
    place = start.place
    if isinstance(place, Scalar) and not is_as_written(service, place):
        return ()
    if not isinstance(place, Scalar) and service.file.slice(place) != start.text:
        return ()
    quotes = 1 if isinstance(place, Scalar) and not place.plain else 0
    cut = Edit(Span(place.start + quotes, place.start + quotes + rest), "")
    added = _release_edit(service, start.text[:end])
    return (added, cut) if added is not None else ()


def _release_edit(service: PlatformService, command: str) -> Edit | None:
    text = service.file.text
    if isinstance(service, Procfile):
        return Edit(Span.at(service.title.start), f"release: {command}{eol_of(text)}")
    if isinstance(service, RenderService):
        return entry_edit(service, service.node, "preDeployCommand", command)
    if isinstance(service, RailwayService) and service.deploy is not None:
        if is_toml(service):
            return add_toml_entry(text, service.deploy, "preDeployCommand", f"[{toml_string(command)}]")
        return add_entry(text, service.deploy, "preDeployCommand", f"[{_quoted(command)}]")
    if isinstance(service, FlyApp):
        deploy = service.node.map_at("deploy")
        if deploy is not None:
            return add_toml_entry(text, deploy, "release_command", toml_string(command))
        return add_toml_table(text, f"[deploy]\n  release_command = {toml_string(command)}")
    return None
