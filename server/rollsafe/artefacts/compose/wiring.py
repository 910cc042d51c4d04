"""How a service is tied to others and to files: build, dependencies, `extends`, volumes."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from rollsafe.artefacts.compose.values import UNKNOWN, entries_of, scalars_of, settled, with_defaults
from rollsafe.artefacts.paths import project_path
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_REMOTE = lazily(r"(?:[a-z][a-z+.-]*://|git@|github\.com/)")
_DRIVE = lazily(r"[A-Za-z]:[\\/]")
_LONGEST_MOUNT: Final = 4096


class Build(NamedTuple):
    """How an image is built. Paths are those of the project.

    `context` and `dockerfile` are None where they lie outside of the project, in a remote repository, or
    where a variable decides; `dockerfile` also for an inline one. `node` is the value of `build`.
    """

    context: str | None
    dockerfile: str | None
    target: str | None
    context_node: Scalar | None
    dockerfile_node: Scalar | None
    target_node: Scalar | None
    node: Node


class Dependency(NamedTuple):
    """An item of `depends_on`; `condition` is None where the short syntax leaves it out.

    Without a condition Compose only waits until the other container is started. `node` is the name.
    """

    service: str
    condition: str | None
    condition_node: Scalar | None
    is_required: bool
    node: Scalar


class Extends(NamedTuple):
    """The service another one takes its settings from; `is_elsewhere` when another file is named."""

    service: str
    is_elsewhere: bool
    path: str | None
    node: Node


class MountKind(StrEnum):
    """What is mounted: `anonymous` is a volume without a name, `other` what a variable decides."""

    BIND = "bind"
    VOLUME = "volume"
    ANONYMOUS = "anonymous"
    OTHER = "other"


class Mount(NamedTuple):
    """An item of `volumes`. `path` is what a bind mount shows of the project; None when nothing."""

    kind: MountKind
    source: str | None
    target: str
    is_read_only: bool
    path: str | None
    node: Node


def build_of(file: SourceFile, node: Node | None) -> Build | None:
    """Return what `build` says, short or long."""
    if isinstance(node, Scalar) and not node.is_null:
        return _build(file, node, node, None, None)
    if not isinstance(node, Mapping):
        return None
    built = _build(file, node, _scalar(node, "context"), _scalar(node, "dockerfile"), _scalar(node, "target"))
    is_inline = node.at("dockerfile_inline") is not None
    return built._replace(dockerfile=None) if is_inline else built


def _build(
    file: SourceFile,
    node: Node,
    context_node: Scalar | None,
    dockerfile_node: Scalar | None,
    target_node: Scalar | None,
) -> Build:
    written = with_defaults(context_node.text) if context_node is not None else "."
    is_remote = written is not None and _REMOTE.match(written) is not None
    context = None if written is None or is_remote else project_path(file.directory, written)
    name = with_defaults(dockerfile_node.text) if dockerfile_node is not None else "Dockerfile"
    known = context is not None and name is not None
    return Build(
        context=context,
        dockerfile=project_path(context or "", name or "") if known else None,
        target=with_defaults(target_node.text) if target_node is not None else None,
        context_node=context_node,
        dockerfile_node=dockerfile_node,
        target_node=target_node,
        node=node,
    )


def dependencies_of(node: Node | None) -> Iterator[Dependency]:
    """Yield the items of `depends_on`, as a list of names or a mapping with conditions."""
    if isinstance(node, Mapping):
        for entry in entries_of(node):
            value = resolve(entry.value)
            if isinstance(entry.key, Scalar):
                condition = _scalar(value, "condition")
                optional = value is not None and value.bool_at("required") is False
                text = condition.text if condition is not None else None
                yield Dependency(entry.name, text, condition, not optional, entry.key)
    else:
        yield from (Dependency(item.text, None, None, True, item) for item in scalars_of(node))


def extends_of(file: SourceFile, node: Node | None) -> Extends | None:
    """Return what `extends` says, short or long."""
    if isinstance(node, Scalar) and not node.is_null:
        return Extends(node.text, False, None, node)
    service = _scalar(node, "service")
    if node is None or service is None:
        return None
    written = _scalar(node, "file")
    if written is None:
        return Extends(service.text, False, None, service)
    path = project_path(file.directory, with_defaults(written.text) or "")
    return Extends(service.text, path != file.path, path, service)


def mounts_of(file: SourceFile, node: Node | None) -> Iterator[Mount]:
    """Yield the items of `volumes`, short or long."""
    if isinstance(node, Sequence):
        for item in map(resolve, node.items):
            if isinstance(item, Mapping):
                yield _long_mount(file, item)
            elif isinstance(item, Scalar) and not item.is_null:
                yield _short_mount(file, item)


def _short_mount(file: SourceFile, item: Scalar) -> Mount:
    """Read `[source:]target[:options]`; a Windows drive is part of the path."""
    text = settled(item.text[:_LONGEST_MOUNT])
    drive = 2 if _DRIVE.match(text) else 0
    first, *rest = text[drive:].split(":")
    if not rest:
        return Mount(MountKind.ANONYMOUS, None, text, False, None, item)
    source = text[:drive] + first
    options = rest[1].split(",") if len(rest) > 1 else []
    return _mount(file, _kind_of(source), source, rest[0], "ro" in options, item)


def _kind_of(source: str) -> MountKind:
    if source.startswith(UNKNOWN):
        return MountKind.OTHER
    is_path = source[:1] in (".", "/", "~") or _DRIVE.match(source) is not None
    return MountKind.BIND if is_path else MountKind.VOLUME


def _long_mount(file: SourceFile, item: Mapping) -> Mount:
    source, target = item.text_at("source"), settled(item.text_at("target") or "")
    kind = item.text_at("type") or MountKind.VOLUME
    known = MountKind(kind) if kind in (MountKind.BIND, MountKind.VOLUME) else MountKind.OTHER
    if known is MountKind.VOLUME and source is None:
        known = MountKind.ANONYMOUS
    written = settled(source) if source is not None else None
    return _mount(file, known, written, target, item.bool_at("read_only") is True, item)


def _mount(
    file: SourceFile, kind: MountKind, source: str | None, target: str, read_only: bool, node: Node
) -> Mount:
    is_bind = kind is MountKind.BIND and source is not None and UNKNOWN not in source
    path = project_path(file.directory, source or "") if is_bind else None
    return Mount(kind, source, target, read_only, path, node)


def _scalar(node: Node | None, key: str) -> Scalar | None:
    found = node.at(key) if node is not None else None
    return found if isinstance(found, Scalar) and not found.is_null else None
