"""The dependency graph: what waits for what, the longest chain, and what happens when a step fails."""

from typing import Final

from rollsafe.artefacts.github_workflow import Job
from rollsafe.plans.contribution import PlanContext, derived
from rollsafe.plans.kind import PlanKind, PlanOption, PlanRequest
from rollsafe.plans.model import Claim, Verdict
from rollsafe.workspace.pipelines import migrations
from rollsafe_agents.orchestration_manager.graph.checkpoints import checkpoints
from rollsafe_agents.orchestration_manager.graph.consequences import failure, worth_telling
from rollsafe_agents.orchestration_manager.graph.draft import Process
from rollsafe_agents.orchestration_manager.graph.elsewhere import elsewhere
from rollsafe_agents.orchestration_manager.graph.histories import migration_processes, unread
from rollsafe_agents.orchestration_manager.graph.machines import machines
from rollsafe_agents.orchestration_manager.graph.measure import Measured, as_part, measure
from rollsafe_agents.orchestration_manager.graph.model import (
    Checkpoint,
    DependencyGraph,
    Failure,
    Link,
    Proposal,
    TimedProcess,
)
from rollsafe_agents.orchestration_manager.graph.pipelines import pipelines
from rollsafe_agents.orchestration_manager.graph.proposals import proposals
from rollsafe_agents.orchestration_manager.graph.remarks import remarks, resources
from rollsafe_agents.orchestration_manager.graph.rollouts import rollouts
from rollsafe_agents.orchestration_manager.graph.startup import start_ups
from rollsafe_agents.orchestration_manager.graph.suppositions import asked, by_edge, find_node
from rollsafe_agents.orchestration_manager.graph.timings import read_timings

_MOST_FAILURES: Final = 40
_MOST_NODES: Final = 20_000


def make(context: PlanContext, request: PlanRequest) -> DependencyGraph:
    """Return the graph of everything in the project that waits for something else."""
    given = request.documents.get("timings")
    timings = read_timings(request.one("timings") or "", given) if given is not None else None
    processes = _processes(context)
    measured = measure(processes, timings)
    parts = tuple(map(as_part, measured))
    gates, beside = checkpoints(measured, context.after.graph)
    missing = [*proposals(processes, context), *beside]
    told, left_out = _failures(processes, context)
    unknowns = [claim for one in processes for claim in one.unknowns]
    skipped = (*context.frame.skipped, *unread(context))
    verdict, reason = _verdict(parts, gates, missing, unknowns)
    count = sum(node.stands_for for one in parts for node in one.nodes)
    focused = request.flag("critical-path")
    return DependencyGraph(
        title=f"Dependency graph: {count} node{'s' * (count != 1)} in {_processes_as_words(parts)}",
        verdict=verdict,
        verdict_reason=reason,
        **context.head,
        not_understood=skipped,
        unknowns=tuple(dict.fromkeys(unknowns)),
        focus="critical path" if focused else "everything",
        processes=parts,
        links=tuple(_links(measured, context)),
        checkpoints=tuple(gates),
        proposals=tuple(missing),
        failures=tuple(told),
        failures_left_out=left_out,
        asked_failures=tuple(_asked_failures(request, processes, context)),
        what_if=tuple(by_edge(measured)),
        asked_what_if=tuple(asked(request.options.get("what-if", ()), measured)),
        remarks=tuple(remarks(measured, context.after.graph)),
        resources=tuple(resources(context)),
    )


def _processes(context: PlanContext) -> list[Process]:
    """Return everything there is, the greatest pipelines first."""
    view = context.after
    found = [
        *sorted([*pipelines(view), *elsewhere(view)], key=lambda one: -len(one.nodes)),
        *migration_processes(context),
        *rollouts(context),
        *start_ups(view),
        *machines(view),
    ]
    kept: list[Process] = []
    total = 0
    for one in found:
        total += len(one.nodes)
        if total <= _MOST_NODES:
            kept.append(one)
    return kept


def _processes_as_words(parts: tuple[TimedProcess, ...]) -> str:
    return f"{len(parts)} process{'es' * (len(parts) != 1)}"


