"""The dependency graph as Markdown: the longest chains first, then everything they were found in."""

from collections.abc import Iterator
from typing import Final

from rollsafe.plans.model import Section
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
        cell(" → ".join(shortened)),
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
        yield f"{_takes(one)}: {written(one.unit_reason)}"
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
        written(node.length_reason),
    )


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
            written(one.nodes[0].length_reason),
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
    for edge in one.edges:
        first, then = (cell(named[id_].title.text) for id_ in (edge.source, edge.target))
        yield first, then, edge.kind, written(edge.claim), "yes" if edge.critical else "–"


def _gates(plan: DependencyGraph) -> Iterator[str]:
    groups: dict[tuple[str, ...], list[Checkpoint]] = {}
    for gate in plan.checkpoints:
        alone = gate.kind != "tests" or gate.holds != "yes" or gate.node == gate.guards
        key = (gate.node, gate.kind, gate.holds, gate.guards if alone else "")
        groups.setdefault((*key, gate.claim.text if alone else ""), []).append(gate)
    head = ("checkpoint", "kind", "before", "holds", "on the path", "why")
    empty = "Nothing deploys or migrates, so nothing has to be held up."
    yield from table(head, map(_gate, groups.values()), empty)


def _gate(same: list[Checkpoint]) -> tuple[str, ...]:
    """Return one row for a checkpoint that stands before several nodes."""
    first = same[0]
    before = ", ".join(f"`{cell(one.guards)}`" for one in same)
    why = written(first.claim) if len(same) == 1 else f"{len(same)} wait for it {place(first.claim)}"
    return (f"`{cell(first.node)}`", first.kind, before, first.holds, "yes" if first.on_path else "no", why)


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
    yield f"- stays away: {stopped or 'nothing'}" + (f" and {more} more" if more > 0 else "")
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
        yield from (f"- {written(claim)}" for claim in plan.resources)
