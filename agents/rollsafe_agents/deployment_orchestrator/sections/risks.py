"""Risks of what is rolled out: outages by design, images that move, probes that are missing, sheer size."""

from collections.abc import Iterator

from rollsafe.artefacts.images import parse_image
from rollsafe.plans.commands import from_pipeline
from rollsafe.plans.contribution import (
    Contribution,
    DraftRisk,
    FindingFact,
    Phase,
    PlanContext,
    derived,
    evidence,
    fact,
    place_in,
)
from rollsafe.plans.model import Claim
from rollsafe.plans.reach import Reach, reach, risk_of
from rollsafe.plans.risk import Hazard
from rollsafe.workspace.overlays import Rendered
from rollsafe.workspace.rollout import Scope, Touched, TouchedService
from rollsafe.workspace.wiring import keeps_data_in_pods
from rollsafe_agents.deployment_orchestrator.sections.leftovers import broken_calls
from rollsafe_agents.deployment_orchestrator.sections.strategy import is_new

_MANY = 5
_MOST_OTHERS = 3


def contribute(context: PlanContext, total: Contribution) -> None:
    """Add what is wrong with the things that are rolled out, and what blocks them."""
    for one in context.rollout.kept:
        if not one.is_restart:
            total.risks += _of_workload(context, one)
    for service in context.rollout.services:
        if service.after is not None:
            total.risks += _of_service(context, service)
    total.risks += _missed(context)
    total.risks += _size(context)
    total.blocking += _blocking(context)
    total.preconditions += _known_errors(context)


def _of_workload(context: PlanContext, touched: Touched) -> Iterator[DraftRisk]:
    one = touched.current
    if not one.workload.is_long_running:
        return
    how_far = reach(context, [one.workload.name])
    yield from _unasked(one, how_far)
    yield from _images(one, how_far)
    if not is_new(context, touched):
        yield from _interruptions(one, how_far)
        yield from _without_history(one, how_far)
        yield from _emptied(context, touched, how_far)
    else:
        reason = fact("new since the base", evidence(one.workload, one.workload.title_node))
        name = f"`{one.name}` runs here for the first time"
        yield risk_of(Hazard.SIZE, name, how_far, reason, "look at its logs", Phase.HEALTH)


def _emptied(context: PlanContext, touched: Touched, how_far: Reach) -> Iterator[DraftRisk]:
    one = touched.current
    if context.rollout.scope is Scope.CHANGES and keeps_data_in_pods(one.workload):
        where = evidence(one.workload, one.workload.title_node)
        name = f"`{one.name}` loses what it keeps in its pods"
        reason = derived("no volume outlives the pods that are replaced", where)
        told = "a dump outside of its pods"
        yield risk_of(Hazard.DATA_LOSS, name, how_far, reason, told, Phase.BACKUP, f"`{one.name}`")


def _interruptions(one: Rendered, how_far: Reach) -> Iterator[DraftRisk]:
    reason = _interruption(one)
    if reason is not None:
        name = f"`{one.name}` is away while it is replaced"
        yield risk_of(Hazard.OUTAGE, name, how_far, reason, "a quiet hour; watch it come back", Phase.HEALTH)


def _unasked(one: Rendered, how_far: Reach) -> Iterator[DraftRisk]:
    for container in one.containers:
        if not container.is_init and not one.has(container, "readinessProbe"):
            where = evidence(container, container.title_node)
            reason = fact(f"container `{container.name}` has no readiness probe", where)
            name = f"a broken `{one.name}` replaces the working one"
            yield risk_of(Hazard.NO_PROBE, name, how_far, reason, "ask it by hand", Phase.SMOKE)
            return


def _without_history(one: Rendered, how_far: Reach) -> Iterator[DraftRisk]:
    workload = one.workload
    if workload.revision_history_limit == 0 and one.kind == "Deployment":
        node = workload.node.at("spec", "revisionHistoryLimit") or workload.title_node
        reason = fact("`revisionHistoryLimit: 0`", evidence(workload, node))
        name = f"`{one.name}` keeps no revision to return to"
        yield risk_of(Hazard.NO_WAY_BACK, name, how_far, reason, "apply the files of the base")


def _interruption(one: Rendered) -> Claim | None:
    workload = one.workload
    if one.strategy == "Recreate":
        return fact(
            "`Recreate` stops every pod first", evidence(workload, workload.strategy or workload.title_node)
        )
    count = one.replicas
    if one.kind == "StatefulSet" and one.replica_count == 1:
        where = place_in(count.file, count.where) if count else evidence(workload, workload.title_node)
        return derived("a single pod, which stops before its successor starts", where)
    unavailable = one.setting("spec", "strategy", "rollingUpdate", "maxUnavailable")
    if unavailable is not None and unavailable.text in ("100%", str(one.replica_count)):
        return fact("`maxUnavailable` covers every pod", place_in(unavailable.file, unavailable.where))
    return None


