"""Places of the system's graph as evidence of claims."""

from collections.abc import Iterable

from rollsafe.plans.model import Evidence
from rollsafe.workspace.system import Place

_MOST = 4


def at(place: Place) -> Evidence:
    """Return a place as evidence."""
    return Evidence(path=place.path, line=place.line)


def all_at(places: Iterable[Place], most: int = _MOST) -> tuple[Evidence, ...]:
    """Return places as evidence, the first few of many."""
    return tuple(at(place) for place in list(dict.fromkeys(places))[:most])


def listed(names: Iterable[str], most: int = 6) -> str:
    """Return names as people list them, the first few of many."""
    known = list(names)
    shown = ", ".join(f"`{name}`" for name in known[:most])
    return shown + (f" and {len(known) - most} more" if len(known) > most else "")


def name_of(id_: str) -> str:
    """Return the name in the id of a node."""
    return id_.partition(":")[2]
