"""What rules about the powers of containers share: who may need them, and how settings are written."""

from collections.abc import Iterator, Mapping
from typing import Final

from rollsafe.artefacts.kubernetes import Container, Workload
from rollsafe.artefacts.purposes import is_development_path
from rollsafe.formats.nodes import Entry, Node, Sequence
from rollsafe.formats.nodes import Mapping as MappingNode
from rollsafe.formats.yaml_edit import (
    add_entries,
    add_entry,
    column_of,
    deepened,
    eol_of,
    indent_of,
    indented,
    render_entry,
    set_value,
)
from rollsafe.formats.yaml_removal import remove_entry, remove_item
from rollsafe.rules.api import Level
from rollsafe.text import Edit, Span

_KEY: Final = "securityContext"
SYSTEM: Final = frozenset({"kube-system", "kube-public", "kube-node-lease"})
"""Namespaces of the cluster's own parts, most of which no repository holds."""


def level_of(workload: Workload, level: Level = Level.PEDANTIC) -> Level:
    """Return who wants to hear of a power: of agents of nodes and of what is for development, auditors only.

    A DaemonSet and what runs beside the cluster's own parts are there for the nodes.
    """
    is_agent = workload.kind == "DaemonSet" or workload.namespace in SYSTEM
    return Level.AUDITOR if is_agent or is_development_path(workload.file.path) else level


def runs_on_windows(workload: Workload) -> bool:
    """Say whether the pods are for nodes that know nothing of Linux' settings."""
    spec = workload.pod_spec
    if spec is None:
        return False
    return "windows" in (spec.text_at("os", "name"), spec.text_at("nodeSelector", "kubernetes.io/os"))


def has_own_users(workload: Workload) -> bool:
    """Say whether ids inside of the pods are other users than outside."""
    return workload.pod_spec is not None and workload.pod_spec.bool_at("hostUsers") is False


def put_settings(container: Container, settings: Mapping[str, str]) -> tuple[Edit, ...]:
    """Return edits that put `settings` into the container's own security context.

    Settings that are there already get the new value. None at all where it is shared by an anchor.
    """
    text, entry = container.file.text, container.node.entry(_KEY)
    if entry is None:
        return (add_entry(text, container.node, _KEY, _block(settings)),)
    value = entry.value
    if isinstance(value, MappingNode) and value.entries:
        return tuple(_put(text, value, settings))
    if container.node.flow or not _is_empty(value):
        return ()
    return (_rewritten(text, entry, _block(settings)),)


def _put(text: str, mapping: MappingNode, settings: Mapping[str, str]) -> Iterator[Edit]:
    fresh = [(key, value) for key, value in settings.items() if mapping.entry(key) is None]
    if fresh:
        yield add_entries(text, mapping, fresh)
    for key, value in settings.items():
        present = mapping.entry(key)
        if present is None:
            continue
        if present.value.end == present.value.start:
            yield _rewritten(text, present, value)
        elif "\n" not in value and present.value.end > present.value.start:
            yield set_value(present.value, value)


def _rewritten(text: str, entry: Entry, value: str) -> Edit:
    """Write an entry that holds nothing anew."""
    indent = " " * column_of(text, entry.key.start)
    lines = render_entry(entry.name, deepened(value, indent_of(text)), indent_of(text))
    written = indented(lines, indent).lstrip(" ").replace("\n", eol_of(text))
    end = max(entry.value.end, text.index(":", entry.key.end) + 1)
    return Edit(Span(entry.key.start, end), written)


def _block(settings: Mapping[str, str]) -> str:
    return "\n".join(render_entry(key, value) for key, value in settings.items())


def _is_empty(node: Node) -> bool:
    is_hollow = isinstance(node, MappingNode) and not node.entries
    return is_hollow or node.end == node.start


def without_entry(text: str, mapping: MappingNode, key: str) -> Edit | None:
    """Remove an entry; None where nothing would be left of its mapping."""
    return remove_entry(text, mapping, key) if len(mapping.entries) > 1 else None


def without_item(text: str, owner: MappingNode, key: str, item: Node) -> Edit | None:
    """Remove an item of the list under `key`, and the list with its last item; None where it is not found."""
    listed = owner.at(key)
    if not isinstance(listed, Sequence) or item not in listed.items:
        return None
    if len(listed.items) > 1:
        return remove_item(text, listed, listed.items.index(item))
    return without_entry(text, owner, key)
