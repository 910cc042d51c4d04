"""How long a flow takes at most: limits times tries, along the longest way, in whole milliseconds."""

from rollsafe.plans.contribution import derived, unknown
from rollsafe.plans.cpm import schedule
from rollsafe.plans.model import Claim, Evidence
from rollsafe.plans.times import words
from rollsafe.text.records import open_record
from rollsafe_agents.workflow_orchestrator.flow.draft import END, START, Flow, State


@open_record
class Longest:
    """The longest a flow takes, None where something is not bounded; `path` is the longest way."""

    total: int | None
    claim: Claim
    path: tuple[str, ...]
    states: dict[str, int | None]


def longest_of(flow: Flow) -> Longest:
    """Return how long a flow takes at most."""
    states = {id_: _state(flow, state) for id_, state in flow.states.items()}
    total, path, loop = _scope(flow, "", states)
    open_ = [one for one in flow.states.values() if one.limit is None or one.repeats is not None]
    if total is not None:
        text = f"at most {words(total)}: {' → '.join(f'`{flow.title(id_)}`' for id_ in path)}"
        return _bounded(flow, Longest(total, derived(text, *_places(flow, path)), path, states))
    if loop:
        circle = " → ".join(f"`{flow.title(id_)}`" for id_ in loop)
        text = f"unknown: {circle} is a loop, and nothing counts its rounds"
        return _bounded(flow, Longest(None, unknown(text, *_places(flow, loop)), path, states))
    names = ", ".join(f"`{one.name}`" for one in open_[:6]) + (" …" if len(open_) > 6 else "")
    text = f"unknown: nothing bounds {names}"
    return _bounded(flow, Longest(None, unknown(text, *(one.where for one in open_[:6])), path, states))


def _bounded(flow: Flow, found: Longest) -> Longest:
    """Let the limit of a whole run count where it is shorter than its states, or they are not bounded."""
    if flow.limit is None or flow.limited is None or (found.total is not None and found.total <= flow.limit):
        return found
    own = f"its states: {found.claim.text}"
    claim = derived(f"at most {words(flow.limit)}: {flow.limited.text}; {own}", *flow.limited.evidence)
    return Longest(flow.limit, claim, found.path, found.states)


def _places(flow: Flow, ids: tuple[str, ...]) -> list[Evidence]:
    return list(dict.fromkeys(flow.states[id_].where for id_ in ids))[:8]


def _state(flow: Flow, state: State) -> int | None:
    """Return how long one state takes, what is nested in it, all tries and their waiting included."""
    one = state.limit
    if state.repeats is not None:
        return None
    for branch in state.branches:
        inner = {id_: _state(flow, flow.states[id_]) for id_ in branch}
        length, _, _ = _scope(flow, state.id, inner)
        one = None if one is None or length is None else max(one, length)
    if one is None:
        return None
    tries, waits = 1, 0
    for retry in state.retries:
        if retry.attempts is None or retry.waits is None:
            return None
        tries += retry.attempts
        waits += retry.waits
    return one * tries * state.rounds + waits


def _scope(
    flow: Flow, parent: str, lengths: dict[str, int | None]
) -> tuple[int | None, tuple[str, ...], tuple[str, ...]]:
    """Return how long the states of a scope take, the longest way through them, and a loop among them."""
    mine = {id_: length for id_, length in lengths.items() if flow.states[id_].parent == parent}
    edges = [
        (way.source, way.target)
        for way in flow.transitions
        if way.parent == parent
        and way.source != way.target
        and way.source != START
        and way.target != END
        and {way.source, way.target} <= mine.keys()
    ]
    times = schedule({id_: length or 0 for id_, length in mine.items()}, edges)
    known = all(length is not None for length in mine.values()) and not times.cycles
    return times.duration if known else None, times.critical, times.cycles[0] if times.cycles else ()
