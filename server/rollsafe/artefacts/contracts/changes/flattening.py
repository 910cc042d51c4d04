"""Objects put together of others by `allOf`, as the one object that they describe."""

from typing import Final

from rollsafe.artefacts.contracts.changes.documents import At, Revision
from rollsafe.artefacts.contracts.changes.mends import Made
from rollsafe.artefacts.contracts.changes.values import NOTES
from rollsafe.formats.nodes import Entry, Mapping, Node, Sequence

_MOST_PARTS: Final = 60
"""Parts of one object, at any depth."""
_SHAPE: Final = frozenset({"type", "properties", "required"})
_BESIDE: Final = NOTES | {"allOf", "deprecated", "discriminator", "xml"}


def flattened(revision: Revision, at: At) -> At | None:
    """Return the object that an `allOf` and what stands beside it describe.

    None where a part says more than types, properties and what is required, or lies in another file.
    """
    parts = _parts(revision, at)
    if parts is None:
        return None
    made = Made(at.node.start, at.node.end)
    made.entries = [
        entry
        for entry in (at.node.entries if isinstance(at.node, Mapping) else ())
        if entry.name not in _SHAPE and entry.name != "allOf"
    ]
    made.entries += [entry for key in _SHAPE if (entry := _entry(at, parts, key)) is not None]
    return At(at.path, made, at.mark, at.way, at.parent)


def is_contained(part: At | None, whole: At) -> bool:
    """Say whether an object has all the properties of a part, and needs those that the part needs."""
    if part is None:
        return False
    needs = frozenset(whole.texts("required"))
    return (
        needs.issuperset(part.texts("required")) and properties_of(part).keys() <= properties_of(whole).keys()
    )


def untyped(at: At) -> At:
    """Return an object without its type, which its properties imply."""
    made = Made(at.node.start, at.node.end)
    made.entries = [
        entry for entry in (at.node.entries if isinstance(at.node, Mapping) else ()) if entry.name != "type"
    ]
    return At(at.path, made, at.mark, at.way, at.parent)


def properties_of(at: At) -> dict[str, At]:
    """Return the properties of an object by name."""
    held = at.get("properties")
    return dict(held.pairs()) if held is not None else {}


def _parts(revision: Revision, at: At) -> list[At] | None:
    """Return an object and all that it is put together of; None where that is not plain."""
    found: list[At] = [at]
    waiting = _own(at)
    while waiting:
        part = revision.follow(waiting.pop(0))
        if part is None or not part.is_map or part.path != at.path or not _is_plain(part):
            return None
        if len(found) >= _MOST_PARTS or any(part.node is one.node for one in found):
            return None
        found.append(part)
        waiting += _own(part)
    return found


def _own(at: At) -> list[At]:
    held = at.get("allOf")
    return list(held.items()) if held is not None else []


def _is_plain(part: At) -> bool:
    return all(
        name in _SHAPE or name in _BESIDE or name.startswith("x-") for name, _ in part.pairs()
    ) and part.text("type") in ("", "object")


def _entry(at: At, parts: list[At], key: str) -> Entry | None:
    """Return the entry of the whole for a key of its shape; the first that has one says where it is."""
    held = [found for part in parts if (found := part.get(key)) is not None]
    if not held:
        return None
    first = held[0]
    if key == "type" or len(held) == 1:
        return Entry(first.mark, first.node)
    value: Node
    if key == "required":
        value = Sequence(first.node.start, first.node.end)
        value.items = [item.node for one in held for item in one.items()]
    else:
        value = Made(first.node.start, first.node.end)
        value.entries = [entry for one in held if isinstance(one.node, Mapping) for entry in one.node.entries]
    return Entry(first.mark, value)