def _failures(processes: list[Process], context: PlanContext) -> tuple[list[Failure], int]:
    """Return what a failure does, for the nodes of which there is most to say, and how many are left out."""
    wanted = [(one, id_) for one in processes if one.kind != "migrations" for id_ in worth_telling(one)]
    wanted.sort(key=lambda pair: not pair[0].nodes[pair[1]].roles)
    found: list[Failure] = []
    for process, id_ in wanted[: 4 * _MOST_FAILURES]:
        told = failure(process, id_, context.after.graph)
        if told.goes_on or told.perhaps or told.state or process.kind == "state machine":
            found.append(told)
    told_of = len(found)
    for one in processes:
        if one.kind == "migrations":
            found.append(failure(one, next(reversed(one.nodes)), context.after.graph))
    return found[:_MOST_FAILURES], len(wanted) - min(told_of, _MOST_FAILURES)


def _asked_failures(request: PlanRequest, processes: list[Process], context: PlanContext) -> list[Failure]:
    found = (find_node(name, processes) for name in request.options.get("if-fails", ()))
    return [failure(process, node.id, context.after.graph) for process, node in found]


def _links(measured: list[Measured], context: PlanContext) -> list[Link]:
    """Return which jobs run which migrations and which rollouts."""
    graph = context.after.graph
    homes = [one.process for one in measured if one.process.kind == "migrations"]
    brought = {one.process.name: one.process for one in measured if one.process.kind == "rollout"}
    jobs = [
        (node, node.element)
        for one in measured
        for node in one.process.nodes.values()
        if isinstance(node.element, Job)
    ]
    found: list[Link] = []
    for node, job in jobs:
        for act in migrations(job, graph):
            named = [home for home in homes if home.name in " ".join(act.texts)] or homes[: len(homes) == 1]
            where = node.where.model_copy(
                update={"path": act.file.path, "line": act.file.line_number(act.where)}
            )
            claim = derived(f"runs `{act.classification.tool}`", where)
            found += [Link(source=node.id, process=home.name, claim=claim) for home in named]
    for delivery in context.rollout.deliveries:
        source = next((node for node, job in jobs if job is delivery.job), None)
        if source is not None and delivery.path in brought:
            where = source.where.model_copy(
                update={"path": delivery.file.path, "line": delivery.file.line_number(delivery.where)}
            )
            claim = derived(f"brings it with `{delivery.tool}`", where)
            found.append(Link(source=source.id, process=delivery.path, claim=claim))
    return list(dict.fromkeys(found))


def _verdict(
    parts: tuple[TimedProcess, ...],
    gates: list[Checkpoint],
    missing: list[Proposal],
    unknowns: list[Claim],
) -> tuple[Verdict, str]:
    broken = [claim for one in parts for claim in (*one.cycles, *one.dangling)]
    if broken:
        return Verdict.BLOCKED, f"by {len(broken)} error{'s' * (len(broken) > 1)}: {broken[0].text}"
    if not parts:
        return Verdict.INCOMPLETE, "nothing is read that waits for something else"
    open_ = [gate for gate in gates if gate.kind == "tests" and gate.holds == "no"]
    risks = len(open_) + len(missing)
    if risks:
        words = open_[0].claim.text if open_ else missing[0].claim.text
        return Verdict.RISKS, f"{risks} open question{'s' * (risks > 1)} of order: {words}"
    if unknowns:
        return Verdict.INCOMPLETE, f"{len(unknowns)} unknown"
    return Verdict.READY, "no cycle, no edge missing"


PLAN = PlanKind(
    title="Dependency graph",
    summary="what waits for what, the longest chain, and what happens when a step fails",
    model=DependencyGraph,
    make=make,
    options=(
        PlanOption("critical-path", "Only the longest chains and what would shorten them"),
        PlanOption("what-if", "Suppose `A->B` falls away, `A+5m` takes longer, or `A` no time", "NODE"),
        PlanOption("if-fails", "Tell first what happens when this one fails", "NODE"),
        PlanOption("timings", "How long things took: JSON, CSV or JUnit XML", "FILE", is_file=True),
    ),
    forms=("mermaid", "dot", "text"),
)
