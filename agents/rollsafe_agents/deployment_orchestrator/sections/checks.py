"""The checklists after a deployment and after a rollback, when to go back, and whom to ask."""

from collections.abc import Iterator

from rollsafe.plans.cluster import compose, helm, kubectl, logs, rollout_status
from rollsafe.plans.contribution import (
    Contribution,
    PlanContext,
    assumed,
    derived,
    evidence,
    fact,
    place_in,
    unknown,
)
from rollsafe.plans.migration_runners import LOCK_TIMEOUT
from rollsafe.plans.model import ROOT, Check, Claim, Evidence
from rollsafe.workspace.delivery import Means
from rollsafe.workspace.owners import owners_of
from rollsafe.workspace.rollout import Scope, Touched, TouchedService
from rollsafe.workspace.rollout_budget import rendered_budget
from rollsafe_agents.deployment_orchestrator.sections import smoke
from rollsafe_agents.deployment_orchestrator.sections.cluster_steps import ROLLING, in_order, namespace_of
from rollsafe_agents.deployment_orchestrator.sections.migration_commands import directory, status
from rollsafe_agents.deployment_orchestrator.sections.migrations import place
from rollsafe_agents.deployment_orchestrator.sections.monitoring import alert_rules
from rollsafe_agents.deployment_orchestrator.sections.pending import Pending
from rollsafe_agents.deployment_orchestrator.sections.strategy import is_new

"""Seconds without progress after which Kubernetes calls a rollout failed, unless it is set."""

_MOST_RULES = 4


def contribute(context: PlanContext, pending: list[Pending], total: Contribution) -> None:
    """Add checks, triggers and contacts."""
    total.checks += _rolled_out(context)
    total.checks += _released(context)
    total.checks += smoke.checks(context)
    total.checks += _schema(context, pending)
    total.checks += _logs(context)
    total.rollback_checks += _rolled_back(context)
    total.rollback_checks += _released(context)
    total.rollback_checks += smoke.checks(context, after_rollback=True)
    total.triggers += _triggers(context, pending)
    total.contacts += _contacts(context)


def _released(context: PlanContext) -> Iterator[Check]:
    for delivery in context.rollout.deliveries:
        if delivery.means is Means.CHART and delivery.release:
            command = helm(delivery.namespace, "status", delivery.release)
            yield Check(
                text=f"release `{delivery.release}` is in force",
                command=command,
                expected="`STATUS: deployed`",
                owner=context.owner(delivery.path),
                claim=fact("release", place_in(delivery.file, delivery.where)),
            )


def _rolled_out(context: PlanContext) -> Iterator[Check]:
    for one in in_order(context):
        yield _status(context, one, "is rolled out", "`successfully rolled out`")
    for service in context.rollout.services:
        if service.after is not None:
            yield _running(context, service, "runs")


def _running(context: PlanContext, service: TouchedService, what: str) -> Check:
    return Check(
        text=f"`{service.current.name}` {what}",
        command=compose(service.delivery.paths, "ps", service.current.name),
        expected="`Up`",
        owner=context.owner(service.current.file.path),
        claim=fact("service", _where(context, service)),
    )


def _where(context: PlanContext, service: TouchedService) -> Evidence:
    one = service.current
    return evidence(one, one.key) if service.after is not None else context.old(one, one.key)


def _rolled_back(context: PlanContext) -> Iterator[Check]:
    expected = "`successfully rolled out`, with the image noted before"
    for one in in_order(context):
        if not is_new(context, one):
            yield _status(context, one, "is back", expected)
    for one in context.rollout.workloads:
        if one.after is None and one.current.kind in ROLLING:
            yield _status(context, one, "is back", expected)
        elif is_new(context, one):
            yield _gone(context, one)
    for service in context.rollout.services:
        if service.before is not None or context.rollout.scope is not Scope.CHANGES:
            yield _running(context, service, "is back")
        else:
            yield _without(context, service)


def _gone(context: PlanContext, one: Touched) -> Check:
    workload = one.current.workload
    namespace = namespace_of(one.delivery, [one])
    return Check(
        text=f"`{one.current.name}` is gone, which was new",
        command=kubectl(namespace, "get", one.current.key, "--ignore-not-found"),
        expected="no output",
        owner=context.owner(workload.file.path),
        claim=fact("new since the base", evidence(workload, workload.title_node)),
    )


