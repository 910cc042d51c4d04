"""State machines as processes: every state, those inside of Map and Parallel after the one around them."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.step_functions import Scope, State, StateMachine
from rollsafe.plans.contribution import derived, evidence, fact, place_in, unknown
from rollsafe.plans.model import Claim
from rollsafe.plans.retries import all_tries
from rollsafe.plans.times import SECOND, words
from rollsafe.workspace.view import View
from rollsafe_agents.orchestration_manager.graph.draft import Node, Process, all_before

_WORKS: Final = frozenset({"Task", "Wait"})
INSIDE: Final = "inside"
"""Kind of the edges from a Map or Parallel to the states inside of it."""


def machines(view: View) -> list[Process]:
    """Return the state machines."""
    return [_Reader(one).process() for one in view.elements(StateMachine) if one.scope.states]


class _Reader:
    """Reads one machine. What follows a Map or Parallel waits for the ends of all that is inside of it."""

    def __init__(self, machine: StateMachine) -> None:
        self._machine = machine
        name = f"{machine.file.path}#{machine.name}"
        self._made = Process(name, "state machine", evidence(machine, machine.title_node), may_loop=True)
        self._ids: dict[int, str] = {}

    def process(self) -> Process:
        for scope in self._machine.scopes:
            for state in scope.states:
                self._add(state)
        for scope in self._machine.scopes:
            for state in scope.states:
                self._lead(state)
        seconds, node = self._machine.timeout_seconds, self._machine.node.at("TimeoutSeconds")
        if seconds is not None and node is not None:
            place = place_in(self._machine.file, node)
            self._made.asides.append(fact(f"`TimeoutSeconds: {seconds}` ends a whole execution", place))
        return self._made

    def _add(self, state: State) -> None:
        parent = state.scope.parent
        above = self._ids[id(parent)] if parent is not None else self._made.name
        id_ = f"{above}/{state.name}"
        number = 2
        while id_ in self._made.nodes:
            # Branches of a Parallel may each have a state of one name.
            id_, number = f"{above}/{state.name} ({number})", number + 1
        self._ids[id(state)] = id_
        self._made.add(_node(id_, state))
        where = evidence(state, state.key)
        if state.scope.start_at is not None and state.name not in state.scope.reachable:
            self._made.idle.append(derived(f"no way leads to `{state.name}`", where))
        if state.type == "Map":
            text = f"how many items `{state.name}` goes through: its states count once, its input decides"
            self._made.unknowns.append(unknown(text, where))

    def _lead(self, state: State) -> None:
        """Add the ways out of a state, and those into the states inside of it."""
        mine = self._ids[id(state)]
        for inner in state.branches:
            begin = inner.by_name.get(inner.start_at or "")
            if begin is not None:
                place = place_in(state.file, inner.start_node or inner.node)
                claim = fact(f"`{state.name}` begins with it", place)
                self._made.wait(mine, self._ids[id(begin)], INSIDE, claim)
        for way in state.transitions:
            where = place_in(state.file, way.node)
            target = state.scope.by_name.get(way.target)
            if target is None:
                text = f"`{state.name}` leads to `{way.target}`, which is no state"
                self._made.dangling.append(fact(text, where))
                continue
            claim = fact(f"`{way.kind}`", where)
            all_before(self._made, self._ends(state), [self._ids[id(target)]], way.kind, claim)

    def _ends(self, state: State) -> list[str]:
        """Return the nodes that end a state: itself, or the last ones inside of it."""
        found = [end for inner in state.branches for end in self._ends_of(inner)]
        return found or [self._ids[id(state)]]

    def _ends_of(self, scope: Scope) -> list[str]:
        # A Fail inside ends the whole Map or Parallel; what follows comes after the ends that are well.
        last = [one for one in scope.states if one.ends and one.name in scope.reachable]
        well = [one for one in last if one.type != "Fail"] or last
        return [end for one in well for end in self._ends(one)]


def _node(id_: str, state: State) -> Node:
    outer = [one.name for one in _outside(state)]
    name = " / ".join((*reversed(outer), state.name))
    limit, limited = _limit(state)
    return Node(
        id_,
        "state",
        f"{name} ({state.type})" if state.type else name,
        evidence(state, state.key),
        limit,
        limited,
        names=(id_, state.name),
        is_instant=state.type not in _WORKS,
        is_repeated=any(one.type == "Map" for one in _outside(state)),
        element=state,
    )


def _outside(state: State) -> Iterator[State]:
    """Yield the Map and Parallel states around a state, from the inside out."""
    at = state.scope.parent
    while at is not None:
        yield at
        at = at.scope.parent


def _limit(state: State) -> tuple[int | None, Claim | None]:
    """Return how long a state takes at most with all its tries, those of what is around it included."""
    key = "TimeoutSeconds" if state.type != "Wait" else "Seconds"
    value = state.node.at(key)
    one = 0 if state.type not in _WORKS else state.node.int_at(key)
    tries = all_tries(state.retry)
    if one is None or one < 0 or tries.waits is None or (value is None and not state.retry):
        return None, None
    times = 1
    for around in _outside(state):
        again = all_tries(around.retry)
        if not again.is_bounded:
            return None, None
        times *= 1 + again.again
    whole = (one * SECOND * (1 + tries.again) + tries.waits) * times
    text = f"`{key}: {one}`" if state.type in _WORKS else "waits before its retries"
    if tries.again or times > 1:
        text += f", all tries and their waiting: {words(whole)}"
    return whole, derived(text, place_in(state.file, value or state.key))
