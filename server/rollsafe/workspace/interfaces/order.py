"""Which side of an interface goes first when it changes, so that nobody meets what he cannot read."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from rollsafe.artefacts.contracts.avro.resolution import Obstacle
from rollsafe.artefacts.contracts.changes import Change, Effect, Hazard
from rollsafe.artefacts.contracts.changes.avro import AvroChange
from rollsafe.artefacts.contracts.changes.protos import ProtoChange

_SHOWN: Final = 4


class First(StrEnum):
    """Who is deployed before the other side."""

    OTHERS = "others"
    """Those who use the interface, before the one who provides it."""
    READERS = "readers"
    """Those who read messages, before those who write them."""
    WRITERS = "writers"
    """Those who write messages, and what was written before is gone when readers follow."""
    NOBODY = "nobody"
    """Whoever goes first breaks the other: the new form has to stand beside the old one for a while."""


_NO_ORDER: Final = frozenset({Hazard.CHANGED_DELIVERY})
_NO_MATTER: Final = frozenset({Hazard.CHANGED_VERSION, Hazard.LOOSENED_SECURITY})


def first_of(change: Change) -> First | None:
    """Return who goes first when a description changes so; None where that is no question of order."""
    if change.hazard in _NO_MATTER:
        return None
    if change.hazard in _NO_ORDER or change.effect is Effect.REPLACES:
        return First.NOBODY
    return First.OTHERS


def first_of_schema(change: Change) -> First:
    """Return who goes first when a schema changes so of which nobody says who writes and who reads."""
    if change.effect is Effect.REPLACES:
        return First.NOBODY
    is_narrower = change.hazard in (Hazard.NARROWED_INPUT, Hazard.NEW_REQUIREMENT)
    return First.WRITERS if is_narrower else First.READERS


def first_of_avro(change: AvroChange) -> First:
    """Return who goes first when a schema changes so."""
    if change.obstacle is Obstacle.MEANING or (change.stops_new and change.stops_old):
        return First.NOBODY
    return First.WRITERS if change.stops_new else First.READERS


def first_of_proto(change: ProtoChange) -> First | None:
    """Return who goes first when a `.proto` file changes so; None where messages are read as they were."""
    if not change.is_sure:
        return None
    if change.effect is not None:
        return First.WRITERS if change.effect is Effect.NARROWS else First.READERS
    if not change.is_gone:
        return First.NOBODY
    if change.number is not None:
        return First.WRITERS if change.is_value else First.READERS
    return First.OTHERS


def advice(first: First, owners: Iterable[str], others: Iterable[str]) -> str:
    """Return in one line the order that keeps both sides working.

    `owners` are those who provide the interface, or write the messages; `others` those who use it, or read.
    """
    mine, theirs = listed(owners), listed(others)
    match first:
        case First.OTHERS:
            return f"deploy those who use it first{_in_brackets(theirs)}, then {mine or 'what provides it'}"
        case First.READERS:
            who = f"those who write it{_in_brackets(mine)}"
            return f"deploy those who read it first{_in_brackets(theirs)}, then {who}"
        case First.WRITERS:
            who = f"those who read it{_in_brackets(theirs)}"
            return (
                f"deploy those who write it first{_in_brackets(mine)}, and {who} once nothing older is left"
            )
        case First.NOBODY:
            return "no order of deployment is safe: offer both forms for a while, then take the old one away"


def _in_brackets(names: str) -> str:
    return f" ({names})" if names else ""


def listed(names: Iterable[str]) -> str:
    """Return names as a sentence lists them, each once; empty for none."""
    known = list(dict.fromkeys(name for name in names if name))
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return ", ".join(f"`{name}`" for name in known[:_SHOWN]) + more
