"""What one thing adds to the graph, with everything it was made of, so that it is made again only then."""

from collections.abc import Callable, Mapping
from typing import Concatenate, Generic, ParamSpec, TypeVar, cast

from rollsafe.text.records import open_record
from rollsafe.workspace.system.coverage import Cover
from rollsafe.workspace.system.model import Connection
from rollsafe.workspace.system.parts import Parts

X = TypeVar("X")
P = ParamSpec("P")
T = TypeVar("T")

Answers = Mapping[tuple[Callable[..., object], tuple[object, ...]], object]
"""What was asked of an index, with which arguments, and what it answered."""


class Asked(Generic[X]):
    """An index whose answers are noted."""

    def __init__(self, index: X) -> None:
        self._index = index
        self.answers: dict[tuple[Callable[..., object], tuple[object, ...]], object] = {}

    def ask(self, question: Callable[Concatenate[X, P], T], *args: P.args, **named: P.kwargs) -> T:
        """Return what the index answers to a question, a method of it."""
        assert not named, "questions are told apart by their places"
        key = (question, args)
        if key not in self.answers:
            self.answers[key] = question(self._index, *args, **named)
        return cast("T", self.answers[key])


@open_record
class Fragment:
    """Parts, connections and coverage made of `inputs` and `answers`."""

    inputs: tuple[object, ...]
    answers: Answers
    parts: Parts
    connections: tuple[Connection, ...] = ()
    covers: tuple[Cover, ...] = ()

    def holds(self, inputs: tuple[object, ...], index: object) -> bool:
        """Say whether it would be made the same of these inputs and what the index answers now."""
        return self.inputs == inputs and all(
            question(index, *args) == answer for (question, args), answer in self.answers.items()
        )
