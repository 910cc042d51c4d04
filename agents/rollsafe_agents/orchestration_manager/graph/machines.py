"""State machines as processes: the states of their outermost scope, and every way between them."""

from rollsafe.artefacts.step_functions import State, StateMachine
from rollsafe.plans.contribution import derived, evidence, fact, place_in
from rollsafe.plans.times import SECOND
from rollsafe.workspace.view import View
from rollsafe_agents.orchestration_manager.graph.draft import Node, Process

_WORKS = frozenset({"Task", "Map", "Parallel", "Wait"})


def machines(view: View) -> list[Process]:
    """Return the state machines; states inside of Map and Parallel belong to theirs."""
    return [_process(one) for one in view.elements(StateMachine) if one.scope.states]


def _process(machine: StateMachine) -> Process:
    name = f"{machine.file.path}#{machine.name}"
    made = Process(name, "state machine", evidence(machine, machine.title_node), may_loop=True)
    for state in machine.scope.states:
        made.add(_node(name, state))
        if machine.start_at is not None and state.name not in machine.scope.reachable:
            made.idle.append(derived(f"no way leads to `{state.name}`", evidence(state, state.key)))
    for state in machine.scope.states:
        for way in state.transitions:
            where = place_in(machine.file, way.node)
            if way.target not in machine.scope.by_name:
                made.dangling.append(
                    fact(f"`{state.name}` leads to `{way.target}`, which is no state", where)
                )
                continue
            made.wait(f"{name}/{state.name}", f"{name}/{way.target}", way.kind, fact(f"`{way.kind}`", where))
    inner = sum(len(scope.states) for scope in machine.scopes[1:])
    if inner:
        made.asides.append(
            derived(f"{inner} states inside of Map and Parallel count with theirs", made.where)
        )
    return made


def _node(prefix: str, state: State) -> Node:
    seconds = state.timeout_seconds if state.type != "Wait" else state.node.int_at("Seconds")
    key = "TimeoutSeconds" if state.type != "Wait" else "Seconds"
    value = state.node.at(key)
    limit = seconds * SECOND if seconds is not None and seconds >= 0 else None
    limited = (
        fact(f"`{key}: {seconds}`", place_in(state.file, value))
        if value is not None and limit is not None
        else None
    )
    return Node(
        f"{prefix}/{state.name}",
        "state",
        f"{state.name} ({state.type})" if state.type else state.name,
        evidence(state, state.key),
        limit,
        limited,
        names=(f"{prefix}/{state.name}", state.name),
        is_instant=state.type not in _WORKS,
        element=state,
    )
