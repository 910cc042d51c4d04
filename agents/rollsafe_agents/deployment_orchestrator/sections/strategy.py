"""How each workload is replaced, from its own settings, and what that means for requests meanwhile."""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import HelmChart
from rollsafe.plans.contribution import Contribution, PlanContext, assumed, derived, evidence, fact, place_in
from rollsafe.plans.model import Claim
from rollsafe.workspace.overlays import Rendered
from rollsafe.workspace.rollout import Scope, Touched, TouchedService
from rollsafe.workspace.rollout_budget import rendered_budget
from rollsafe.workspace.wiring import autoscalers_of
from rollsafe_agents.deployment_orchestrator.sections.leftovers import broken_calls


def contribute(context: PlanContext, total: Contribution) -> None:
    """Add one claim per workload and service, and the worst of them as the downtime."""
    gaps: list[Claim] = []
    rolling: list[Claim] = []
    for one in context.rollout.kept:
        if is_new(context, one):
            total.strategy.append(_starting(one.current))
            continue
        claim, interrupts = _of_workload(context, one.current)
        total.strategy.append(claim)
        if one.current.workload.is_long_running:
            (gaps if interrupts else rolling).append(claim)
    for service in context.rollout.services:
        total.strategy.append(_of_service(context, service))
        if service.after is not None and service.before is not None:
            gaps.append(_gap(service))
    gone = list(_leaving(context))
    total.strategy += gone
    total.strategy += _of_others(context)
    total.downtime += _downtime(gaps, rolling) or _untouched(context, gone)


def is_new(context: PlanContext, one: Touched) -> bool:
    """Say whether a workload is not there yet, so that nothing is replaced by it."""
    return one.before is None and context.rollout.scope is Scope.CHANGES


def _starting(one: Rendered) -> Claim:
    workload = one.workload
    text = f"`{one.name}` is new: nothing that runs is replaced by it"
    return fact(text, evidence(workload, workload.title_node))


def _leaving(context: PlanContext) -> Iterator[Claim]:
    """Yield what goes for good, and who has called it."""
    calls = broken_calls(context)
    for one in context.rollout.workloads:
        if one.after is not None:
            continue
        workload = one.current.workload
        callers = [call for call in calls if call.provider == workload.name]
        here = context.old(workload, workload.title_node)
        if not callers:
            text = f"`{one.current.name}` goes for good; no address in the files leads to it"
            yield derived(text, here)
            continue
        named = ", ".join(f"`{call.consumer}`" for call in callers)
        text = f"`{one.current.name}` goes for good; {named} called it"
        yield derived(text, here, *(context.placed(call.file, call.where) for call in callers))


def _untouched(context: PlanContext, gone: list[Claim]) -> list[Claim]:
    """Return that nothing is interrupted, where all that happens is that something comes or goes."""
    new = [_starting(one.current) for one in context.rollout.kept if is_new(context, one)]
    moved = [
        service for service in context.rollout.services if service.after is None or service.before is None
    ]
    places = [*gone, *new, *(_of_service(context, one) for one in moved)]
    if not places or context.rollout.scope is not Scope.CHANGES:
        return []
    text = "none for what stays" if gone or any(one.after is None for one in moved) else "none"
    return [derived(f"{text}: nothing that runs is replaced", *places[0].evidence)]


def _of_workload(context: PlanContext, one: Rendered) -> tuple[Claim, bool]:
    """Return how a workload is replaced, and whether nobody answers meanwhile."""
    workload = one.workload
    where = evidence(workload, workload.strategy if workload.strategy is not None else workload.title_node)
    name = f"`{one.name}`"
    match one.kind:
        case "Deployment" | "DeploymentConfig" | "ReplicaSet" | "ReplicationController":
            return _of_deployment(context, one)
        case "Rollout":
            kind = one.strategy or "its own steps"
            return derived(f"{name} is rolled out by Argo Rollouts ({kind})", where), False
        case "StatefulSet":
            return derived(
                f"{name} replaces one pod after the other, the last one first", where
            ), one.replica_count == 1
        case "DaemonSet":
            return derived(f"{name} replaces the pod of one node at a time", where), False
        case "CronJob":
            schedule = workload.schedule or "no schedule"
            return derived(
                f"{name} runs what is written here from its next start on (`{schedule}`)", where
            ), False
        case "Job":
            return derived(
                f"{name} runs once; an existing Job of that name is not changed by `apply`", where
            ), False
        case "Pod":
            return derived(f"{name} is a bare pod: it is deleted and made again", where), True
        case kind:
            return derived(f"{name} is rolled out by the controller of `{kind}`", where), False