def _images(one: Rendered, how_far: Reach) -> Iterator[DraftRisk]:
    for container in one.containers:
        image = one.image_of(container)
        reference = parse_image(image.text) if image is not None else None
        if image is not None and reference is not None and reference.is_floating:
            yield risk_of(
                Hazard.MUTABLE_IMAGE,
                f"`{one.name}` runs whatever `{reference.tag or 'latest'}` is then",
                how_far,
                fact(f"image `{reference.raw}`", place_in(image.file, image.where)),
                "note the digest that runs before anything is changed",
                Phase.CAPTURE,
                "note what runs",
            )


def _of_service(context: PlanContext, service: TouchedService) -> Iterator[DraftRisk]:
    one = service.current
    how_far = reach(context, [one.name])
    here = evidence(one, one.key)
    image = one.image
    if image is not None and one.build is None and image.is_floating:
        where = evidence(one, one.image_node) if one.image_node is not None else here
        yield risk_of(
            Hazard.MUTABLE_IMAGE,
            f"`{one.name}` runs whatever `{image.tag or 'latest'}` is then",
            how_far,
            fact(f"image `{image.raw}`", where),
            "note the digest that runs before anything is changed",
            Phase.CAPTURE,
            "note what runs",
        )
    if one.healthcheck is None and one.known is None:
        yield risk_of(
            Hazard.NO_PROBE,
            f"nobody notices when `{one.name}` does not work",
            how_far,
            fact("no health check", here),
            "ask it by hand",
            Phase.HEALTH,
        )


def _missed(context: PlanContext) -> Iterator[DraftRisk]:
    """Yield what goes although something that stays has called it."""
    for call in broken_calls(context):
        how_far = reach(context, [call.consumer])
        name = f"`{call.consumer}` fails where it still calls `{call.provider}`"
        reason = derived("its address, as the base has it", context.placed(call.file, call.where))
        told = "the release of the caller that does without it, first"
        yield risk_of(Hazard.BREAKING, name, how_far, reason, told, Phase.REMOVE, f"/{call.provider}`")


def _size(context: PlanContext) -> Iterator[DraftRisk]:
    changed = [one for one in context.rollout.workloads if one.is_changed]
    if len(changed) < _MANY or context.rollout.scope is not Scope.CHANGES:
        return
    names = [one.current.workload.name for one in changed]
    how_far = reach(context, names)
    first = changed[0].current.workload
    yield risk_of(
        Hazard.SIZE,
        f"{len(changed)} workloads change at once",
        how_far,
        derived("the more change, the longer the search for a cause", evidence(first, first.title_node)),
        "one after the other where they do not need each other",
        None,
    )


# Findings ----------------------------------------------------------------------------------------


def _blocking(context: PlanContext) -> Iterator[Claim]:
    """Yield the errors in what is deployed: each has to be settled before the first step."""
    for found in _errors(context):
        if _counts(context, found):
            yield derived(f"`{found.rule}`: {found.message}", found.evidence, rule=found.rule)


def _known_errors(context: PlanContext) -> Iterator[Claim]:
    """Yield the errors in what is deployed and does not differ: they are in the running release, too."""
    known = [one for one in _errors(context) if not _counts(context, one)]
    for found in known[:_MOST_OTHERS]:
        yield derived(
            f"as in the running release, `{found.rule}`: {found.message}", found.evidence, rule=found.rule
        )
    if len(known) > _MOST_OTHERS:
        rest = known[_MOST_OTHERS:]
        yield derived(f"{len(rest)} more errors that do not differ from the base", rest[0].evidence)


def _errors(context: PlanContext) -> list[FindingFact]:
    rollout = context.rollout
    # What a pipeline does wrong is no obstacle where the plan's own commands take its place.
    replaced = {
        one.file.path
        for one in rollout.deliveries
        if one.job is not None and one.command is not None and from_pipeline(one.command) is not None
    }
    differing = set(rollout.changed) if rollout.scope is Scope.CHANGES else set[str]()
    paths = rollout.files - (replaced - differing)
    new = (one for history in rollout.histories if history.is_pending_known for one in history.new)
    paths |= {one.file.path for one in new}
    if rollout.scope is Scope.CHANGES and not rollout.deliveries:
        paths |= set(rollout.changed)
    return [one for one in context.findings_in(paths) if one.severity == "error"]


def _counts(context: PlanContext, found: FindingFact) -> bool:
    """Say whether an error is in what differs, or in a workload that gets new pods."""
    rollout = context.rollout
    started = {one.current.workload.file.path for one in rollout.kept}
    return rollout.scope is not Scope.CHANGES or found.evidence.path in {*rollout.changed, *started}
