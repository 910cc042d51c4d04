"""What breaks between a `.proto` file as it is and as it was at the git base."""

from functools import lru_cache
from typing import Final

from rollsafe.artefacts.contracts.changes.protos import ProtoChange, proto_changes
from rollsafe.artefacts.contracts.proto import LARGEST, ProtoFile, ProtoPart, ProtoText, read_proto
from rollsafe.workspace.facts import Base
from rollsafe.workspace.graph import Graph

_MOST: Final = 400
"""Other files of the base that are looked at for what came from them."""


def changes_of_proto(file: ProtoFile, base: Base, graph: Graph) -> tuple[ProtoChange, ...]:
    """Return what breaks those who were built with the base; nothing without one.

    What moved to another file of its package is compared there.
    """
    path, text = file.file.path, file.file.text
    if not base.known or base.is_unchanged(path, text):
        return ()
    before = proto_at_base(path, base) if base.had(path) else None
    moved = _moved_here(file, before, base, graph)
    if before is None and not moved:
        return ()
    whole = before or file.described._replace(parts=())
    found = proto_changes(whole._replace(parts=(*whole.parts, *moved)), file.described)
    return tuple(one for one in found if not _is_elsewhere(file, one, graph))


def proto_at_base(path: str, base: Base) -> ProtoText | None:
    """Return what a file described at the base; None where it is too large."""
    text = base.read(path) or ""
    return _read(text) if len(text) <= LARGEST else None


@lru_cache(maxsize=64)
def _read(text: str) -> ProtoText:
    return read_proto(text)


def _is_elsewhere(file: ProtoFile, change: ProtoChange, graph: Graph) -> bool:
    """Say whether what is gone here is in another file of the package."""
    key = f"proto:{file.package}.{change.name}"
    return bool(change.name) and any(one.file.path != file.file.path for one in graph.find(ProtoFile, key))


def _moved_here(file: ProtoFile, before: ProtoText | None, base: Base, graph: Graph) -> tuple[ProtoPart, ...]:
    """Return how parts that are new here were where they came from: a file that has them no longer."""
    known = {part.name for part in before.parts} if before is not None else set[str]()
    wanted = {part.name for part in file.parts} - known
    if not wanted:
        return ()
    found: list[ProtoPart] = []
    others = sorted(one for one in base.list_paths() if one.endswith(".proto") and one != file.file.path)
    for path in others[:_MOST]:
        old = proto_at_base(path, base) if wanted else None
        if old is None or old.package != file.package:
            continue
        now = next((one for one in graph.find(ProtoFile, f"contract:{path}")), None)
        kept = {part.name for part in now.parts} if now is not None else set[str]()
        mine = [part for part in old.parts if part.name in wanted and part.name not in kept]
        found += mine
        wanted -= {part.name for part in mine}
    return tuple(found)
