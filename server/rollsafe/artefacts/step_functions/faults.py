"""What is wrong in a state machine, and which checkers of others say so."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from rollsafe.formats.nodes import Mapping
from rollsafe.text import Located
from rollsafe.text.tuples import NamedTuple

if TYPE_CHECKING:
    from rollsafe.artefacts.step_functions.state import State


class FaultKind(StrEnum):
    """Why Step Functions refuses a definition."""

    UNKNOWN = "a field that has no meaning there"
    MISSING = "a field that has to be there"
    VALUE = "a value of the wrong kind"
    CLASH = "fields of which there is only one"
    PATH = "a path that cannot be read"
    JSONATA = "an expression that cannot be read"
    FIELD_AGAIN = "a field twice, plain and computed"
    TARGET = "a state that is not there"
    UNREACHABLE = "a state that nothing leads to"
    ENDLESS = "no state to end with"
    NAME_AGAIN = "the name of another state"
    CATCH_ALL = "every error before others"


class Fault(NamedTuple):
    """Something wrong at a place.

    `key` is the field in question, or the name; `told` what is expected or wrong, in words. `holder` is the
    object with the field, `words` are those that may be meant. `depth` counts the steps from the root,
    `peers` are the other checkers' names for it.
    """

    kind: FaultKind
    where: Located
    state: "State | None"
    key: str
    told: str = ""
    holder: Mapping | None = None
    words: tuple[str, ...] = ()
    depth: int = 0
    peers: tuple[str, ...] = ()


_MOST_GUESSES: Final = 40
"""Of so many faults in a machine it is told what may be meant: comparing names takes its time."""
SCHEMA: Final = "asl-validator:SCHEMA_VALIDATION_FAILED"
STATELINT: Final = "statelint:problem"


def with_peers(faults: Iterable[Fault]) -> list[Fault]:
    """Return the faults in source order, with the peers that tell of them.

    asl-validator stops at the first state that its schema refuses, tells what lies deepest there, and looks
    at what leads where only where its schema refuses nothing.
    """
    ordered = sorted(faults, key=lambda fault: (fault.where.start, fault.where.end))
    ordered = [
        fault if index < _MOST_GUESSES else fault._replace(words=()) for index, fault in enumerate(ordered)
    ]
    refused = [fault for fault in ordered if SCHEMA in fault.peers]
    if not refused:
        return ordered
    first = _outermost(refused[0])
    deepest = max(fault.depth for fault in refused if _outermost(fault) is first)
    return [_narrowed(fault, _outermost(fault) is first and fault.depth == deepest) for fault in ordered]


def _outermost(fault: Fault) -> "State | None":
    state = fault.state
    while state is not None and state.scope.parent is not None:
        state = state.scope.parent
    return state


def _narrowed(fault: Fault, is_told: object) -> Fault:
    kept = (peer for peer in fault.peers if peer == STATELINT or (peer == SCHEMA and is_told))
    return fault._replace(peers=tuple(kept))
