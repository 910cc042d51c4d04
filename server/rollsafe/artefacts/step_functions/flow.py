"""Where the states of a machine lead: targets that are not there, states nothing leads to, no end."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rollsafe.artefacts.step_functions.faults import STATELINT, Fault, FaultKind
from rollsafe.artefacts.step_functions.open_values import is_open
from rollsafe.artefacts.step_functions.state import Scope, State, Transition
from rollsafe.formats.nodes import Node, Scalar
from rollsafe.text import nearest

if TYPE_CHECKING:
    from rollsafe.artefacts.step_functions.machine import StateMachine

_TARGET: Final = "asl-validator:MISSING_TRANSITION_TARGET"
_OUT_OF: Final = {
    "Parallel": "asl-validator:BRANCH_OUTBOUND_TRANSITION_TARGET",
    "Map": "asl-validator:MAP_OUTBOUND_TRANSITION_TARGET",
}


def flow_faults(machine: "StateMachine") -> Iterator[Fault]:
    """Yield what is wrong with the ways through a machine."""
    names: set[str] = {state.name for state in machine.states}
    for scope in machine.scopes:
        yield from _targets(scope, names)
        yield from _unreachable(scope)
        yield from _endless(scope)
        for state in scope.states:
            yield from _catch_all(state, "Retry")
            yield from _catch_all(state, "Catch")
    yield from _repeated(machine)


def _ways(scope: Scope) -> Iterator[tuple[State | None, Transition]]:
    start = scope.start_node
    if start is not None and not start.is_null:
        yield None, Transition("start", start.text, start)
    for state in scope.states:
        for way in state.transitions:
            yield state, way


def _targets(scope: Scope, names: set[str]) -> Iterator[Fault]:
    for state, way in _ways(scope):
        if way.target in scope.by_name or is_open(way.node) or _is_partial(scope):
            continue
        peers = [STATELINT]
        if way.target not in names:
            peers.append(_TARGET)
        if state is not None and scope.parent is not None and scope.parent.type in _OUT_OF:
            peers.append(_OUT_OF[scope.parent.type])
        told = "is a state outside of it" if way.target in names else "is no state"
        others = tuple(name for name in scope.by_name if state is None or name != state.name)
        yield Fault(
            FaultKind.TARGET, way.node, state or scope.parent, way.target, told, None, others, 0, tuple(peers)
        )


def _unreachable(scope: Scope) -> Iterator[Fault]:
    if scope.start_at is None or _is_partial(scope) or not all(map(_is_written, _target_nodes(scope))):
        return
    named = {way.target for _, way in _ways(scope)}
    reached = _reached(scope)
    # A state that says neither where it leads nor that it ends may lead to any other.
    if not reached or any(_is_unfinished(scope.by_name[name]) for name in reached):
        return
    for state in scope.states:
        if state.name not in reached:
            peers = () if state.name in named else (STATELINT, _TARGET)
            yield Fault(FaultKind.UNREACHABLE, state.key, state, state.name, peers=peers)


def _is_unfinished(state: State) -> bool:
    return not state.ends and all(way.kind == "catch" for way in state.transitions)


def _target_nodes(scope: Scope) -> Iterator[Node | None]:
    yield scope.node.at("StartAt")
    for state in scope.states:
        holders = (state.node, *state.choices, *state.node.items_at("Catch"))
        yield from (
            node for one in holders for key in ("Next", "Default") if (node := one.at(key)) is not None
        )


def _is_written(node: Node | None) -> bool:
    return isinstance(node, Scalar) and not node.is_null and not is_open(node)


def _reached(scope: Scope) -> set[str]:
    """Return the states some way leads to, where a misspelt target counts as the nearest name."""
    pending, seen = [scope.start_at or ""], set[str]()
    while pending:
        name = pending.pop()
        known = name if name in scope.by_name else nearest(name, list(scope.by_name))
        if known is not None and known not in seen:
            seen.add(known)
            pending += (way.target for way in scope.by_name[known].transitions)
    return seen


def _endless(scope: Scope) -> Iterator[Fault]:
    if not scope.states or _is_partial(scope):
        return
    if any(state.ends or is_open(state.end_node) or is_open(state.type_node) for state in scope.states):
        return
    where: Node = scope.node.key_at("States") or scope.node
    peers = (STATELINT, "asl-validator:MISSING_TERMINAL_STATE")
    yield Fault(FaultKind.ENDLESS, where, scope.parent, "States", holder=scope.node, peers=peers)


def _repeated(machine: "StateMachine") -> Iterator[Fault]:
    seen: dict[str, State] = {}
    for state in sorted(machine.states, key=lambda one: one.key.start):
        first = seen.setdefault(state.name, state)
        if first is state or first.key is state.key:
            continue
        told = "" if first.scope is state.scope else _inside(first.scope)
        peers = () if first.scope is state.scope else (STATELINT, "asl-validator:DUPLICATE_STATE_NAMES")
        yield Fault(FaultKind.NAME_AGAIN, state.key, state, state.name, told, peers=peers)


def _inside(scope: Scope) -> str:
    return f"inside of `{scope.parent.name}`" if scope.parent is not None else "outside of it"


def _catch_all(state: State, key: str) -> Iterator[Fault]:
    items = state.node.items_at(key)
    for index, item in enumerate(items):
        errors = item.items_at("ErrorEquals")
        for error in errors:
            if not isinstance(error, Scalar) or error.text != "States.ALL":
                continue
            if len(errors) > 1 or index < len(items) - 1:
                told = "stands with others" if len(errors) > 1 else f"comes before other items of `{key}`"
                yield Fault(FaultKind.CATCH_ALL, error, state, key, told, peers=(STATELINT,))


def _is_partial(scope: Scope) -> bool:
    """Say whether states come from elsewhere, too."""
    states = scope.node.map_at("States")
    return states is None or is_open(states) or states.entry("<<") is not None
