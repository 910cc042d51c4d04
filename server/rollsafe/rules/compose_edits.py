"""Edits of Compose files that several rules offer."""

from collections.abc import Sequence as Several
from json import dumps
from typing import Final

from rollsafe.artefacts.compose import ComposeFile, ComposeService, PortMapping
from rollsafe.formats.nodes import Mapping, Scalar, Sequence
from rollsafe.formats.yaml_edit import add_child, add_entry, as_at_end, eol_of, remove_entry, remove_item
from rollsafe.rules.api import Fix, Safety
from rollsafe.text import Edit, Span

_CHECK: Final = "test: {test}\ninterval: 10s\ntimeout: 5s\nretries: 5"


def added(service: ComposeService, key: str, value: str, title: str, safety: Safety) -> tuple[Fix, ...]:
    """Return the fix that adds `key` to a service of its own that is written in block style."""
    if service.node.flow or not service.node.entries or service.node.entry(key) is not None:
        return ()
    edit = add_entry(service.file.text, service.node, key, value)
    return (Fix(title, safety, edits=(edit,)),)


def with_health_check(service: ComposeService) -> tuple[Fix, ...]:
    """Return the fix that adds the check of a widely used image; none for other images."""
    known = service.known
    if known is None or not known.health_test:
        return ()
    check = _CHECK.format(test=dumps(list(known.health_test)))
    return added(service, "healthcheck", check, f"Add a health check for {known.title}", Safety.SAFE)


def removed(service: ComposeService, key: str, title: str, safety: Safety) -> tuple[Fix, ...]:
    """Return the fix that takes `key` out of a service; none where it is all there is, or inherited."""
    edit = remove_entry(service.file.text, service.node, key) if len(service.node.entries) > 1 else None
    return (Fix(title, safety, edits=(edit,)),) if edit is not None else ()


def declaration(compose: ComposeFile, section: str, name: str) -> Edit | None:
    """Return the edit that declares `name` under a top-level key; None for a file in braces."""
    entry = compose.root.entry(section)
    text = compose.file.text
    if compose.root.flow:
        return None
    if entry is not None:
        return add_child(text, entry, name, "")
    eol = eol_of(text)
    if "\n---" in text or "\n..." in text:
        return add_entry(text, compose.root, section, f"{name}:")
    lead = "" if text.endswith(("\n", "\r")) else eol
    return Edit(Span.at(len(text)), lead + as_at_end(text, f"{eol}{section}:{eol}  {name}:{eol}"))


def joined(first: Edit, second: Edit) -> tuple[Edit, ...]:
    """Return two insertions as edits that may be made together, `first` before `second` at one place."""
    if first.span == second.span:
        return (Edit(first.span, first.text + second.text),)
    return (first, second)


def on_loopback(port: PortMapping, text: str) -> Edit | None:
    """Return the edit that publishes a port on the host's own address only."""
    node = port.node
    if isinstance(node, Mapping):
        host = node.at("host_ip")
        if isinstance(host, Scalar):
            return Edit(Span.of(host), "127.0.0.1")
        return add_entry(text, node, "host_ip", "127.0.0.1")
    if not isinstance(node, Scalar) or port.published is None or "[" in node.text:
        return None
    address = port.host_ip or ""
    rest = node.text.removeprefix(f"{address}:") if address else node.text
    if node.plain:
        return Edit(Span.of(node), f'"127.0.0.1:{rest}"')
    return Edit(Span(node.start + 1, node.end - 1), f"127.0.0.1:{rest}")


def without_item(text: str, owner: Mapping, key: str, item: Scalar) -> Edit | None:
    """Return the edit that takes an item out of the list or mapping under `key`, with the key when alone."""
    node = owner.at(key)
    if isinstance(node, Mapping):
        alone, edit = len(node.entries) == 1, remove_entry(text, node, item.text)
    elif isinstance(node, Sequence) and item in node.items:
        alone, edit = len(node.items) == 1, remove_item(text, node, node.items.index(item))
    else:
        return None
    return remove_entry(text, owner, key) if alone else edit


def reordered(text: str, spans: Several[Span], order: Several[int]) -> tuple[Edit, ...]:
    """Return the edits that put pieces of text into another order, what is between them left as it is."""
    return tuple(
        Edit(place, text[spans[index].start : spans[index].end])
        for place, index in zip(spans, order, strict=True)
        if place != spans[index]
    )
