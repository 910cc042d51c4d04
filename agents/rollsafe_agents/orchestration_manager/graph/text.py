"""The dependency graph as Markdown: the longest chains first, then everything they were found in."""

from collections.abc import Iterator
from typing import Final

from rollsafe.plans.model import Certainty, Section
from rollsafe.plans.writing import cell, fence, flat, frame, place, table, written
from rollsafe_agents.orchestration_manager.graph.drawing import process_levels
from rollsafe_agents.orchestration_manager.graph.measure import shown
from rollsafe_agents.orchestration_manager.graph.model import (
    Checkpoint,
    DependencyGraph,
    Failure,
    TimedNode,
    TimedProcess,
)

SECTIONS: Final = (
    "Critical path",
    "Levels",
    "Nodes and times",
    "Edges",
    "Gates and checkpoints",
    "Missing edges",
    "Cycles and orphans",
    "When a step fails",
    "What if",
    "Report",
)
_MOST_ROWS: Final = 60
"""Rows of a table; the rest is counted."""
_MOST_CHAIN: Final = 30
_LONG_ORDER: Final = 3
"""Edges of a mere order that are rows of their own; a longer order is one row."""


def sections(plan: DependencyGraph) -> Iterator[Section]:
    """Yield the header, then the sections; only those about time where that is the focus."""
    yield Section("Verdict", "\n".join(_header(plan)))
    writers = (_chains, _levels, _times, _edges, _gates, _missing, _orphans, _failures, _what_if, _report)
    wanted = ("Critical path", "What if") if plan.focus == "critical path" else SECTIONS
    for number, (title, write) in enumerate(zip(SECTIONS, writers, strict=True), 1):
        if title in wanted:
            yield Section(title, "\n".join(("", f"## {number}. {title}", "", *write(plan))))


# The first screen --------------------------------------------------------------------------------


def _header(plan: DependencyGraph) -> Iterator[str]:
    yield f"# {plan.title}"
    yield ""
    yield " · ".join((f"**{plan.verdict}** {plan.verdict_reason}", *frame(plan)))
    yield ""
    broken = [(one, claim) for one in plan.processes for claim in (*one.cycles, *one.dangling)]
    if broken:
        yield "Settle first:"
        yield from (f"- [ ] {flat(one.name)}: {written(claim, labelled=False)}" for one, claim in broken)
        yield ""
    listed = _of_many(plan)
    rows = (_summary(one) for one in listed[:_MOST_ROWS])
    head = ("process", "nodes", "levels", "takes", "longest chain")
    yield from table(head, rows, "Nothing waits for anything.")
    yield from _rest(len(listed), "processes")
    single = [one for one in plan.processes if len(one.nodes) == 1]
    if single:
        names = ", ".join(flat(one.name) for one in single[:8]) + (" …" if len(single) > 8 else "")
        yield from ("", f"{len(single)} of one node: {names}")
    for failure in plan.asked_failures:
        yield from ("", f"If `{failure.node}` fails:", "")
        yield from _told(plan, failure)
    if plan.asked_what_if:
        yield ""
        yield from (f"- {flat(one.text)} {place(one.claim)}" for one in plan.asked_what_if)
    if plan.unknowns:
        yield ""
        yield "Unknown: " + " · ".join(flat(claim.text) for claim in plan.unknowns)
    if plan.not_understood:
        yield ""
        yield "Not read: " + "; ".join(flat(name) for name in plan.not_understood)


def _of_many(plan: DependencyGraph) -> list[TimedProcess]:
    """Return the processes in which something waits for something."""
    return [one for one in plan.processes if len(one.nodes) > 1]


def _summary(one: TimedProcess) -> tuple[str, ...]:
    named = _named(one)
    names = [named[id_].title.text for id_ in one.critical]
    shortened = names if len(names) <= 6 else [*names[:3], f"… {len(names) - 5} more …", *names[-2:]]
    return (
        f"{cell(one.name)} ({one.kind})",
        str(sum(node.stands_for for node in one.nodes)),
        str(len(one.levels)),
        _takes(one),
        cell(" → ".join(shortened)) + (f" (one of {one.chains})" if one.chains > 1 else ""),
    )


