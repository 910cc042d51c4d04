"""Remarks on where time goes, and facts about resources: each with the places it rests on."""

import itertools
import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.expressions import status_checks
from rollsafe.artefacts.github_workflow import Job, Step
from rollsafe.artefacts.kubernetes import Container, HorizontalPodAutoscaler
from rollsafe.artefacts.recognition import Role
from rollsafe.plans.contribution import PlanContext, derived, evidence, fact, place_in
from rollsafe.plans.cpm import schedule
from rollsafe.plans.model import Claim
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.overlays import Rendered
from rollsafe.workspace.pipelines import deployments, roles_of_job, tests
from rollsafe.workspace.rollout import rendering_of
from rollsafe.workspace.wiring import autoscalers_of, has_default_requests
from rollsafe_agents.orchestration_manager.graph.draft import Node, Wait
from rollsafe_agents.orchestration_manager.graph.measure import Measured
from rollsafe_agents.orchestration_manager.graph.rollouts import readable_deliveries

_INSTALLS: Final = {
    "setup-node": re.compile(r"(?:npm|pnpm|yarn)\s+(?:ci|i|install)\b|\byarn\s*$", re.M),
    "setup-python": re.compile(r"\bpip3?\s+install\b|\bpoetry\s+install\b|\bpipenv\s+(?:install|sync)\b"),
    "setup-java": re.compile(r"\b(?:mvnw?|gradlew?)\b"),
}
"""What fetches packages, by the action that sets its tool up and can cache them."""

_MOST: Final = 30
_MOST_RESOURCES: Final = 300
_CHECKING: Final = frozenset({Role.TEST, Role.VERIFY, Role.BUILD, Role.PLAN})
"""What a job may do so that only its own time counts, not what it leaves behind for others."""


def remarks(measured: list[Measured], graph: Graph) -> list[Claim]:
    """Return what is seen of time in the pipelines: what is on the longest chain first."""
    first: list[Claim] = []
    later: list[Claim] = []
    for one in measured:
        if one.process.kind != "pipeline":
            continue
        chain = set(one.schedule.critical)
        for node in one.process.nodes.values():
            if isinstance(node.element, Job) and node.element.uses is None:
                found = list(_uncached(node.element))
                (first if node.id in chain else later).extend(found)
        first += _unused_waits(one, graph)
    return list(dict.fromkeys([*first, *later]))[:_MOST]


def _uncached(job: Job) -> Iterator[Claim]:
    names = [step.uses_text.partition("@")[0].lower() for step in job.steps]
    if any(name.startswith(("actions/cache", "buildjet/cache", "swatinem/rust-cache")) for name in names):
        return
    for step, name in zip(job.steps, names, strict=True):
        tool = name.rpartition("/")[2]
        installs = _INSTALLS.get(tool) if name.startswith("actions/") else None
        # An install from a cache that nobody names would be known by an input; newer versions have it on.
        if installs is None or any(
            key.startswith("cache") or "package-manager" in key for key in step.inputs
        ):
            continue
        found = next((one for one in job.steps[step.index :] if _runs(one, installs)), None)
        if found is not None and found.run is not None:
            text = f"`{job.id}` fetches its packages anew in every run: no `cache` in `{tool}`, and no other"
            yield derived(text, evidence(step, step.uses), evidence(found, found.run))
    for step, name in zip(job.steps, names, strict=True):
        if name == "docker/build-push-action" and "cache-from" not in step.inputs:
            text = f"`{job.id}` builds its image without `cache-from`: every layer anew on a fresh runner"
            yield derived(text, evidence(step, step.uses))


def _runs(step: Step, pattern: re.Pattern[str]) -> bool:
    return step.run is not None and pattern.search(step.run.text[:20_000]) is not None


def _unused_waits(one: Measured, graph: Graph) -> Iterator[Claim]:
    """Yield the waits on the longest chain that nothing asks for: no output, no artifact, no gate."""
    process, chain = one.process, one.schedule.critical
    by_edge = {wait.edge: wait for wait in process.waits if wait.kind == "needs"}
    for edge in list(itertools.pairwise(chain))[:_MOST]:
        wait = by_edge.get(edge)
        if wait is None or not _is_unused(process.nodes[edge[0]], process.nodes[edge[1]], graph):
            continue
        saved = one.schedule.duration - _without(one, wait)
        if saved > 0:
            source, target = (process.nodes[id_].title for id_ in edge)
            gain = f"side by side saves {one.shown(saved)}"
            text = f"`{target}` uses no output and no artifact of `{source}`: {gain}"
            yield derived(text, *wait.claim.evidence)


