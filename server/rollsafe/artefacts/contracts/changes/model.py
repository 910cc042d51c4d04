"""What differs between two revisions of a description in a way that breaks somebody."""

from enum import StrEnum

from rollsafe.artefacts.contracts.changes.documents import At
from rollsafe.formats.nodes import Mapping
from rollsafe.text.tuples import NamedTuple


class Hazard(StrEnum):
    """What a change does to those who use the interface."""

    REMOVED_OPERATION = "removed operation"
    NEW_REQUIREMENT = "new requirement"
    NARROWED_INPUT = "narrowed input"
    REMOVED_INPUT = "removed input"
    WIDENED_OUTPUT = "widened output"
    REMOVED_OUTPUT = "removed output"
    TIGHTENED_SECURITY = "tightened security"
    LOOSENED_SECURITY = "loosened security"
    BROKEN_SUNSET = "broken sunset"
    REMOVED_CHANNEL = "removed channel"
    CHANGED_DELIVERY = "changed delivery"
    CHANGED_VERSION = "changed version"


class Direction(StrEnum):
    """Who writes a value: the client (`request`), or the server or the sender of an event (`response`)."""

    REQUEST = "request"
    RESPONSE = "response"


class Effect(StrEnum):
    """What a change does to the set of values that are valid."""

    NARROWS = "narrows"
    WIDENS = "widens"
    REPLACES = "replaces"


class Spot(NamedTuple):
    """A place in a file, as offsets of its text."""

    path: str
    start: int
    end: int


def spot_of(at: At) -> Spot:
    """Return the place of what is to be pointed at."""
    return Spot(at.path, at.mark.start, at.mark.end)


def place_of(at: At) -> Spot:
    """Return the place in the document itself from which a value is reached."""
    return spot_of(at.way if at.way is not None else at)


class Mend(NamedTuple):
    """How a change is taken back: in `around`, a mapping of the new revision, `key` has its old value again.

    `old` is that value at the base; without one the key goes.
    """

    around: Mapping
    key: str
    old: Spot | None


class Change(NamedTuple):
    """A change that may break somebody.

    `now` is in the new revision of the document: the thing itself, or the nearest thing around it that is
    still there. `inside` is its place in another file that a reference leads to; `was` is where it was.
    `peers` names it in other tools. `is_sure` tells what breaks from what may break. `is_announced` says that
    a new major version, or a mark that makes no promise, announces it. `effect` is what becomes of the values
    that are valid, where a schema changed; `channel` is the address of the channel it is on.
    """

    hazard: Hazard
    message: str
    now: Spot
    was: Spot | None
    peers: tuple[str, ...]
    operation: str
    is_sure: bool = True
    is_announced: bool = False
    inside: Spot | None = None
    mend: Mend | None = None
    effect: Effect | None = None
    channel: str = ""

    def told_again(self, peers: tuple[str, ...], *, is_sure: bool, is_announced: bool) -> "Change":
        """Return the change with what another operation that it is in says about it; the worst counts."""
        names = dict.fromkeys((*self.peers, *peers))
        return self._replace(
            peers=tuple(names),
            is_sure=self.is_sure or is_sure,
            is_announced=self.is_announced and is_announced,
        )
