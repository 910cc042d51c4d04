"""What is wrong in a file of pipelines, whatever the service that runs them."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from rollsafe.formats.nodes import Mapping
from rollsafe.text import Located


class FaultKind(StrEnum):
    """Why a service refuses a pipeline, or what it leaves out."""

    UNKNOWN = "a key without a meaning"
    VALUE = "a value that is not taken"
    MISSING = "a key that has to be there"
    CLASH = "keys that exclude each other"
    AGAIN = "a key twice"
    STAGE = "a stage that is not there"
    NEED = "a job that is not there"
    LATER = "a job that runs later"
    CYCLE = "jobs that wait for each other"
    OUTSIDE = "files of a job that is not waited for"
    TEMPLATE = "a definition that is not there"
    FILE = "a file that is not there"
    PREDEFINED = "a variable of the service itself"
    UNUSED = "a definition nothing uses"
    SAME_NAME = "two of one name"
    REFERENCE = "a reference that leads nowhere"
    ARGUMENT = "an input nobody gives"


_MOST_GUESSES: Final = 40
"""Of so many faults in a file it is told what may be meant: comparing names takes its time."""


class Fault(NamedTuple):
    """Something wrong at a place.

    `owner` says in words what it is in, `key` is the name in question, `told` the rest of what there is.
    `holder` is the mapping with the key, `words` are the names that may be meant. `path` is the file that is
    missing. `peers` are the other checkers' names for it.
    """

    kind: FaultKind
    where: Located
    owner: str
    key: str
    told: str = ""
    holder: Mapping | None = None
    words: tuple[str, ...] = ()
    path: str = ""
    peers: tuple[str, ...] = ()


def in_order(faults: Iterable[Fault]) -> list[Fault]:
    """Return faults by their places."""
    ordered = sorted(faults, key=lambda fault: (fault.where.start, fault.where.end))
    return [
        fault if index < _MOST_GUESSES else fault._replace(words=()) for index, fault in enumerate(ordered)
    ]
