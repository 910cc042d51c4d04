"""Edits of Compose files that several rules offer."""

import itertools
from collections.abc import Sequence as Several
from json import dumps
from typing import Final

from rollsafe.artefacts.compose import ComposeFile, ComposeService, PortMapping
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence
from rollsafe.formats.yaml_edit import (
    add_child,
    add_entry,
    add_entry_before,
    as_at_end,
    column_of,
    comments_above,
    dash_of,
    eol_of,
    line_end,
    line_start,
)
from rollsafe.formats.yaml_removal import remove_entry, remove_item
from rollsafe.rules.api import Fix, Safety
from rollsafe.text import Edit, Span
from rollsafe.text.patterns import lazily

SERVICE_KEYS: Final = (
    *("image", "build", "container_name", "depends_on", "volumes", "volumes_from", "configs", "secrets"),
    *("environment", "env_file", "ports", "networks", "network_mode", "extra_hosts", "command", "entrypoint"),
    *("working_dir", "restart", "healthcheck", "logging", "labels", "user", "isolation"),
)
"""The order in which keys of a service stand by custom."""
_MOST_IN_ORDER: Final = 500
_ALIAS: Final = lazily(r"(?:^|[\s\[{,])[&*][\w-]|<<:")
_VARIABLE: Final = lazily(r"\$\{[^}]*\}")
_CHECK: Final = "test: {test}\ninterval: 10s\ntimeout: 5s\nretries: 5"


def added(service: ComposeService, key: str, value: str, title: str, safety: Safety) -> tuple[Fix, ...]:
    """Return the fix that adds `key` to a service of its own that is written in block style."""
    if service.node.flow or not service.node.entries or service.node.entry(key) is not None:
        return ()
    return (Fix(title, safety, edits=(add_key(service, key, value),)),)


def add_key(service: ComposeService, key: str, value: str) -> Edit:
    """Return the edit that adds `key` to a service, above the first that comes after it by custom."""
    text, node = service.file.text, service.node
    behind = next((entry for entry in node.entries if key_rank(entry.name) > key_rank(key)), None)
    if behind is None or node.flow or column_of(text, behind.key.start) != column_of(text, node.start):
        return add_entry(text, node, key, value)
    return add_entry_before(text, behind, key, value)


def key_rank(key: str) -> tuple[int, str]:
    """Return where a key of a service stands by custom: the common ones first, others by the alphabet."""
    return (SERVICE_KEYS.index(key), "") if key in SERVICE_KEYS else (len(SERVICE_KEYS), key)


def with_health_check(service: ComposeService, safety: Safety) -> tuple[Fix, ...]:
    """Return the fix that adds the check of a widely used image; none for other images."""
    known = service.known
    if known is None or not known.health_test:
        return ()
    check = _CHECK.format(test=dumps(list(known.health_test)))
    return added(service, "healthcheck", check, f"Add a health check for {known.title}", safety)


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
    if not isinstance(node, Scalar) or node.block or "[" in node.text:
        return None
    address = port.host_ip or ""
    rest = node.text.removeprefix(f"{address}:") if address else node.text
    if ":" not in _VARIABLE.sub("", rest):
        if "$" in rest:
            return None
        rest = f":{rest}"
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


def in_order(text: str, parts: Several[Entry] | Several[Node], wanted: Several[int]) -> tuple[Edit, ...]:
    """Return the edits that bring block entries or items into the order of `wanted`, their ranks.

    Each takes the comment lines right above it along. Nothing is moved where other words stand between
    them, or where an anchor and its alias might change places; nor in very long lists, in which every
    finding would move all of it.
    """
    if len(parts) > _MOST_IN_ORDER:
        return ()
    spans = [_lines_of(text, part) for part in parts]
    gaps = [text[one.end : other.start] for one, other in itertools.pairwise(spans)]
    whole = text[spans[0].start : spans[-1].end] if spans else ""
    if any(gap.strip() or "\n" not in gap for gap in gaps) or _ALIAS.search(whole):
        return ()
    order = sorted(range(len(spans)), key=lambda index: (wanted[index], index))
    return tuple(
        Edit(place, text[spans[index].start : spans[index].end])
        for place, index in zip(spans, order, strict=True)
        if place != spans[index]
    )


def _lines_of(text: str, part: Entry | Node) -> Span:
    """Return the lines of an entry or item with the comments above it, from where its line's words begin."""
    start = dash_of(text, part) if isinstance(part, Node) else part.start
    first = comments_above(text, start)
    if first != line_start(text, start):
        start = first + column_of(text, start)
    return Span(start, max(line_end(text, part.end), part.end))
