"""Directories of nodes that pods mount: by whom, and how they are taken away."""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Container, Volume, VolumeMount, Workload
from rollsafe.formats.nodes import Sequence
from rollsafe.formats.yaml_removal import remove_entry, remove_item
from rollsafe.text import Edit


def mounts_of(workload: Workload, volume: Volume) -> list[tuple[Container, VolumeMount]]:
    """Return where containers mount `volume`, main ones first."""
    return [
        (container, mount)
        for container in workload.all_containers
        for mount in container.mounts
        if mount.volume == volume.name
    ]


def without_volume(workload: Workload, volume: Volume) -> tuple[Edit, ...]:
    """Return edits that remove a volume and its mounts; none where one of them cannot be taken out."""
    edits = list(_removals(workload, volume))
    return tuple(edit for edit in edits if edit is not None) if None not in edits else ()


def _removals(workload: Workload, volume: Volume) -> Iterator[Edit | None]:
    text = workload.file.text
    if workload.pod_spec is not None:
        listed = workload.pod_spec.at("volumes")
        if isinstance(listed, Sequence) and volume.node in listed.items:
            if len(listed.items) > 1:
                yield remove_item(text, listed, listed.items.index(volume.node))
            else:
                yield remove_entry(text, workload.pod_spec, "volumes")
    for container, mount in mounts_of(workload, volume):
        listed = container.node.at("volumeMounts")
        if isinstance(listed, Sequence) and mount.node in listed.items:
            if len(listed.items) > 1:
                yield remove_item(text, listed, listed.items.index(mount.node))
            else:
                yield remove_entry(text, container.node, "volumeMounts")