def _without(one: Measured, wait: Wait) -> int:
    return schedule(one.durations, [edge for edge in one.process.edges if edge != wait.edge]).duration


def _is_unused(source: Node, target: Node, graph: Graph) -> bool:
    first, then = source.element, target.element
    if (
        not isinstance(first, Job)
        or not isinstance(then, Job)
        or then.uses is not None
        or first.uses is not None
    ):
        return False
    if then.if_ is not None and status_checks(then.if_.condition.root):
        return False
    if not tests(first, graph) or not _CHECKING.issuperset(roles_of_job(then, graph)) or not then.activities:
        return False
    text = then.file.slice(then)
    if re.search(rf"\bneeds\b[.\[]['\"]?(?:{re.escape(first.id)}\b|\*)", text) or "toJSON(needs" in text:
        return False
    hands_over = "upload-artifact" in first.file.slice(first) and "download-artifact" in text
    shares_cache = "actions/cache" in first.file.slice(first) and "actions/cache" in text
    # A gate that something later rests on through this job is wanted as it is.
    guards = tests(first, graph) and any(
        deployments(job, graph) and first not in job.needed() for job in then.dependants
    )
    return not hands_over and not shares_cache and not guards


# Resources ---------------------------------------------------------------------------------------


def resources(context: PlanContext) -> list[Claim]:
    """Return how much every workload of the environment asks for, and what scales it."""
    found: list[Claim] = []
    for delivery in readable_deliveries(context):
        for one in rendering_of(delivery, context.after).workloads:
            found += _of_workload(one, context.after.graph)
    listed = list(dict.fromkeys(found))
    if len(listed) > _MOST_RESOURCES:
        left = len(listed) - _MOST_RESOURCES + 1
        kept = listed[: _MOST_RESOURCES - 1]
        return [*kept, derived(f"{left} more are left out", *kept[-1].evidence)]
    return listed


def _of_workload(one: Rendered, graph: Graph) -> Iterator[Claim]:
    workload, replicas = one.workload, one.replicas
    if workload.is_long_running:
        if replicas is not None:
            text = f"`{one.key}`: {replicas.text} replica{'s' * (replicas.text != '1')}"
            yield fact(text, place_in(replicas.file, replicas.where))
        elif workload.replica_count == 1 and workload.kind != "DaemonSet":
            yield derived(f"`{one.key}`: 1 replica, the default", evidence(workload, workload.title_node))
    for container in workload.containers:
        yield _of_container(one, container)
    for scaler in autoscalers_of(workload, graph):
        yield from _of_scaler(one, scaler, graph)


def _of_container(one: Rendered, container: Container) -> Claim:
    requests, limits = _listed(container.requests), _listed(container.limits)
    text = f"`{one.key}` `{container.name}`: requests {requests}, limits {limits}"
    place = container.node.key_at("resources") or container.title_node
    return fact(text, evidence(container, place))


def _listed(amounts: dict[str, str]) -> str:
    return ", ".join(f"{name} {amount}" for name, amount in sorted(amounts.items())) or "nothing"


def _of_scaler(one: Rendered, scaler: HorizontalPodAutoscaler, graph: Graph) -> Iterator[Claim]:
    least, most = scaler.min_replicas, scaler.max_replicas
    watched = ", ".join(metric.resource or metric.type for metric in scaler.metrics) or "nothing"
    place = evidence(scaler, scaler.max_replicas_node or scaler.title_node)
    low = least if isinstance(least, int) else "the default"
    yield fact(f"`{scaler.name}` scales `{one.key}` from {low} to {most} on {watched}", place)
    if isinstance(least, int) and least == most:
        yield derived(f"`{scaler.name}` cannot scale: both bounds are {most}", place)
    if one.replicas is not None:
        where = place_in(one.replicas.file, one.replicas.where)
        text = f"each apply sets `{one.key}` back to {one.replicas.text}, whatever `{scaler.name}` chose"
        yield derived(text, where, place)
    for metric in scaler.metrics:
        name = metric.resource or ""
        bare = [
            c for c in one.workload.containers if name and name not in c.requests and name not in c.limits
        ]
        if metric.is_utilization and bare and not has_default_requests(one.workload, graph):
            text = (
                f"`{scaler.name}` measures {name} in percent of a request that `{bare[0].name}` does not have"
            )
            yield derived(text, evidence(scaler, metric.node), evidence(bare[0], bare[0].title_node))
