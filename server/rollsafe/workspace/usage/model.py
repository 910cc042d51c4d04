"""What is asked about the application's code, and what is answered."""

from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Span
from rollsafe.text.tuples import NamedTuple


class Named(NamedTuple):
    """A table (or view) by its name without the schema, or a column of it.

    Alone: the path of an interface (`route`), or the `type` of a message.
    """

    table: str
    column: str = ""
    route: str = ""
    type: str = ""


class Use(NamedTuple):
    """A place in the code that names something; `is_model` where the code says what the table is like."""

    file: SourceFile
    place: Span
    is_model: bool


class Uses(NamedTuple):
    """The first places that name something, one for each file, models first, and how many files do."""

    places: tuple[Use, ...] = ()
    files: int = 0


NOWHERE: Final = Uses()