def _takes(one: TimedProcess) -> str:
    word = {"steps": "", "milliseconds, at most": "at most ", "milliseconds, measured": ""}[one.unit]
    return word + shown(one.duration, one.unit)


def _named(process: TimedProcess) -> dict[str, TimedNode]:
    return {node.id: node for node in process.nodes}


def _rest(count: int, what: str) -> Iterator[str]:
    if count > _MOST_ROWS:
        yield ""
        yield f"{count - _MOST_ROWS} more {what} are left out here; `--format json` has them all."


# Sections ----------------------------------------------------------------------------------------


def _chains(plan: DependencyGraph) -> Iterator[str]:
    for one in _of_many(plan)[:_MOST_ROWS]:
        yield f"### {flat(one.name)}"
        yield ""
        also = f" {one.chains} chains are as long, this is the first of them." if one.chains > 1 else ""
        yield f"{_takes(one)}: {written(one.unit_reason)}{'.' * bool(also)}{also}"
        yield ""
        named = _named(one)
        listed = [named[id_] for id_ in one.critical]
        rows = ((f"{at}", *_timed(one, node)) for at, node in enumerate(listed[:_MOST_CHAIN], 1))
        yield from table(("#", *_TIMES), rows, "Nothing.")
        if len(listed) > _MOST_CHAIN:
            yield ""
            yield f"and {len(listed) - _MOST_CHAIN} more on the chain."
        yield ""


_TIMES: Final = ("node", "length", "ES", "EF", "LS", "LF", "slack", "from")


def _timed(one: TimedProcess, node: TimedNode) -> tuple[str, ...]:
    length = "unknown" if node.length is None else shown(node.length, one.unit)
    times = (node.earliest_start, node.earliest_finish, node.latest_start, node.latest_finish, node.slack)
    return (
        f"{cell(node.title.text)} {place(node.title)}",
        length,
        *(shown(time, one.unit).removesuffix(" steps").removesuffix(" step") for time in times),
        _reason(one, node),
    )


def _reason(one: TimedProcess, node: TimedNode) -> str:
    """Return what a length rests on; where nothing is known of any, the process says so once."""
    bare = one.unit == "steps" and node.length_reason.status is Certainty.ASSUMED
    return "–" if bare else written(node.length_reason)


def _levels(plan: DependencyGraph) -> Iterator[str]:
    yield "What stands in one level can run side by side; `*` marks what has no slack."
    yield ""
    for one in _of_many(plan)[:_MOST_ROWS]:
        yield from fence("\n".join(process_levels(one)), "text")


def _times(plan: DependencyGraph) -> Iterator[str]:
    for one in _of_many(plan)[:_MOST_ROWS]:
        yield f"### {flat(one.name)}"
        yield ""
        if len(one.critical) == len(one.nodes) and not _is_large(one):
            yield from ("Every node is on the longest chain: see 1.", "")
            yield from (*(f"- {written(claim)}" for claim in (*one.asides, *one.idle)), "")
            continue
        chosen = sorted(one.nodes, key=lambda node: node.slack)[:_MOST_ROWS] if _is_large(one) else one.nodes
        rows = ((node.kind, *_timed(one, node), _details(node)) for node in chosen)
        yield from table(("kind", *_TIMES, "notes"), rows, "Nothing.")
        yield from _rest(len(one.nodes), "nodes, those with most slack,")
        yield from ("", *(f"- {written(claim)}" for claim in (*one.asides, *one.idle)), "")
    yield from _singles(plan)


def _singles(plan: DependencyGraph) -> Iterator[str]:
    """Yield the processes of one node as one table."""
    single = [one for one in plan.processes if len(one.nodes) == 1]
    rows = (
        (
            cell(one.name),
            one.nodes[0].kind,
            *_timed(one, one.nodes[0])[:2],
            _reason(one, one.nodes[0]),
        )
        for one in single[:_MOST_ROWS]
    )
    if single:
        yield from ("### Of one node", "")
        yield from table(("process", "kind", "node", "length", "from"), rows, "")
        yield from _rest(len(single), "processes")


