"""Tests, approvals, verification and locks: which stand before a deployment, and whether they hold."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Workflow
from rollsafe.artefacts.other_pipelines import OtherJob
from rollsafe.plans.contribution import derived, evidence, fact, unknown
from rollsafe.plans.cpm import reachable
from rollsafe.plans.model import Claim
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import concurrency_of, environment_of
from rollsafe.workspace.pipeline_gates import gates, really_tests
from rollsafe.workspace.pipelines import deployments, migrations, tests, verifies
from rollsafe_agents.orchestration_manager.graph.draft import Node, Process
from rollsafe_agents.orchestration_manager.graph.failures import fate_after
from rollsafe_agents.orchestration_manager.graph.measure import Measured
from rollsafe_agents.orchestration_manager.graph.model import Checkpoint, Holds, Proposal
from rollsafe_agents.orchestration_manager.graph.other_checkpoints import (
    beside_other,
    is_release,
    of_other,
)

_MOST: Final = 60
_ON_CHANGE: Final = frozenset({"push", "pull_request", "merge_group"})


def checkpoints(measured: list[Measured], graph: Graph) -> tuple[list[Checkpoint], list[Proposal]]:
    """Return what holds deployments and migrations up, and the tests that stand beside them."""
    found: list[Checkpoint] = []
    beside: list[Proposal] = []
    for one in measured:
        for node in one.process.nodes.values():
            job = node.element
            if (
                isinstance(job, Job)
                and node.kind == "job"
                and (deployments(job, graph) or migrations(job, graph))
            ):
                found += _of_job(one, node, job, graph)
                beside += _beside(one.process, node, job, graph)
            elif isinstance(job, OtherJob) and is_release(node, job):
                found += of_other(one, node, job)
                beside += beside_other(one.process, node, job)
    return found[:_MOST], beside[:_MOST]


def _of_job(one: Measured, node: Node, job: Job, graph: Graph) -> Iterator[Checkpoint]:
    on_path = set(one.schedule.critical)
    tested = list(_tests(one.process, node, graph, on_path))
    yield from tested
    if not any(one.kind == "tests" for one in tested):
        yield _untested(node, job, graph, on_path, [one.node for one in tested])
    environment = environment_of(job, graph)
    if environment is not None:
        text = f"environment `{environment.name}`: whom it asks for approval is set in the forge"
        yield _row(node, "approval", node, "unknown", on_path, unknown(text, evidence(job, environment)))
    if deployments(job, graph):
        yield _verification(node, job, graph, on_path)
    for held in concurrency_of(job, graph):
        text = f"one at a time in `{held.concurrency.group}`"
        owner = held.job or held.workflow
        yield _row(node, "concurrency", node, "yes", on_path, fact(text, evidence(owner, held.concurrency)))


def _verification(node: Node, job: Job, graph: Graph, on_path: set[str]) -> Checkpoint:
    place = evidence(job, job.key)
    if verifies(job, graph):
        text = "something looks whether the release came up"
        return _row(node, "verification", node, "yes", on_path, derived(text, place))
    if job.uses is not None:
        text = f"whether `{job.uses.text}` looks if the release came up: it is not read"
        return _row(node, "verification", node, "unknown", on_path, unknown(text, place))
    text = "nothing looks whether it came up"
    return _row(node, "verification", node, "no", on_path, derived(text, place))


def _tests(process: Process, node: Node, graph: Graph, on_path: set[str]) -> Iterator[Checkpoint]:
    before = reachable(node.id, [(target, source) for source, target in process.edges])
    for id_ in before[:_MOST]:
        gate = process.nodes[id_]
        if gate.kind != "job" or not isinstance(gate.element, Job) or not _is_gate(gate.element, graph):
            continue
        kind = "tests" if really_tests(gate.element, graph) else "gate"
        fate = fate_after(process, id_)
        if node.id in fate.runs:
            text = f"`{node.title}` runs although `{gate.title}` failed"
            yield _row(gate, kind, node, "no", on_path, derived(text, *fate.runs[node.id].evidence))
        elif node.id in fate.unsure:
            text = f"whether `{node.title}` runs although `{gate.title}` failed"
            yield _row(gate, kind, node, "unknown", on_path, unknown(text, *fate.unsure[node.id].evidence))
        else:
            claim = derived(f"`{node.title}` waits for `{gate.title}`", gate.where, node.where)
            yield _row(gate, kind, node, "yes", on_path, claim)


def _untested(node: Node, job: Job, graph: Graph, on_path: set[str], held: list[str]) -> Checkpoint:
    """Say that no test stands before a deployment; the job's own tests, and other workflows', are named.

    `held` are the gates before it of which nothing says that they test, such as a build.
    """
    place = evidence(job, job.key)
    if held and not really_tests(job, graph):
        text = f"whether anything tests before `{node.title}`: all that `{held[0]}` is called is a gate"
        return _row(node, "tests", node, "unknown", on_path, unknown(text, place))
    if tests(job, graph):
        return _row(node, "tests", node, "yes", on_path, derived(f"`{node.title}` tests first", place))
    found = (one for one in graph.find(Workflow, "does:test") if one is not job.workflow)
    others = sorted(found, key=lambda one: (not _ON_CHANGE & one.triggers.keys(), -len(gates(one, graph))))
    beside = f"; `{others[0].file.name}` tests on its own" if others else ""
    where = [evidence(one, one.on_key) for one in others[:1]]
    claim = derived(f"no test stands before `{node.title}`{beside}", place, *where)
    return _row(node, "tests", node, "no", on_path, claim)


def _is_gate(job: Job, graph: Graph) -> bool:
    return job in gates(job.workflow, graph)


def _row(gate: Node, kind: str, guards: Node, holds: Holds, on_path: set[str], claim: Claim) -> Checkpoint:
    return Checkpoint(
        node=gate.id, kind=kind, guards=guards.id, holds=holds, on_path=gate.id in on_path, claim=claim
    )


def _beside(process: Process, node: Node, job: Job, graph: Graph) -> Iterator[Proposal]:
    """Yield the tests of the same workflow that a deployment does not wait for."""
    before = set(reachable(node.id, [(target, source) for source, target in process.edges]))
    for gate in gates(job.workflow, graph):
        found = next((n for n in process.nodes.values() if n.element is gate and n.id not in before), None)
        if found is not None and found.id != node.id:
            text = f"`{gate.id}` tests, and `{job.id}` does not wait for it"
            claim = derived(text, found.where, node.where)
            yield Proposal(source=found.id, target=node.id, kind="gate", claim=claim)
