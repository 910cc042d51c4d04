"""How a change of a description is taken back."""

from rollsafe.artefacts.contracts.changes.documents import At
from rollsafe.artefacts.contracts.changes.model import Mend, Spot
from rollsafe.formats.nodes import Mapping


class Made(Mapping):
    """A mapping that no file has: the one that several describe together."""

    __slots__ = ()


def mend_of(now: At, was: At | None) -> Mend | None:
    """Return what gives an entry the value of the base again; None where that takes more than one entry.

    Without `was` the entry goes. Where the entry is gone, `now` is the mapping it was in.
    """
    around = now.parent.node if now.parent is not None else None
    if any(isinstance(one, Made) for one in (around, now.node, was.node if was is not None else None)):
        return None
    if now.way is not None or (was is not None and was.way is not None):
        return None
    if was is None:
        return Mend(around, now.key, None) if isinstance(around, Mapping) and now.key else None
    old = Spot(was.path, was.node.start, was.node.end)
    if not was.key:
        return None
    if now.key == was.key and isinstance(around, Mapping):
        return Mend(around, now.key, old)
    is_inside = was.parent is not None and was.parent.key == now.key
    if is_inside and isinstance(now.node, Mapping) and now.node.entry(was.key) is None:
        return Mend(now.node, was.key, old)
    return None