def _is_large(one: TimedProcess) -> bool:
    return len(one.nodes) > _MOST_ROWS


def _details(node: TimedNode) -> str:
    parts = ["on the path"] if node.critical else []
    if node.roles:
        parts.append(", ".join(node.roles))
    if node.legs:
        legs = "; ".join(node.legs[:6]) + (" …" if len(node.legs) > 6 else "")
        parts.append(f"{len(node.legs)} runs: {legs}")
    if node.stands_for > 1:
        parts.append(f"{node.stands_for} drawn as one")
    return cell(" · ".join(parts)) or "–"


def _edges(plan: DependencyGraph) -> Iterator[str]:
    rows = [row for one in plan.processes for row in _edges_of(one)]
    yield from table(("first", "then", "kind", "why", "on the path"), rows[: 2 * _MOST_ROWS], "No edges.")
    if len(rows) > 2 * _MOST_ROWS:
        yield ""
        yield f"{len(rows) - 2 * _MOST_ROWS} more edges are left out here; `--format json` has them all."
    if plan.links:
        yield ""
        yield "Set going by a step of another process:"
        yield ""
        links = ((f"`{cell(link.source)}`", cell(link.process), written(link.claim)) for link in plan.links)
        yield from table(("node", "process", "why"), links, "")


def _edges_of(one: TimedProcess) -> Iterator[tuple[str, ...]]:
    named = _named(one)
    ordered = [edge for edge in one.edges if edge.kind == "order"]
    if len(ordered) > _LONG_ORDER:
        first, last = (cell(named[id_].title.text) for id_ in (ordered[0].source, ordered[-1].target))
        why = f"{len(ordered)} times: {written(ordered[-1].claim)}"
        yield first, f"… {last}", "order", why, "yes" if all(edge.critical for edge in ordered) else "–"
    for edge in one.edges if len(ordered) <= _LONG_ORDER else (e for e in one.edges if e.kind != "order"):
        first, then = (cell(named[id_].title.text) for id_ in (edge.source, edge.target))
        yield first, then, edge.kind, written(edge.claim), "yes" if edge.critical else "–"


def _gates(plan: DependencyGraph) -> Iterator[str]:
    groups: dict[tuple[str, ...], list[Checkpoint]] = {}
    for gate in plan.checkpoints:
        groups.setdefault(_kin(gate), []).append(gate)
    head = ("checkpoint", "kind", "before", "holds", "on the path", "why")
    empty = "Nothing deploys or migrates, so nothing has to be held up."
    yield from table(head, map(_gate, groups.values()), empty)


def _kin(gate: Checkpoint) -> tuple[str, ...]:
    """Return what checkpoints share that are one row: one that holds for several, one lock of a whole run."""
    if gate.kind == "concurrency":
        return (gate.kind, gate.claim.text, place(gate.claim))
    if gate.kind in _SHARED and gate.holds == "yes" and gate.node != gate.guards:
        return (gate.node, gate.kind, gate.holds)
    return (gate.node, gate.kind, gate.holds, gate.guards, gate.claim.text)


_SHARED: Final = frozenset({"tests", "gate"})


def _gate(same: list[Checkpoint]) -> tuple[str, ...]:
    """Return one row for a checkpoint that stands before several nodes."""
    first = same[0]
    before = ", ".join(f"`{cell(one.guards)}`" for one in same)
    why = written(first.claim)
    name = f"`{cell(first.node)}`"
    if len(same) > 1 and first.kind == "concurrency":
        name = "the run"
    elif len(same) > 1:
        why = f"{len(same)} wait for it {place(first.claim)}"
    on_path = "yes" if any(one.on_path for one in same) else "no"
    return (name, first.kind, before, first.holds, on_path, why)


def _missing(plan: DependencyGraph) -> Iterator[str]:
    rows = ((f"`{cell(p.source)}`", f"`{cell(p.target)}`", p.kind, written(p.claim)) for p in plan.proposals)
    yield from table(("first", "then", "kind", "what speaks for it"), rows, "None is seen.")