def _without(context: PlanContext, service: TouchedService) -> Check:
    one = service.current
    return Check(
        text=f"`{one.name}` is gone, which was new",
        command=compose(service.delivery.paths, "ps", "--all"),
        expected=f"no `{one.name}`",
        owner=context.owner(one.file.path),
        claim=fact("new since the base", evidence(one, one.key)),
    )


def _status(context: PlanContext, one: Touched, what: str, expected: str) -> Check:
    workload = one.current.workload
    namespace = namespace_of(one.delivery, [one])
    is_there = one.after is not None
    here = workload.title_node
    return Check(
        text=f"`{one.current.name}` {what}",
        command=rollout_status(namespace, one.current.key),
        expected=expected,
        owner=context.owner(workload.file.path),
        claim=fact("workload", evidence(workload, here) if is_there else context.old(workload, here)),
    )


def _schema(context: PlanContext, pending: list[Pending]) -> Iterator[Check]:
    for one in pending:
        last = one.assessed[-1].migration
        command, says = status(context, one, last)
        if command is not None:
            yield Check(
                text="the schema is where it belongs",
                command=command,
                expected=says,
                owner=context.owner(last.file.path),
                claim=fact("newest migration", evidence(last)),
                context=directory(context, one) or ROOT,
            )
    if context.rollout.scope is Scope.REDEPLOY:
        yield from _schema_as_is(context)


def _schema_as_is(context: PlanContext) -> Iterator[Check]:
    """Yield for a redeployment where the schema has to be already."""
    for history in context.rollout.histories:
        if history.migrations:
            last = history.migrations[-1]
            yield Check(
                text=f"every migration of `{history.home or '.'}` is applied",
                command=None,
                expected=f"its runner says that `{last.convention.version or last.file.name}` is the newest",
                owner=context.owner(last.file.path),
                claim=fact("newest migration", evidence(last)),
            )


def _logs(context: PlanContext) -> Iterator[Check]:
    for one in in_order(context):
        workload = one.current.workload
        yield Check(
            text=f"the logs of `{one.current.name}` are quiet",
            command=logs(namespace_of(one.delivery, [one]), one.current.key),
            expected="no error that was not there before",
            owner=context.owner(workload.file.path),
            claim=fact("workload", evidence(workload, workload.title_node)),
        )


# Triggers ----------------------------------------------------------------------------------------


def _triggers(context: PlanContext, pending: list[Pending]) -> Iterator[Claim]:
    for one in in_order(context):
        workload = one.current.workload
        if one.current.kind != "Deployment":
            continue
        deadline = rendered_budget(one.current, context.after.graph).deadline
        if deadline is None:
            continue
        written = deadline.setting
        where = place_in(written.file, written.where) if written else evidence(workload, workload.title_node)
        yield derived(
            f"`{one.current.name}` makes no progress for {deadline.value} s: `rollout status` says"
            " `exceeded its progress deadline`",
            where,
        )
    for question in smoke.questions(context)[:_MOST_RULES]:
        yield derived(f"two failures in a row: {question.text}", *question.claim.evidence)
    for service in context.rollout.services:
        if service.after is not None:
            text = f"`{service.current.name}` is `unhealthy`, or its container starts again and again"
            yield derived(text, evidence(service.current, service.current.key))
    for found in pending:
        blocking = [deed for one in found.assessed for deed in one.blocking]
        if blocking:
            yield derived(
                f"a migration waits for a lock longer than {LOCK_TIMEOUT}, or others wait for it: stop it",
                place(blocking[0]),
            )
            break
    if not alert_rules(context):
        yield unknown("which rate of errors is too much: no alert rule of the repository says so")


# People ------------------------------------------------------------------------------------------


def _contacts(context: PlanContext) -> Iterator[Claim]:
    rollout = context.rollout
    touched = [one.current.workload.file.path for one in rollout.kept]
    touched += [one.file.path for history in rollout.histories for one in history.new]
    touched += [one.current.file.path for one in rollout.services]
    for owner in owners_of(list(dict.fromkeys(touched)), context.owners):
        yield fact(
            f"{' '.join(owner.names)} for `{owner.rule.pattern}`", place_in(owner.source.file, owner.rule)
        )
    if context.owners is None and touched:
        yield assumed("whoever is on call: there is no CODEOWNERS file")
