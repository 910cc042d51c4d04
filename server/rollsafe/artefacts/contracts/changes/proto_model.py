"""What breaks between two revisions of a `.proto` file: on the wire, and in the code made of it."""

from rollsafe.artefacts.contracts.changes.model import Effect
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple


class ProtoChange(NamedTuple):
    """A change: `is_gone` tells what is no longer there from what means something else.

    `name` is the full name of a message, enum or service that is gone as a whole, `number` that of a field or
    value that is gone and may be given to another. `owner` is the message, enum or service it is about, and
    `is_value` says that it is about a value of an enum. `effect` is what becomes of the messages that are
    valid, None where that follows from the rest.
    """

    message: str
    place: Span
    was: Span
    peers: tuple[str, ...]
    is_gone: bool
    is_sure: bool
    name: str = ""
    number: int | None = None
    owner: str = ""
    is_value: bool = False
    effect: Effect | None = None
