"""What breaks between a `.proto` file as it is and as it was at the git base."""

import re
from functools import lru_cache
from typing import Final

from rollsafe.artefacts.contracts.changes.protos import ProtoChange, proto_changes
from rollsafe.artefacts.contracts.proto import LARGEST, ProtoFile, ProtoPart, ProtoText, read_proto
from rollsafe.text.patterns import lazily
from rollsafe.workspace.facts import Base
from rollsafe.workspace.graph import Graph

_MOST: Final = 400
"""Files of one package that are looked at for what came from them."""
_PACKAGE = lazily(r"^[ \t]*package[ \t]+([\w.]+)\s*;", re.M)


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
    held = base.remember(("proto parts", file.package), lambda: _parts_at_base(file.package, base))
    found = [
        part
        for name in sorted(wanted & held.keys())
        for path, part in held[name]
        if path != file.file.path and not _is_kept(path, name, graph)
    ]
    return tuple(found)


def _is_kept(path: str, name: str, graph: Graph) -> bool:
    """Say whether a file that had a part has it still."""
    now = next(iter(graph.find(ProtoFile, f"contract:{path}")), None)
    return now is not None and any(part.name == name for part in now.parts)


def _parts_at_base(package: str, base: Base) -> dict[str, list[tuple[str, ProtoPart]]]:
    """Return by name what the files of a package described at the base, and where."""
    paths = base.remember("proto packages", lambda: _packages(base)).get(package, [])
    found: dict[str, list[tuple[str, ProtoPart]]] = {}
    for path in paths[:_MOST]:
        old = proto_at_base(path, base)
        for part in old.parts if old is not None and old.package == package else ():
            found.setdefault(part.name, []).append((path, part))
    return found


def _packages(base: Base) -> dict[str, list[str]]:
    """Return the files of the base by the package they seem to be in."""
    found: dict[str, list[str]] = {}
    for path in sorted(one for one in base.list_paths() if one.endswith(".proto")):
        text = base.read(path) or ""
        named = _PACKAGE.search(text) if len(text) <= LARGEST else None
        found.setdefault(named[1] if named is not None else "", []).append(path)
    return found
