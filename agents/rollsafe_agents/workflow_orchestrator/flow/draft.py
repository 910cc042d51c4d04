"""States and transitions as they are read from a file, before anything is concluded from them."""

from collections.abc import Iterator
from typing import Final, Literal

from rollsafe.plans.model import Check, Claim, Evidence
from rollsafe.plans.times import words
from rollsafe.text.records import field, open_record, state
from rollsafe_agents.workflow_orchestrator.flow.events import Sent
from rollsafe_agents.workflow_orchestrator.flow.model import Event, Participant

On = Literal["start", "next", "choice", "default", "catch", "success", "failure", "always", "end"]

START: Final = "[*]"
END: Final = "[*]"


@open_record
class Retry:
    """How a state is tried again: at most `attempts` more times, with `waits` milliseconds in between.

    None where it is not bounded, or not known.
    """

    attempts: int | None
    waits: int | None
    claim: Claim


@open_record
class State:
    """One state; `parent` is the id of the state it is nested in, empty at the top.

    `limit` is how long one try takes at most, in milliseconds, None where nothing bounds it; `limited` says
    why. `handled`: whether a failure leads somewhere. `effect`: what it changes elsewhere; None for nothing,
    UNKNOWN where it cannot be told. `undone`: what takes the effect back; `undoes`: it takes back what
    another one did. `branches` are the ids of
    the states nested in it, scope by scope; `repeats` why they run an unknown number of times, `rounds` how
    often otherwise. `look` is the command that shows how it went.
    """

    id: str
    name: str
    kind: str
    where: Evidence
    parent: str
    limit: int | None
    limited: Claim
    works: bool
    handled: Claim | None = None
    retries: tuple[Retry, ...] = ()
    effect: Claim | None = None
    undone: Claim | None = None
    undoes: bool = False
    branches: tuple[tuple[str, ...], ...] = ()
    repeats: Claim | None = None
    rounds: int = 1
    look: str = ""


@open_record
class Transition:
    """A way from one state to another; `source` and `target` are ids, `[*]` the beginning and the end.

    Both ends lie in the same scope, `parent`.
    """

    source: str
    target: str
    on: On
    guard: str
    claim: Claim
    parent: str = ""

    @property
    def label(self) -> str:
        """The words on the arrow."""
        return f"{self.on} {self.guard}".strip() if self.guard else self.on


@open_record
class Clock:
    """A schedule that starts the workflow; `meets` says what a run does that is due while another goes on.

    `may_meet`: both run at once then.
    """

    expression: str
    meets: str
    may_meet: bool
    claim: Claim


@open_record
class StoreUse:
    """A state that reads or writes a store, by the store's name."""

    store: str
    state: str
    writes: bool
    claim: Claim


@state
class Flow:
    """A workflow as it is read.

    `limit` bounds a whole run, in milliseconds. `missing` are ways that lead nowhere, `unreachable` states
    no way leads to. `sent` are its events as its file has them, `events` with what other files say of them,
    `misfits` what does not agree there. `unfit` are time limits that contradict each other, `letters` where
    goes what fails, `lost` what fails and goes nowhere, `alarms` what watches it, `clocks` what starts it,
    `calls` what is handed over without a description.
    """

    name: str
    kind: str
    path: str
    where: Evidence
    states: dict[str, State] = field(default_factory=dict[str, State])
    transitions: list[Transition] = field(default_factory=list[Transition])
    participants: list[Participant] = field(default_factory=list[Participant])
    sent: list[Sent] = field(default_factory=list[Sent])
    events: list[Event] = field(default_factory=list[Event])
    missing: list[Claim] = field(default_factory=list[Claim])
    unreachable: list[Claim] = field(default_factory=list[Claim])
    reliability: list[Claim] = field(default_factory=list[Claim])
    consistency: list[Claim] = field(default_factory=list[Claim])
    monitoring: list[Check] = field(default_factory=list[Check])
    unfit: list[Claim] = field(default_factory=list[Claim])
    lost: list[Claim] = field(default_factory=list[Claim])
    letters: list[Claim] = field(default_factory=list[Claim])
    alarms: list[Claim] = field(default_factory=list[Claim])
    clocks: list[Clock] = field(default_factory=list[Clock])
    stores: list[StoreUse] = field(default_factory=list[StoreUse])
    calls: list[Claim] = field(default_factory=list[Claim])
    misfits: list[Claim] = field(default_factory=list[Claim])
    questions: list[Claim] = field(default_factory=list[Claim])
    observed: Claim | None = None
    contracts: Claim | None = None
    limit: int | None = None
    limited: Claim | None = None

    def add(self, state: State) -> State:
        """Take in a state."""
        self.states[state.id] = state
        return state

    def inside(self, parent: str) -> Iterator[State]:
        """Yield the states of one scope."""
        return (state for state in self.states.values() if state.parent == parent)

    def title(self, id_: str) -> str:
        """Return the name of a state, or the sign for beginning and end."""
        return self.states[id_].name if id_ in self.states else id_


def spoken(length: int | None) -> str:
    """Return a length of time in words; `unknown` for None."""
    return "unknown" if length is None else words(length)
