"""What the client sends, as values of ours; the only place that takes the protocol's JSON apart."""

from collections.abc import Iterable
from typing import Final, TypeAlias, cast

from rollsafe.lsp.uris import uri_of
from rollsafe.text import Position
from rollsafe.text.tuples import NamedTuple

JsonObject: TypeAlias = dict[str, object]

_IDENTIFYING: Final = ("range", "message", "source", "code", "data")


class BadParamsError(Exception):
    """A message whose parameters do not have the shape that the protocol gives them; one line."""


class Change(NamedTuple):
    """One content change; without a `start` the text replaces the whole document.

    The columns of both positions are in units of the negotiated encoding.
    """

    start: Position | None
    end: Position | None
    text: str


class FileEvent(NamedTuple):
    """A file that was created (1), changed (2) or deleted (3) behind the editor's back."""

    uri: str
    kind: int


def at(value: object, *path: str) -> object:
    """Return what is found in nested objects by following `path`; None where it ends early."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = cast("JsonObject", value).get(key)
    return value


def strings(value: object) -> list[str]:
    """Return the strings among the items of a JSON array; nothing for anything else."""
    return [item for item in items(value) if isinstance(item, str)]


def items(value: object) -> list[object]:
    """Return the items of a JSON array; nothing for anything else."""
    return list(cast("Iterable[object]", value)) if isinstance(value, list | tuple) else []


def object_of(value: object) -> JsonObject:
    """Return a JSON object as it is and an empty one for anything else."""
    return cast("JsonObject", value) if isinstance(value, dict) else {}


def text_at(value: object, *path: str) -> str:
    """Return the string at `path`.

    Raises:
        BadParamsError: there is none.
    """
    found = at(value, *path)
    if not isinstance(found, str):
        raise BadParamsError(f"no string at `{'.'.join(path)}`")
    return found


def document_uri(params: object) -> str:
    """Return the URI of the document a message is about.

    Raises:
        BadParamsError: there is none.
    """
    return text_at(params, "textDocument", "uri")


def document_version(params: object) -> int | None:
    """Return the version of the document a message is about, if it has one."""
    version = at(params, "textDocument", "version")
    return version if isinstance(version, int) else None


def changes_of(params: object) -> list[Change]:
    """Return the content changes of a `didChange`.

    Raises:
        BadParamsError: one of them is not a change; none is returned then.
    """
    return [_change(item) for item in items(at(params, "contentChanges"))]


def _change(value: object) -> Change:
    text = text_at(value, "text")
    where = at(value, "range")
    if where is None:
        return Change(None, None, text)
    start, end = position_of(at(where, "start")), position_of(at(where, "end"))
    return Change(min(start, end), max(start, end), text)


def position_of(value: object) -> Position:
    """Return a position.

    Raises:
        BadParamsError: `value` has no line and character, or they are negative.
    """
    line, character = at(value, "line"), at(value, "character")
    if not isinstance(line, int) or not isinstance(character, int) or line < 0 or character < 0:
        raise BadParamsError("not a position")
    return Position(line, character)


def file_events(params: object) -> list[FileEvent]:
    """Return the events of a `didChangeWatchedFiles`; malformed ones are left out."""
    found: list[FileEvent] = []
    for item in items(at(params, "changes")):
        uri, kind = at(item, "uri"), at(item, "type")
        if isinstance(uri, str) and isinstance(kind, int):
            found.append(FileEvent(uri, kind))
    return found


def folder_uris(params: object) -> list[str]:
    """Return the workspace folders of an `initialize`; the older root URI or path counts as one."""
    folders = [at(item, "uri") for item in items(at(params, "workspaceFolders"))]
    found = [uri for uri in folders if isinstance(uri, str)]
    if found:
        return found
    root, path = at(params, "rootUri"), at(params, "rootPath")
    if isinstance(root, str) and root:
        return [root]
    return [uri_of(path)] if isinstance(path, str) and path else []


def own_diagnostics(value: object, source: str) -> list[JsonObject]:
    """Return what is needed of the diagnostics that `source` made; others are none of ours."""
    return [
        {key: diagnostic[key] for key in _IDENTIFYING if key in diagnostic}
        for diagnostic in map(object_of, items(value))
        if diagnostic.get("source") == source and _is_whole(diagnostic)
    ]


def _is_whole(diagnostic: JsonObject) -> bool:
    try:
        for end in ("start", "end"):
            position_of(at(diagnostic, "range", end))
    except BadParamsError:
        return False
    return isinstance(diagnostic.get("message"), str)


def folder_changes(params: object) -> tuple[list[str], list[str]]:
    """Return the URIs of the workspace folders that were added, and of those that were removed."""
    added, removed = (items(at(params, "event", what)) for what in ("added", "removed"))
    return strings([at(one, "uri") for one in added]), strings([at(one, "uri") for one in removed])


def operation_events(params: object, kind: int) -> list[FileEvent]:
    """Return what a `didCreateFiles`, `didRenameFiles` or `didDeleteFiles` means for files.

    `kind` is what the operation does to a file that has not two names.
    """
    found: list[FileEvent] = []
    for item in items(at(params, "files")):
        uri, old, new = at(item, "uri"), at(item, "oldUri"), at(item, "newUri")
        if isinstance(old, str) and isinstance(new, str):
            found += [FileEvent(old, 3), FileEvent(new, 1)]
        elif isinstance(uri, str):
            found.append(FileEvent(uri, kind))
    return found
