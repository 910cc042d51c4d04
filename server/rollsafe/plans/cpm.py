"""The critical path of a graph in which some things wait for others, in whole numbers only.

Nothing here knows what the nodes stand for. Waiting in a circle is reported and left out of the times, so
every graph has a schedule and nothing loops.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from rollsafe.text.records import open_record, record

Edge: TypeAlias = tuple[str, str]
"""What comes first, and what waits for it."""


@record
class Timing:
    """When a node runs: earliest and latest start and finish, counted from 0.

    `level` is how many nodes come before it on the longest way to it: nodes of a level can run side by side.
    """

    level: int
    earliest_start: int
    earliest_finish: int
    latest_start: int
    latest_finish: int

    @property
    def slack(self) -> int:
        """How much later it may finish without the whole taking longer."""
        return self.latest_start - self.earliest_start

    @property
    def is_critical(self) -> bool:
        """Whether the whole takes longer when this does."""
        return self.slack == 0


@open_record
class Schedule:
    """The times of every node, in an order in which they can run.

    `critical` is one chain of nodes without slack, from the first to the last, `chains` how many there are
    that are as long. `cycles` are the circles that were found, each beginning and ending with the same node.
    The waiting inside of a circle is left out.
    """

    duration: int
    timings: Mapping[str, Timing]
    critical: tuple[str, ...]
    chains: int
    cycles: tuple[tuple[str, ...], ...]

    @property
    def levels(self) -> tuple[tuple[str, ...], ...]:
        """The nodes by level: each of them can run beside the others of its level."""
        found: list[list[str]] = []
        for name, timing in self.timings.items():
            while len(found) <= timing.level:
                found.append([])
            found[timing.level].append(name)
        return tuple(map(tuple, found))


def schedule(durations: Mapping[str, int], edges: Iterable[Edge]) -> Schedule:
    """Return when everything runs if it starts as soon as what it waits for is done.

    `durations` names every node; edges to other nodes are left out. Durations are not negative.
    """
    known = [edge for edge in dict.fromkeys(edges) if edge[0] in durations and edge[1] in durations]
    circles, kept = _without_circles(durations, known)
    before, after = _neighbours(durations, kept)
    order = _order(durations, before, after)
    start, level = _forwards(order, durations, before)
    total = max((start[name] + durations[name] for name in order), default=0)
    finish = _backwards(order, durations, after, total)
    timings = {
        name: Timing(
            level[name],
            start[name],
            start[name] + durations[name],
            finish[name] - durations[name],
            finish[name],
        )
        for name in order
    }
    chains = _count_chains(order, timings, before, after)
    return Schedule(total, timings, _chain(order, timings, before, after), chains, circles)


def reachable(start: str, edges: Iterable[Edge]) -> tuple[str, ...]:
    """Return what is reached from a node along the edges, nearest first, itself left out."""
    after: dict[str, list[str]] = {}
    for source, target in edges:
        after.setdefault(source, []).append(target)
    seen = {start: None}
    pending = deque([start])
    while pending:
        for name in after.get(pending.popleft(), ()):
            if name not in seen:
                seen[name] = None
                pending.append(name)
    return tuple(seen)[1:]


def _neighbours(
    nodes: Iterable[str], edges: Iterable[Edge]
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    before: dict[str, list[str]] = {name: [] for name in nodes}
    after: dict[str, list[str]] = {name: [] for name in before}
    for source, target in edges:
        before[target].append(source)
        after[source].append(target)
    return before, after


def _order(
    nodes: Iterable[str], before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return the nodes so that each stands after what it waits for; otherwise in the given order."""
    waiting = {name: len(before[name]) for name in nodes}
    ready = deque(name for name, count in waiting.items() if count == 0)
    order: list[str] = []
    while ready:
        name = ready.popleft()
        order.append(name)
        for one in after[name]:
            waiting[one] -= 1
            if waiting[one] == 0:
                ready.append(one)
    return order


def _forwards(
    order: Iterable[str], durations: Mapping[str, int], before: Mapping[str, Sequence[str]]
) -> tuple[dict[str, int], dict[str, int]]:
    start: dict[str, int] = {}
    level: dict[str, int] = {}
    for name in order:
        start[name] = max((start[one] + durations[one] for one in before[name]), default=0)
        level[name] = max((level[one] + 1 for one in before[name]), default=0)
    return start, level


