"""What if: an edge falls away, a node takes longer or no time at all. Worked out on the schedule."""

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.plans.contribution import derived
from rollsafe.plans.cpm import schedule
from rollsafe.plans.kind import PlanRequestError
from rollsafe.plans.times import span
from rollsafe.text import nearest
from rollsafe_agents.orchestration_manager.graph.consequences import CHANGING
from rollsafe_agents.orchestration_manager.graph.draft import Node, Process
from rollsafe_agents.orchestration_manager.graph.measure import STEPS, Measured
from rollsafe_agents.orchestration_manager.graph.model import WhatIf

_MOST_EDGES: Final = 40
"""Edges of the longest chain that are taken away one by one."""
_CHOSEN: Final = frozenset(
    {"needs", "workflow_run", "service_started", "service_healthy", "service_completed_successfully"}
)
"""Kinds of edges that somebody wrote and could take away; the others are the nature of the thing."""
_LONGER = re.compile(r"(?P<name>.+?)\+(?P<more>\w+)\Z", re.S)


def find_node(wanted: str, processes: Iterable[Process]) -> tuple[Process, Node]:
    """Return the node that a user means by its id, by the end of it, or by its name in its process.

    Raises:
        PlanRequestError: there is none or more than one; the line names what would do.
    """
    listed = list(processes)
    every = [(process, node) for process in listed for node in process.nodes.values()]
    for fits in (_is, _ends_with, _is_called):
        found = [(process, node) for process, node in every if fits(node, wanted.lower())]
        if len(found) == 1:
            return found[0]
        if found:
            shown = ", ".join(f"`{node.id}`" for _, node in found[:4])
            raise PlanRequestError(
                f"`{wanted}` is {len(found)} nodes: {shown}" + (" …" if len(found) > 4 else "")
            )
    close = nearest(wanted, [name for _, node in every for name in (node.id, node.id.rpartition("/")[2])])
    raise PlanRequestError(f"no node `{wanted}`" + (f"; nearest: `{close}`" if close else ""))


def _is(node: Node, wanted: str) -> bool:
    return node.id.lower() == wanted


def _ends_with(node: Node, wanted: str) -> bool:
    return node.id.lower().endswith((f"/{wanted}", f"#{wanted}"))


def _is_called(node: Node, wanted: str) -> bool:
    return wanted in (node.title.lower(), *(name.lower() for name in node.names))


def asked(texts: Iterable[str], measured: list[Measured]) -> list[WhatIf]:
    """Return what the user supposes: `A->B` without that edge, `A+90s` longer, `A` without taking time.

    Raises:
        PlanRequestError: a node or an edge is not there, or a length is none.
    """
    return [_asked(text.strip(), measured) for text in texts]


def _asked(text: str, measured: list[Measured]) -> WhatIf:
    processes = [one.process for one in measured]
    if "->" in text:
        first, _, then = text.partition("->")
        process, source = find_node(first.strip(), processes)
        _, target = find_node(then.strip(), processes)
        if (source.id, target.id) not in process.edges:
            raise PlanRequestError(f"`{target.id}` does not wait for `{source.id}` directly")
        return _without(_of(process, measured), source.id, target.id)
    match = _LONGER.match(text)
    longer = match is not None and not _is_known(text, processes)
    process, node = find_node(match["name"].strip() if match is not None and longer else text, processes)
    one = _of(process, measured)
    if match is None or not longer:
        return _at_once(one, node)
    return _longer(one, node, _more(match["more"], one))


def _is_known(text: str, processes: list[Process]) -> bool:
    try:
        find_node(text, processes)
    except PlanRequestError:
        return False
    return True


def _of(process: Process, measured: list[Measured]) -> Measured:
    return next(one for one in measured if one.process is process)


def _more(text: str, one: Measured) -> int:
    if one.unit == STEPS:
        if text.isascii() and text.isdigit() and len(text) < 10:
            return int(text)
        raise PlanRequestError(f"`{text}` is no number of steps: no durations are known (`--timings FILE`)")
    length = span(text)
    if length is None:
        raise PlanRequestError(f"`{text}` is no length of time such as `90s` or `5m`")
    return length


def _without(one: Measured, source: str, target: str) -> WhatIf:
    edges = [edge for edge in one.process.edges if edge != (source, target)]
    change = schedule(one.durations, edges).duration - one.schedule.duration
    wait = next(wait for wait in one.process.waits if wait.edge == (source, target))
    result = f"saves {one.shown(-change)}" if change else "saves nothing"
    gate = " (it is a gate)" if _is_gate(one.process.nodes[source], one.process.nodes[target]) else ""
    text = f"without `{source}` → `{target}`: {result}{gate}"
    return WhatIf(text=text, process=one.process.name, change=change, claim=wait.claim)


def _is_gate(source: Node, target: Node) -> bool:
    return "test" in source.roles and not CHANGING.isdisjoint(target.roles)


def _longer(one: Measured, node: Node, more: int) -> WhatIf:
    change = max(0, more - one.schedule.timings[node.id].slack)
    slack = one.shown(one.schedule.timings[node.id].slack)
    result = f"the whole takes {one.shown(change)} longer" if change else "the whole takes no longer"
    text = f"`{node.id}` takes {one.shown(more)} longer: {result} (slack {slack})"
    return WhatIf(text=text, process=one.process.name, change=change, claim=derived("it is here", node.where))


def _at_once(one: Measured, node: Node) -> WhatIf:
    durations = {**one.durations, node.id: 0}
    change = schedule(durations, one.process.edges).duration - one.schedule.duration
    result = f"saves {one.shown(-change)}" if change else "saves nothing"
    text = f"`{node.id}` takes no time: {result}, the most that making it faster can bring"
    return WhatIf(text=text, process=one.process.name, change=change, claim=derived("it is here", node.where))


def by_edge(measured: list[Measured]) -> list[WhatIf]:
    """Return what each edge of the longest chains costs, the dearest first; none that costs nothing."""
    return [found for one in measured for found in sorted(_edges(one), key=lambda it: it.change)]


def _edges(one: Measured) -> Iterator[WhatIf]:
    chain = one.schedule.critical
    chosen = {wait.edge for wait in one.process.waits if wait.kind in _CHOSEN}
    steps = [edge for edge in itertools.pairwise(chain) if edge in chosen]
    for source, target in steps[:_MOST_EDGES]:
        found = _without(one, source, target)
        if found.change:
            yield found
