"""Environment variables of a service: the `environment` key and the files of `env_file`."""

from collections.abc import Iterator

from rollsafe.artefacts.compose.values import entries_of, with_defaults
from rollsafe.artefacts.paths import project_path
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple


class EnvVariable(NamedTuple):
    """A variable of a container.

    `value` is as written; None when it is taken from the environment Compose runs in. `value_span` is
    where it stands, quotes left out of the list form. The repr leaves the value out, as it may be a
    credential.
    """

    name: str
    name_span: Span
    value: str | None
    value_span: Span | None
    node: Node

    def __repr__(self) -> str:
        return f"EnvVariable({self.name!r})"


class EnvFileUse(NamedTuple):
    """A file named by `env_file`; `path` is None when it lies outside or a variable decides it."""

    path: str | None
    is_required: bool
    node: Scalar


def variables_of(file: SourceFile, node: Node | None) -> Iterator[EnvVariable]:
    """Yield the variables of an `environment` mapping or list."""
    if isinstance(node, Mapping):
        for entry in entries_of(node):
            if isinstance(entry.key, Scalar):
                yield _from_entry(entry.key, resolve(entry.value))
    elif isinstance(node, Sequence):
        for item in map(resolve, node.items):
            if isinstance(item, Scalar) and item.text:
                yield _from_item(file, item)


def env_files_of(file: SourceFile, node: Node | None) -> Iterator[EnvFileUse]:
    """Yield the files of `env_file`: a path, a list of paths, or a list with options."""
    items = node.items if isinstance(node, Sequence) else [node]
    for item in map(resolve, items):
        path = item.at("path") if isinstance(item, Mapping) else item
        if isinstance(path, Scalar) and not path.is_null:
            required = item.bool_at("required") if isinstance(item, Mapping) else None
            written = with_defaults(path.text)
            found = project_path(file.directory, written) if written is not None else None
            yield EnvFileUse(found, required is not False, path)


def _from_entry(key: Scalar, value: Node | None) -> EnvVariable:
    if not isinstance(value, Scalar) or value.is_null:
        return EnvVariable(key.text, Span.of(key), None, None, key)
    return EnvVariable(key.text, Span.of(key), value.text, Span.of(value), key)


def _from_item(file: SourceFile, item: Scalar) -> EnvVariable:
    name, equals, value = item.text.partition("=")
    start = file.text.find(name, item.start, item.end)
    if start < 0:
        return EnvVariable(name, Span.of(item), value if equals else None, None, item)
    name_span = Span(start, start + len(name))
    if not equals:
        return EnvVariable(name, name_span, None, None, item)
    end = item.end if item.plain or item.block else item.end - 1
    return EnvVariable(name, name_span, value, Span(name_span.end + 1, end), item)
