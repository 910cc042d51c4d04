"""What a service names elsewhere in its project: services, networks, volumes, secrets, configs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rollsafe.artefacts.compose.values import UNKNOWN, names_of
from rollsafe.artefacts.compose.wiring import MountKind
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve
from rollsafe.text import Located, Span
from rollsafe.text.tuples import NamedTuple

if TYPE_CHECKING:
    from rollsafe.artefacts.compose.service import ComposeService

SINGULAR: Final = {
    "services": "service",
    "networks": "network",
    "volumes": "volume",
    "secrets": "secret",
    "configs": "config",
}
"""The top-level keys under which names are declared, and what one of each is called."""


class Use(NamedTuple):
    """A name of something declared under the top-level key `section`; `where` is the name itself."""

    section: str
    name: str
    where: Located


def uses_of(service: "ComposeService") -> Iterator[Use]:
    """Yield what one service names, what it inherits left out."""
    for key, node in service.node.pairs():
        match key:
            case "networks" | "secrets" | "configs":
                yield from _listed(node, key)
            case "build":
                yield from _listed(node.at("secrets"), "secrets")
            case "volumes":
                yield from _volumes(service)
            case "depends_on":
                for one in service.own_depends_on:
                    if one.is_required:
                        yield Use("services", one.service, one.node)
            case "links" | "volumes_from":
                yield from _linked(service, node)
            case "network_mode" | "pid" | "ipc":
                yield from _shared(service, node)
            case _:
                pass


def _volumes(service: "ComposeService") -> Iterator[Use]:
    for mount in service.own_mounts:
        if mount.kind is MountKind.VOLUME and mount.source is not None and UNKNOWN not in mount.source:
            where = mount.node.at("source") if isinstance(mount.node, Mapping) else mount.node
            if isinstance(where, Scalar):
                yield Use("volumes", mount.source, _part(service, where, mount.source))


def _linked(service: "ComposeService", node: Node) -> Iterator[Use]:
    for item in _scalars(node):
        name = item.text.partition(":")[0]
        if name and name != "container":
            yield Use("services", name, _part(service, item, name))


def _shared(service: "ComposeService", node: Node) -> Iterator[Use]:
    if isinstance(node, Scalar) and node.text.startswith("service:"):
        name = node.text.removeprefix("service:")
        yield Use("services", name, _part(service, node, name))


def _listed(node: Node | None, section: str) -> Iterator[Use]:
    """Yield the names of a list of names, of objects with a `source`, or of a mapping by name."""
    if not isinstance(node, Sequence):
        yield from (Use(section, name.text, name) for name in names_of(node))
        return
    for item in map(resolve, node.items):
        name = item.at("source") if isinstance(item, Mapping) else item
        if isinstance(name, Scalar) and not name.is_null:
            yield Use(section, name.text, name)


def _scalars(node: Node | None) -> Iterator[Scalar]:
    if isinstance(node, Sequence):
        yield from (item for item in map(resolve, node.items) if isinstance(item, Scalar))


def _part(service: "ComposeService", scalar: Scalar, name: str) -> Located:
    """Return where `name` stands in a scalar; the scalar itself where it is written in another way."""
    at = service.file.text.find(name, scalar.start, scalar.end)
    return Span(at, at + len(name)) if at >= 0 else scalar
