"""The emergency page: at most one page, commands first, nothing to read before the first of them."""

from collections.abc import Iterable, Iterator

from rollsafe.artefacts.known_images import known_image
from rollsafe.plans.contribution import Phase, PlanContext, derived, evidence, fact
from rollsafe.plans.kind import PlanKind, PlanRequest
from rollsafe.plans.model import ROOT, Check, Claim, RollbackStep
from rollsafe.workspace.wiring import keeps_data
from rollsafe_agents.deployment_orchestrator.rollback.checks import checks
from rollsafe_agents.deployment_orchestrator.rollback.model import EmergencyPlan
from rollsafe_agents.deployment_orchestrator.rollback.way_back import (
    CHECK_OUT,
    WayBack,
    judged,
    subject_of,
    way_back,
)
from rollsafe_agents.deployment_orchestrator.sections.cluster_steps import ROLLING
from rollsafe_agents.deployment_orchestrator.sections.migration_commands import directory, status
from rollsafe_agents.deployment_orchestrator.sections.migrations import label, title


def make(context: PlanContext, request: PlanRequest) -> EmergencyPlan:
    """Return the shortest way back for everything that was deployed."""
    way = way_back(context)
    plan = way.plan
    verdict, reason = judged(way)
    run = [one for one in way.steps if one.advice == "run"]
    late = way.of_phases(Phase.FREEZE)
    return EmergencyPlan(
        title=f"Emergency: {subject_of(plan)}",
        **context.head,
        verdict=verdict,
        verdict_reason=reason,
        not_understood=plan.not_understood,
        unknowns=plan.unknowns,
        stop=way.holds,
        look=tuple(_look(way)),
        back=tuple(_each_once(one for one in run if one.undoes not in late)),
        restore=tuple(one for one in way.steps if one.advice == "restore"),
        checks=tuple(checks(way)),
        afterwards=tuple(one for one in run if one.undoes in late),
        never=tuple(_never(way)),
        contacts=plan.contacts,
    )


def _each_once(steps: Iterable[RollbackStep]) -> Iterator[RollbackStep]:
    """Yield the steps; what was checked out once is not checked out again."""
    out: set[str] = set()
    for one in steps:
        checked_out = (one.command or "").startswith(CHECK_OUT)
        if not (checked_out and one.command in out):
            yield one
        if checked_out and one.command:
            out.add(one.command)


def _look(way: WayBack) -> Iterator[Check]:
    """Yield how to see whether a migration is applied that the old release does not survive."""
    stuck = {one.name for one in way.migrations if one.old_release == "fails" and one.advice != "run"}
    for pending in way.pending:
        found = [one for one in pending.assessed if label(one.migration) in stuck]
        if not found or not pending.history.is_pending_known:
            continue
        first = found[0]
        command, says = status(way.context, pending, first.migration)
        if command is None:
            continue
        yield Check(
            text=f"is `{label(first.migration)}` applied ({title(first.deeds)})",
            command=command,
            expected=f"{says}, or newer: do not go back, the old release fails on it: fix forward",
            owner=way.context.owner(first.migration.file.path),
            claim=fact("migration", evidence(first.migration)),
            context=directory(way.context, pending) or ROOT,
        )


def _never(way: WayBack) -> Iterator[Claim]:
    for step in way.steps:
        if step.advice == "leave" and step.command and step.data_loss:
            yield derived(f"run `{step.command}`: it drops {step.data_loss}", *step.claim.evidence)
    for one in way.migrations:
        if one.advice == "restore":
            text = f"count on the way down of `{one.name}`: it brings nothing back ({one.data_loss})"
            yield derived(text, *one.claim.evidence)
    rolling = [one for one in way.context.rollout.kept if one.current.kind in ROLLING]
    if rolling:
        workload = rolling[0].current.workload
        text = "run `kubectl rollout pause` first: a rollout that is paused refuses to be undone"
        yield derived(text, evidence(workload, workload.title_node))
    yield from _stores(way.context)
    for held in way.holds[:1]:
        text = "let the pipeline go on before the change is taken back on its branch: it brings it out again"
        yield derived(text, *held.claim.evidence)


def _stores(context: PlanContext) -> Iterator[Claim]:
    """Yield what would delete the data of a store."""
    for one in context.rollout.kept:
        if keeps_data(one.current.workload):
            text = f"delete `{one.current.key}` or its volume claims: they hold its data"
            yield derived(text, evidence(one.current.workload, one.current.workload.title_node))
    for service in context.rollout.services:
        image = service.current.image
        known = known_image(image) if image is not None else None
        if known is not None and known.keeps_data:
            text = f"run `docker compose down --volumes`: it deletes the data of `{service.current.name}`"
            yield derived(text, evidence(service.current, service.current.key))
            return


PLAN = PlanKind(
    title="Emergency page",
    summary="at most one page, commands first: stop, go back, whom to call, what never to do",
    model=EmergencyPlan,
    make=make,
)
