"""What holds deployments up in pipelines of GitLab, Azure, CircleCI and Argo, and whether it does."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.other_pipelines import OtherJob, Said
from rollsafe.artefacts.recognition import Role
from rollsafe.plans.contribution import derived, fact, place_in, unknown
from rollsafe.plans.cpm import reachable
from rollsafe.plans.model import Claim, Evidence
from rollsafe_agents.orchestration_manager.graph.draft import Node, Process
from rollsafe_agents.orchestration_manager.graph.failures import fate_after
from rollsafe_agents.orchestration_manager.graph.measure import Measured
from rollsafe_agents.orchestration_manager.graph.model import Checkpoint, Holds, Proposal

_CHANGING: Final = frozenset({Role.DEPLOY, Role.MIGRATE})
_MOST: Final = 60


def is_release(node: Node, job: OtherJob) -> bool:
    """Say whether a job deploys or migrates, and not to take something back."""
    return not _CHANGING.isdisjoint(job.roles) and not node.idle and Role.ROLLBACK not in job.roles


def of_other(one: Measured, node: Node, job: OtherJob) -> Iterator[Checkpoint]:
    """Yield the tests, approvals, verification and locks of a job that deploys or migrates."""
    process, on_path = one.process, set(one.schedule.critical)
    before = reachable(node.id, [(target, source) for source, target in process.edges])[:_MOST]
    earlier = [process.nodes[id_] for id_ in before]
    tests = [_test(process, gate, node) for gate in earlier if _is_test(gate)]
    for gate, holds, claim in tests or [_untested(node, job)]:
        yield _row(gate, "tests", node, holds, on_path, claim)
    yield from _approvals([node, *earlier], node, job, on_path)
    if Role.DEPLOY in job.roles:
        gate, holds, claim = _verification(process, node, job)
        yield _row(gate, "verification", node, holds, on_path, claim)
    if job.lock is not None:
        claim = fact(f"one at a time in `{job.lock.text}`", _place(job, job.lock))
        yield _row(node, "concurrency", node, "yes", on_path, claim)


def beside_other(process: Process, node: Node, job: OtherJob) -> Iterator[Proposal]:
    """Yield the tests of the same pipeline that a deployment does not wait for."""
    before = set(reachable(node.id, [(target, source) for source, target in process.edges]))
    later = set(reachable(node.id, process.edges))
    for gate in process.nodes.values():
        if _is_test(gate) and gate.id not in before | later | {node.id} and not gate.idle:
            text = f"`{gate.title}` tests, and `{node.title}` does not wait for it"
            claim = derived(text, gate.where, place_in(job.file, job.key))
            yield Proposal(source=gate.id, target=node.id, kind="gate", claim=claim)


def _is_test(node: Node) -> bool:
    return node.kind == "job" and Role.TEST.value in node.roles and Role.DEPLOY.value not in node.roles


def _test(process: Process, gate: Node, node: Node) -> tuple[Node, Holds, Claim]:
    fate = fate_after(process, gate.id)
    if node.id in fate.runs:
        text = f"`{node.title}` runs although `{gate.title}` failed"
        return gate, "no", derived(text, *fate.runs[node.id].evidence)
    if node.id in fate.unsure:
        text = f"whether `{node.title}` runs although `{gate.title}` failed"
        return gate, "unknown", unknown(text, *fate.unsure[node.id].evidence)
    return gate, "yes", derived(f"`{node.title}` waits for `{gate.title}`", gate.where, node.where)


def _untested(node: Node, job: OtherJob) -> tuple[Node, Holds, Claim]:
    place = place_in(job.file, job.key)
    if Role.TEST in job.roles:
        return node, "yes", derived(f"`{node.title}` tests itself", place)
    return node, "no", derived(f"no test stands before `{node.title}`", place)


def _approvals(gates: list[Node], node: Node, job: OtherJob, on_path: set[str]) -> Iterator[Checkpoint]:
    for gate in gates:
        asking = gate.element
        if isinstance(asking, OtherJob) and asking.asks is not None:
            claim = fact(asking.asks.text, _place(asking, asking.asks))
            yield _row(gate, "approval", node, "yes", on_path, claim)
    if job.environment is not None:
        text = f"environment `{job.environment.text}`: whom it asks is set in {job.pipeline.dialect.value}"
        claim = unknown(text, _place(job, job.environment))
        yield _row(node, "approval", node, "unknown", on_path, claim)


def _verification(process: Process, node: Node, job: OtherJob) -> tuple[Node, Holds, Claim]:
    found = [act.classification for act in job.acts]
    if any(Role.VERIFY in one.roles or one.self_verifying for one in found):
        claim = derived("it looks itself whether the release came up", place_in(job.file, job.key))
        return node, "yes", claim
    later = [process.nodes[id_] for id_ in reachable(node.id, process.edges)]
    looking = next((one for one in later if Role.VERIFY.value in one.roles), None)
    if looking is not None:
        return looking, "yes", derived(f"`{looking.title}` looks whether it came up", looking.where)
    return node, "no", derived("nothing looks whether it came up", place_in(job.file, job.key))


def _place(job: OtherJob, said: Said) -> Evidence:
    return place_in(said.file or job.file, said.where)


def _row(gate: Node, kind: str, guards: Node, holds: Holds, on_path: set[str], claim: Claim) -> Checkpoint:
    return Checkpoint(
        node=gate.id, kind=kind, guards=guards.id, holds=holds, on_path=gate.id in on_path, claim=claim
    )
