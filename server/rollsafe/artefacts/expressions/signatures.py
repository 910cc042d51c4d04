"""The functions of expressions: what they take and what they give."""

from typing import Final

from rollsafe.artefacts.expressions.types import Listed, Plain, Type
from rollsafe.text.tuples import NamedTuple

_ANYTHING_LISTED: Final = Listed(Plain.ANY)


class Signature(NamedTuple):
    """One way to call a function. The last parameter may come `repeated`: any number of times, or never."""

    name: str
    parameters: tuple[Type, ...]
    result: Type
    repeated: bool = False

    @property
    def least(self) -> int:
        """How many arguments there have to be."""
        return len(self.parameters) - self.repeated

    def takes(self, count: int) -> bool:
        """Say whether it can be called with `count` arguments."""
        return count >= self.least and (self.repeated or count <= len(self.parameters))

    def parameter(self, index: int) -> Type:
        """Return the type of the argument at `index`."""
        return self.parameters[min(index, len(self.parameters) - 1)]


_ANY, _TEXT, _TRUTH = Plain.ANY, Plain.STRING, Plain.BOOLEAN
SIGNATURES: Final[dict[str, tuple[Signature, ...]]] = {
    one[0].name.lower(): one
    for one in (
        (
            Signature("contains", (_TEXT, _TEXT), _TRUTH),
            Signature("contains", (_ANYTHING_LISTED, _ANY), _TRUTH),
        ),
        (Signature("startsWith", (_TEXT, _TEXT), _TRUTH),),
        (Signature("endsWith", (_TEXT, _TEXT), _TRUTH),),
        (Signature("format", (_TEXT, _ANY), _TEXT, repeated=True),),
        (
            Signature("join", (_ANYTHING_LISTED, _TEXT), _TEXT),
            Signature("join", (_ANYTHING_LISTED,), _TEXT),
            Signature("join", (_TEXT, _TEXT), _TEXT),
            Signature("join", (_TEXT,), _TEXT),
        ),
        (Signature("toJSON", (_ANY,), _TEXT),),
        (Signature("fromJSON", (_TEXT,), _ANY),),
        (Signature("hashFiles", (_TEXT, _TEXT), _TEXT, repeated=True),),
        (Signature("case", (_TRUTH, _ANY, _ANY), _ANY, repeated=True),),
        (Signature("always", (), _TRUTH),),
        (Signature("cancelled", (), _TRUTH),),
        (Signature("failure", (_TEXT,), _TRUTH, repeated=True),),
        (Signature("success", (_TEXT,), _TRUTH, repeated=True),),
    )
}
"""By lower-case name: functions ignore case."""

PLACED: Final = frozenset({"always", "cancelled", "failure", "success", "hashfiles"})
"""Functions that only some keys know."""