def _backwards(
    order: Sequence[str], durations: Mapping[str, int], after: Mapping[str, Sequence[str]], total: int
) -> dict[str, int]:
    finish: dict[str, int] = {}
    for name in reversed(order):
        finish[name] = min((finish[one] - durations[one] for one in after[name]), default=total)
    return finish


def _chain(
    order: Sequence[str],
    timings: Mapping[str, Timing],
    before: Mapping[str, Sequence[str]],
    after: Mapping[str, Sequence[str]],
) -> tuple[str, ...]:
    """Return one longest chain, the first of several in the given order."""
    at = next((name for name in order if not before[name] and timings[name].is_critical), None)
    found: list[str] = []
    while at is not None:
        found.append(at)
        end = timings[at].earliest_finish
        following = (one for one in after[at] if timings[one].is_critical)
        at = next((one for one in following if timings[one].earliest_start == end), None)
    return tuple(found)


def _count_chains(
    order: Sequence[str],
    timings: Mapping[str, Timing],
    before: Mapping[str, Sequence[str]],
    after: Mapping[str, Sequence[str]],
) -> int:
    """Return how many ways through the graph, from its first nodes to its last, take the whole time."""
    ways: dict[str, int] = {}
    for name in order:
        start = timings[name].earliest_start
        tight = (ways[one] for one in before[name] if timings[one].earliest_finish == start)
        ways[name] = sum(tight) if before[name] else 1
    total = max((timing.earliest_finish for timing in timings.values()), default=0)
    return sum(ways[name] for name in order if not after[name] and timings[name].earliest_finish == total)


# Circles -----------------------------------------------------------------------------------------


def _without_circles(
    nodes: Mapping[str, int], edges: Sequence[Edge]
) -> tuple[tuple[tuple[str, ...], ...], list[Edge]]:
    """Return one circle of each knot of nodes that wait for each other, and the edges outside of knots."""
    before, after = _neighbours(nodes, edges)
    if len(_order(nodes, before, after)) == len(before):
        return (), list(edges)
    knot = _knots(list(before), after)
    circles: dict[int, tuple[str, ...]] = {}
    for source, target in edges:
        if knot[source] == knot[target] and knot[source] not in circles:
            circles[knot[source]] = _circle(source, target, after, knot)
    kept = [edge for edge in edges if knot[edge[0]] != knot[edge[1]]]
    return tuple(circles.values()), kept


def _circle(
    source: str, target: str, after: Mapping[str, Sequence[str]], knot: Mapping[str, int]
) -> tuple[str, ...]:
    """Return the shortest way from `target` back to `source`, `source` before and after it."""
    came_from = {target: source}
    pending = deque([target])
    while source not in came_from and pending:
        at = pending.popleft()
        for one in after[at]:
            if knot[one] == knot[source] and one not in came_from:
                came_from[one] = at
                pending.append(one)
    way = [source]
    at = came_from[source]
    while at != source:
        way.append(at)
        at = came_from[at]
    return (source, *reversed(way))


def _knots(nodes: Sequence[str], after: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Number the strongly connected components; nodes that wait for each other share a number.

    Tarjan's algorithm with a stack of its own: a chain of thousands is no depth of calls.
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    knot: dict[str, int] = {}
    open_: list[str] = []
    for root in nodes:
        work = [(root, 0)] if root not in index else []
        while work:
            name, at = work.pop()
            if at == 0:
                index[name] = low[name] = len(index)
                open_.append(name)
            elif after[name][at - 1] not in knot:
                low[name] = min(low[name], low[after[name][at - 1]])
            if at < len(after[name]):
                work.append((name, at + 1))
                following = after[name][at]
                if following not in index:
                    work.append((following, 0))
            elif low[name] == index[name]:
                _close(name, open_, knot, index[name])
    return knot


def _close(name: str, open_: list[str], knot: dict[str, int], number: int) -> None:
    while True:
        one = open_.pop()
        knot[one] = number
        if one == name:
            return
