"""Published ports, in the short and the long syntax."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.compose.values import settled
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_RANGE = lazily(r"(\d{1,5})(?:-(\d{1,5}))?\Z", re.A)
_EVERY_INTERFACE: Final = frozenset({"", "0.0.0.0", "::", "[::]", "*"})
_LONGEST: Final = 256


class PortRange(NamedTuple):
    """Ports `first` to `last`; both the same for a single port."""

    first: int
    last: int

    def overlaps(self, other: "PortRange") -> bool:
        """Say whether the two have a port in common."""
        return self.first <= other.last and other.first <= self.last


class PortMapping(NamedTuple):
    """An item of `ports`: `target` in the container, `published` on the host.

    `published` is None where the host's port is left to chance or to a variable, `target` None where a
    variable decides it. `host_ip` is as written, variables with defaults replaced.
    """

    host_ip: str | None
    published: PortRange | None
    target: PortRange | None
    protocol: str
    node: Node

    @property
    def is_on_every_interface(self) -> bool:
        """Whether the port can be reached from other machines on any address of the host."""
        return self.host_ip is None or self.host_ip in _EVERY_INTERFACE


def ports_of(node: Node | None) -> Iterator[PortMapping]:
    """Yield the items of a `ports` list; what is no port at all is left out."""
    if isinstance(node, Sequence):
        for item in map(resolve, node.items):
            if isinstance(item, Mapping):
                yield _long(item)
            elif isinstance(item, Scalar) and not item.is_null:
                yield _short(item)


def range_of(text: str | None) -> PortRange | None:
    """Return the port or range a settled text names, else None."""
    match = _RANGE.match(text or "")
    return PortRange(int(match[1]), int(match[2] or match[1])) if match is not None else None


def _short(item: Scalar) -> PortMapping:
    """Read `[[host ip:]published:]target[/protocol]`; an IPv6 address may hold colons."""
    written, _, protocol = settled(item.text[:_LONGEST]).partition("/")
    *before, target = written.rsplit(":", 2)
    published = before[-1] if before else None
    host_ip = before[0] if len(before) > 1 else None
    return PortMapping(host_ip, range_of(published), range_of(target), protocol or "tcp", item)


def _long(item: Mapping) -> PortMapping:
    def text(key: str) -> str | None:
        value = item.text_at(key)
        return settled(value[:_LONGEST]) if value is not None else None

    return PortMapping(
        host_ip=text("host_ip"),
        published=range_of(text("published")),
        target=range_of(text("target")),
        protocol=text("protocol") or "tcp",
        node=item,
    )