def _orphans(plan: DependencyGraph) -> Iterator[str]:
    rows: list[tuple[str, str, str]] = []
    for one in plan.processes:
        rows += [(cell(one.name), "cycle", written(claim)) for claim in one.cycles]
        rows += [(cell(one.name), "loop", written(claim)) for claim in one.loops]
        rows += [(cell(one.name), "leads nowhere", written(claim)) for claim in one.dangling]
        rows += [(cell(one.name), "never runs", written(claim)) for claim in one.idle]
        rows += [
            (cell(one.name), "waits for nothing", written(_named(one)[id_].title)) for id_ in one.alone[:6]
        ]
        if len(one.alone) > 6:
            rows.append((cell(one.name), "waits for nothing", f"and {len(one.alone) - 6} more"))
    yield from table(("process", "kind", "what"), rows, "No cycles, no orphans.")


def _failures(plan: DependencyGraph) -> Iterator[str]:
    if not plan.failures:
        yield "When a step fails, everything that waits for it stays away."
        return
    yield "Everything that waits for a failed step stays away, except as said here."
    yield ""
    for names, failure in _grouped(plan.failures):
        shown = ", ".join(f"`{flat(name)}`" for name in names[:6])
        yield f"### {shown}" + (f" and {len(names) - 6} more" if len(names) > 6 else "")
        yield ""
        yield from _told(plan, failure)
        yield ""
    if plan.failures_left_out:
        yield f"{plan.failures_left_out} more steps are left out; `--if-fails NODE` tells of any of them."


def _grouped(failures: tuple[Failure, ...]) -> list[tuple[list[str], Failure]]:
    """Return what happens once for all nodes of which the same happens."""
    found: dict[object, tuple[list[str], Failure]] = {}
    for one in failures:
        key = (one.stopped, one.goes_on, one.perhaps, one.state) if not one.state else one.node
        found.setdefault(key, ([], one))[0].append(one.node)
    return list(found.values())


def _told(plan: DependencyGraph, failure: Failure) -> Iterator[str]:
    names = {
        node.id: node.title.text for one in plan.processes for node in one.nodes if node.id in failure.stopped
    }
    stopped = ", ".join(f"`{flat(names.get(id_, id_))}`" for id_ in failure.stopped)
    more = failure.stops - len(failure.stopped)
    none = "nothing for certain" if failure.perhaps else "nothing"
    yield f"- stays away: {stopped or none}" + (f" and {more} more" if more > 0 else "")
    groups = (
        ("runs all the same", failure.goes_on),
        ("runs on", failure.beside),
        ("may run", failure.perhaps),
        ("then", failure.state),
        ("to go on", failure.recovery),
    )
    for title, claims in groups:
        yield from (f"- {title}: {written(claim)}" for claim in claims)


def _what_if(plan: DependencyGraph) -> Iterator[str]:
    rows = ((cell(one.process), cell(one.text), place(one.claim)) for one in plan.what_if[:_MOST_ROWS])
    yield from table(
        ("process", "what if", "where"), rows, "No single edge of a longest chain costs anything."
    )
    yield ""
    yield "A node that takes longer costs what exceeds its slack: `--what-if NODE+5m`."


def _report(plan: DependencyGraph) -> Iterator[str]:
    chosen = [one for one in plan.processes if one.kind == "pipeline"] or plan.processes
    longest = max(chosen, key=lambda one: len(one.critical), default=None)
    if longest is not None:
        chain = longest.critical
        first = _named(longest)[chain[0]].title if chain else longest.place
        text = f"longest chain: {len(chain)} nodes of `{flat(longest.name)}`, {_takes(longest)}"
        yield f"- {text} {place(first)}"
    yield from (f"- {written(claim)}" for claim in plan.remarks)
    if plan.resources:
        yield from ("", "Resources:", "")
        yield from (f"- {written(claim)}" for claim in plan.resources[:_MOST_ROWS])
        yield from _rest(len(plan.resources), "resources")