def _of_deployment(context: PlanContext, one: Rendered) -> tuple[Claim, bool]:
    workload, count = one.workload, one.replica_count
    if one.strategy == "Recreate":
        where = evidence(workload, workload.strategy or workload.title_node)
        pods = "its only pod" if count == 1 else "all its pods"
        return fact(f"`{one.name}` stops {pods} before it starts the new (`Recreate`)", where), True
    scaled = autoscalers_of(workload, context.after.graph)
    replicas = one.replicas
    where = place_in(replicas.file, replicas.where) if replicas else evidence(workload, workload.title_node)
    if scaled:
        bounds = f"{scaled[0].min_replicas} to {scaled[0].max_replicas}"
        return derived(
            f"`{one.name}` rolls {bounds} pods, as its autoscaler says",
            evidence(scaled[0], scaled[0].title_node),
        ), False
    if count is None:
        return derived(f"`{one.name}` rolls its pods; how many a template decides", where), False
    rolling = rendered_budget(one, context.after.graph).rolling
    if rolling is None:
        return derived(
            f"`{one.name}` rolls {count} pods; how many at a time a template decides", where
        ), False
    surge, fewer = rolling.surge.value, rolling.missing.value
    pods = f"{count} pod{'s' * (count != 1)}"
    text = f"`{one.name}` rolls {pods}: at most {surge} more and {fewer} fewer at a time"
    return derived(text, where), count <= fewer and count > 0


def _of_service(context: PlanContext, service: TouchedService) -> Claim:
    one = service.current
    if service.after is None:
        return derived(f"`{one.name}` goes for good", context.old(one, one.key))
    if service.before is None and context.rollout.scope is Scope.CHANGES:
        return fact(f"`{one.name}` is new: nothing that runs is replaced by it", evidence(one, one.key))
    if one.replicas is not None and one.replicas > 1:
        return derived(
            f"`{one.name}`: Compose replaces its {one.replicas} containers", evidence(one, one.key)
        )
    return derived(
        f"`{one.name}`: Compose stops the container, then starts the new one", evidence(one, one.key)
    )


def _gap(service: TouchedService) -> Claim:
    one = service.current
    return derived(f"`{one.name}` is away from its stop until it answers again", evidence(one, one.key))


def _of_others(context: PlanContext) -> Iterator[Claim]:
    for delivery, path in context.rollout.missing:
        yield fact(
            f"not part of this plan: `{delivery.tool}` would deploy `{path}`, which is not in the repository",
            place_in(delivery.file, delivery.where),
        )
    for delivery in context.rollout.deliveries:
        if delivery.release:
            chart = next(iter(context.after.graph.find(HelmChart, f"dir:{delivery.path}")), None)
            where = place_in(delivery.file, delivery.where)
            version = f" {chart.version}" if chart is not None and chart.version else ""
            yield fact(f"release `{delivery.release}` of chart `{delivery.path or '.'}`{version}", where)
    if context.rollout.scope is Scope.REDEPLOY:
        yield assumed(
            f"nothing differs from {context.old_ref}: what is there is applied again, which starts new pods"
            " only where the cluster has drifted; for the plan of a release name what runs with `--base REF`"
        )


def _downtime(gaps: list[Claim], rolling: list[Claim]) -> list[Claim]:
    if gaps:
        more = f"; {len(gaps) - 1} more like it" if len(gaps) > 1 else ""
        return [derived(f"brief: {gaps[0].text}{more}", *gaps[0].evidence)]
    if rolling:
        text = "none, as long as every new pod becomes ready: all pods are rolled"
        return [derived(text, *rolling[0].evidence)]
    return []
