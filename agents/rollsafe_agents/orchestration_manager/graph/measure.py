"""How long everything takes, by what is known of it, and the schedule that follows.

A process is measured in one unit. Timings the user names come first; without them the time limits of all its
nodes, which bound it from above; without a limit for every node each node counts one.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from rollsafe.plans.contribution import assumed, derived, fact, unknown
from rollsafe.plans.cpm import Schedule, schedule
from rollsafe.plans.model import Claim
from rollsafe.plans.times import side_by_side, words
from rollsafe.text.records import entity
from rollsafe_agents.orchestration_manager.graph.draft import Node, Process
from rollsafe_agents.orchestration_manager.graph.model import Dependency, TimedNode, TimedProcess, Unit
from rollsafe_agents.orchestration_manager.graph.timings import Row, Timings

STEPS: Final[Unit] = "steps"
AT_MOST: Final[Unit] = "milliseconds, at most"
MEASURED: Final[Unit] = "milliseconds, measured"


@entity
class Measured:
    """A process with the length of every node, None where a timing is missing."""

    process: Process
    unit: Unit
    reason: Claim
    lengths: Mapping[str, int | None]
    reasons: Mapping[str, Claim]
    schedule: Schedule

    @property
    def durations(self) -> dict[str, int]:
        """What every node counts."""
        return {name: length or 0 for name, length in self.lengths.items()}

    def shown(self, length: int) -> str:
        """Return a length in the unit of the process."""
        return shown(length, self.unit)


def shown(length: int, unit: Unit) -> str:
    """Return a length in a unit as people write it."""
    return f"{length} step{'s' * (length != 1)}" if unit == STEPS else words(length)


def measure(processes: Iterable[Process], timings: Timings | None) -> list[Measured]:
    """Return every process with its schedule."""
    listed = list(processes)
    ambiguous = _ambiguous(listed)
    return [_measured(one, timings, ambiguous) for one in listed]


def _ambiguous(processes: Iterable[Process]) -> frozenset[str]:
    """Return the names that more than one node goes by."""
    count = Counter(
        name
        for one in processes
        for node in one.nodes.values()
        for name in {name.lower() for name in node.names}
    )
    return frozenset(name for name, number in count.items() if number > 1)


def _measured(process: Process, timings: Timings | None, ambiguous: frozenset[str]) -> Measured:
    working = [node for node in process.nodes.values() if not node.is_instant]
    rows = {node.id: _row(node, timings, ambiguous) for node in working} if timings is not None else {}
    found = {id_: row for id_, row in rows.items() if row is not None}
    if timings is not None and found:
        return _by_timings(process, timings, found)
    if working and all(node.limit is not None and not node.is_repeated for node in working):
        return _by_limits(process)
    return _by_steps(process, working)


def _by_timings(process: Process, timings: Timings, found: Mapping[str, tuple[int, str]]) -> Measured:
    lengths: dict[str, int | None] = {}
    reasons: dict[str, Claim] = {}
    for node in process.nodes.values():
        if node.is_instant:
            lengths[node.id], reasons[node.id] = 0, _instant(node)
        elif node.id in found:
            length, text = found[node.id]
            lengths[node.id], reasons[node.id] = length, assumed(text)
        else:
            lengths[node.id] = None
            reasons[node.id] = unknown("no timing: it counts 0")
    missing = sum(length is None for length in lengths.values())
    text = f"timings of `{timings.file}`"
    if missing:
        text += f"; {missing} of {len(lengths)} have none and count 0, so this is the least it takes"
    return _timed(process, MEASURED, assumed(text), lengths, reasons)


def _by_limits(process: Process) -> Measured:
    lengths: dict[str, int | None] = {}
    reasons: dict[str, Claim] = {}
    for node in process.nodes.values():
        # A Map or Parallel takes no time of its own and may wait before it is tried again.
        lengths[node.id] = 0 if node.idle else node.limit or 0
        reasons[node.id] = node.limited if node.limited is not None and not node.idle else _instant(node)
    text = "time limits: it takes at most this long, without waiting for runners and approvals"
    return _timed(process, AT_MOST, derived(text, process.where), lengths, reasons)


def _by_steps(process: Process, working: list[Node]) -> Measured:
    lengths: dict[str, int | None] = {}
    reasons: dict[str, Claim] = {}
    for node in process.nodes.values():
        count = node.stands_for if node.kind == "migrations" else 1
        lengths[node.id] = 0 if node.is_instant else count
        reasons[node.id] = (
            _instant(node) if node.is_instant else node.limited or assumed("no duration is known")
        )
    limited = sum(node.limit is not None for node in working)
    text = f"no duration is known, so every node counts 1 ({limited} of {len(working)} have a time limit)"
    return _timed(process, STEPS, assumed(text), lengths, reasons)


def _instant(node: Node) -> Claim:
    return fact(node.idle or "takes no time of its own", node.where)


def _timed(
    process: Process,
    unit: Unit,
    reason: Claim,
    lengths: Mapping[str, int | None],
    reasons: Mapping[str, Claim],
) -> Measured:
    times = schedule({name: length or 0 for name, length in lengths.items()}, process.edges)
    return Measured(process, unit, reason, lengths, reasons, times)


# Timings -----------------------------------------------------------------------------------------


def _row(node: Node, timings: Timings, ambiguous: frozenset[str]) -> tuple[int, str] | None:
    names = tuple(name for name in node.names if name == node.id or name.lower() not in ambiguous)
    legs = [row for leg in node.legs if (row := timings.of(tuple(f"{name} ({leg})" for name in names)))]
    if legs:
        length = side_by_side([row.length for row in legs], node.most_at_once)
        return (
            length,
            f"{len(legs)} of {len(node.legs)} runs of the matrix, the longest {words(_longest(legs))}",
        )
    whole = timings.of(names)
    return None if whole is None else (whole.length, f"`{whole.name}`, line {whole.line}")


def _longest(rows: list[Row]) -> int:
    return max(row.length for row in rows)


# As parts of the plan ----------------------------------------------------------------------------


def as_part(one: Measured) -> TimedProcess:
    """Return a process as the plan holds it."""
    process, times = one.process, one.schedule
    steps = set(zip(times.critical, times.critical[1:], strict=False))
    circles = tuple(_circle(one, circle) for circle in times.cycles)
    return TimedProcess(
        name=process.name,
        kind=process.kind,
        place=fact(process.name, process.where),
        unit=one.unit,
        unit_reason=one.reason,
        duration=times.duration,
        critical=times.critical,
        chains=times.chains,
        levels=times.levels,
        nodes=tuple(_node(one, process.nodes[name]) for name in times.timings),
        edges=tuple(
            Dependency(source=w.source, target=w.target, kind=w.kind, critical=w.edge in steps, claim=w.claim)
            for w in process.waits
        ),
        cycles=() if process.may_loop else circles,
        loops=circles if process.may_loop else (),
        dangling=tuple(process.dangling),
        alone=_alone(process),
        idle=tuple(process.idle),
        asides=tuple(process.asides),
    )


def _node(one: Measured, node: Node) -> TimedNode:
    timing = one.schedule.timings[node.id]
    return TimedNode(
        id=node.id,
        kind=node.kind,
        title=fact(node.title, node.where),
        legs=node.legs,
        roles=node.roles,
        stands_for=node.stands_for,
        length=one.lengths[node.id],
        length_reason=one.reasons[node.id],
        level=timing.level,
        earliest_start=timing.earliest_start,
        earliest_finish=timing.earliest_finish,
        latest_start=timing.latest_start,
        latest_finish=timing.latest_finish,
        slack=timing.slack,
        critical=timing.is_critical,
    )


def _circle(one: Measured, circle: tuple[str, ...]) -> Claim:
    """Say which nodes wait for each other, with the place of every step of the circle."""
    by_edge = {wait.edge: wait.claim.evidence for wait in reversed(one.process.waits)}
    places = [by_edge[edge][0] for edge in itertools.pairwise(circle)]
    titles = [one.process.nodes[name].title for name in circle]
    if len(titles) > 8:
        titles = [*titles[:4], f"… {len(titles) - 6} more …", *titles[-2:]]
    return derived(" → ".join(f"`{title}`" for title in titles), *dict.fromkeys(places[:8]))


def _alone(process: Process) -> tuple[str, ...]:
    """Return the nodes without any edge, where others have some."""
    tied = {end for wait in process.waits for end in wait.edge}
    return tuple(name for name in process.nodes if name not in tied) if tied else ()
