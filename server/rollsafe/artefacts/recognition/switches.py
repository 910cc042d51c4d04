"""Inputs of actions that switch something on or off, and whether a step has it on."""

from collections.abc import Mapping
from enum import Enum
from typing import Final, TypeAlias

from rollsafe.text.tuples import NamedTuple


class State(Enum):
    """Whether something is switched on; an expression leaves it `OPEN`."""

    OFF = 0
    OPEN = 1
    ON = 2


class Switch(NamedTuple):
    """An input that decides something.

    With `values`, it is on for one of these texts; with `is_text`, for any text; else it is a boolean, and
    what is not `false` counts as true. `opposite` turns the answer round; `default` is it without the input.
    """

    input: str
    default: bool = False
    opposite: bool = False
    is_text: bool = False
    values: tuple[str, ...] = ()

    def state(self, inputs: Mapping[str, str]) -> State:
        """Return what the inputs of a step, by lower-case name, decide."""
        value = inputs.get(self.input)
        if value is None:
            return State.ON if self.default else State.OFF
        if self.is_text:
            is_on = bool(value)
        elif value.strip().startswith("${{"):
            return State.OPEN
        elif self.values:
            is_on = value in self.values
        else:
            is_on = value != "false"
        return State.ON if is_on is not self.opposite else State.OFF


class Any(NamedTuple):
    """On where one of the parts is."""

    parts: "tuple[Test, ...]"


class All(NamedTuple):
    """On where all of the parts are."""

    parts: "tuple[Test, ...]"


class Older(NamedTuple):
    """On for versions of the action below a major one."""

    major: int


Test: TypeAlias = Switch | Any | All | Older | None
"""What decides; None for what is always on."""


class Use(NamedTuple):
    """How a step uses an action: its inputs by lower-case name, and the version it names, empty for none."""

    inputs: Mapping[str, str]
    version: str = ""


ALWAYS: Final[Test] = None


def state_of(test: Test, use: Use) -> State:
    """Return what a test says of a use."""
    if test is None:
        return State.ON
    if isinstance(test, Switch):
        return test.state(use.inputs)
    if isinstance(test, Older):
        return _age(test, use.version)
    states = [state_of(part, use) for part in test.parts]
    if isinstance(test, Any):
        return max(states, key=lambda one: one.value)
    return min(states, key=lambda one: one.value)


def _age(test: Older, version: str) -> State:
    first = version.lstrip("v").partition(".")[0]
    if not first.isdigit():
        return State.OPEN
    return State.ON if int(first) < test.major else State.OFF
