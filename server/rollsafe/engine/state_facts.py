"""What a state of a machine amounts to: how long a try takes, how often there is one, where errors lead."""

from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.step_functions import Scope, State, StateMachine
from rollsafe.engine.facts import Facts
from rollsafe.formats.nodes import Scalar
from rollsafe.plans.retries import Tries, all_tries, tries_of
from rollsafe.plans.times import SECOND, spoken

_WORKING: Final = ("Task", "Map", "Parallel")


def state_facts(element: Element, offset: int) -> Facts | None:
    """Return what is known of the state that is named at an offset of a machine or a state."""
    for scope, node in _named(element):
        place = element.file.place(node) if node is not None else None
        if node is not None and place is not None and place.start <= offset <= place.end:
            state = scope.by_name.get(node.text)
            if state is None:
                return None
            kind = f" · {state.type}" if state.type else ""
            lines = tuple(_lines(state))
            return Facts(place, f"State `{state.name}`{kind}", lines) if lines else None
    return None


def _named(element: Element) -> Iterator[tuple[Scope, Scalar | None]]:
    if isinstance(element, State):
        yield element.scope, element.key
        yield from ((element.scope, one.node) for one in element.transitions)
        yield from ((scope, scope.start_node) for scope in element.branches)
    elif isinstance(element, StateMachine):
        yield from ((scope, scope.start_node) for scope in element.scopes)


def _lines(state: State) -> Iterator[str]:
    if state.type in _WORKING:
        if state.is_task:
            yield _one_try(state)
        yield from _heartbeat(state)
        yield from _retries(state)
        yield from _budget(state)
        yield from _catches(state)
    seconds = state.node.int_at("Seconds")
    if state.type == "Wait" and seconds is not None and seconds >= 0:
        yield f"Waits {spoken(seconds * SECOND)}"
    whole = state.machine.timeout_seconds
    if whole is not None and whole > 0:
        yield f"The execution ends after {spoken(whole * SECOND)} at the latest"


def _one_try(state: State) -> str:
    seconds = state.timeout_seconds
    if seconds is not None and seconds > 0:
        return f"A try ends after {spoken(seconds * SECOND)} (`TimeoutSeconds`)"
    if state.has_timeout:
        return "How long a try takes at most is unknown: the input decides"
    return "How long a try takes at most is unknown: there is no `TimeoutSeconds`"


def _heartbeat(state: State) -> Iterator[str]:
    seconds = state.heartbeat_seconds
    if seconds is not None and seconds > 0:
        yield f"A try ends earlier after {spoken(seconds * SECOND)} without a heartbeat"


def _retries(state: State) -> Iterator[str]:
    for one in state.retry:
        found = tries_of(one)
        errors = _listed(one.errors)
        if found.again == 0:
            yield f"{errors}: not tried again"
        elif found.waits is None:
            yield f"{errors}: tried again {found.again} times, how long it waits is unknown"
        else:
            times = "once" if found.again == 1 else f"{found.again} times"
            yield f"{errors}: tried again {times}, waiting {spoken(found.waits)} in all"


def _budget(state: State) -> Iterator[str]:
    tries = budget_of(state)
    if tries is not None and tries.waits is not None:
        yield f"At most {tries.again + 1} tries in {spoken(tries.waits)}, each of the retriers used up"


def budget_of(state: State) -> Tries | None:
    """Return how often a task is tried again, and the most time of all tries with the waiting between them.

    None where it is not tried again, or where that is not known.
    """
    seconds = state.timeout_seconds
    tries = all_tries(state.retry)
    if not state.is_task or seconds is None or seconds <= 0 or tries.again < 1 or tries.waits is None:
        return None
    return Tries(tries.again, (tries.again + 1) * seconds * SECOND + tries.waits)


def _catches(state: State) -> Iterator[str]:
    for one in state.catch:
        if one.next:
            yield f"{_listed(one.errors)} → `{one.next}`"
    if not state.catch:
        yield (
            "No `Catch`: its failure ends the execution"
            if state.scope.parent is None
            else (f"No `Catch`: its failure is one of `{state.scope.parent.name}`")
        )


def _listed(errors: Iterable[str]) -> str:
    return ", ".join(f"`{one}`" for one in errors) or "No error"
