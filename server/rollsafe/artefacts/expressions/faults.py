"""What is wrong with an expression."""

from enum import StrEnum

from rollsafe.text.tuples import NamedTuple


class FaultKind(StrEnum):
    """What an expression gets wrong."""

    SYNTAX = "cannot be read"
    CONTEXT = "no such context"
    PLACE = "context not known at this key"
    NAME = "no such name in a context"
    FUNCTION = "no such function"
    FUNCTION_PLACE = "function not known at this key"
    CALL = "wrong number of arguments"
    TYPE = "value of another type than needed"
    FORMAT = "format string and arguments differ"
    JSON = "text is no JSON"
    OBJECT = "an object or array becomes text"


class ExpressionFault(NamedTuple):
    """A fault at `start` to `end` of the text the expression stands in.

    `name` is what was written, `path` what it was asked of (`("needs", "build")`), `known` the names there
    are. `message` tells what is wrong in general.
    """

    kind: FaultKind
    start: int
    end: int
    message: str
    name: str = ""
    path: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
