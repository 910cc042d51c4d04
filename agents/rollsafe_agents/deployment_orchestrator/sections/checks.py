"""The checklist after a deployment, what to watch, when to go back, and whom to ask."""

from collections.abc import Iterator
from typing import Literal

from rollsafe.artefacts.kubernetes import KubernetesObject
from rollsafe.formats.nodes import Node
from rollsafe.plans.cluster import compose, kubectl, logs, rollout_status
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
from rollsafe.plans.database import LONG_RUNNING, WAITING
from rollsafe.plans.migration_runners import LOCK_TIMEOUT
from rollsafe.plans.model import Check, Claim, MonitoringPoint
from rollsafe.workspace.owners import owners_of
from rollsafe.workspace.rollout import Scope, Touched
from rollsafe_agents.deployment_orchestrator.sections import smoke
from rollsafe_agents.deployment_orchestrator.sections.cluster_steps import in_order, namespace_of
from rollsafe_agents.deployment_orchestrator.sections.migration_steps import status
from rollsafe_agents.deployment_orchestrator.sections.migrations import place
from rollsafe_agents.deployment_orchestrator.sections.pending import Pending

_PROGRESS_DEADLINE = 600
"""Seconds without progress after which Kubernetes calls a rollout failed, unless it is set."""

_MOST_RULES = 4


def contribute(context: PlanContext, pending: list[Pending], total: Contribution) -> None:
    """Add checks, monitoring points, triggers and contacts."""
    total.checks += _rolled_out(context)
    total.checks += smoke.checks(context)
    total.checks += _schema(context, pending)
    total.checks += _logs(context)
    total.rollback_checks += _rolled_back(context)
    total.rollback_checks += smoke.checks(context)
    total.triggers += _triggers(context, pending)
    total.monitoring += _watching(context, pending)
    total.contacts += _contacts(context)


def _rolled_out(context: PlanContext) -> Iterator[Check]:
    for one in in_order(context):
        yield _status(context, one, "is rolled out", "`successfully rolled out`")
    yield from _running(context, "runs")


def _running(context: PlanContext, what: str) -> Iterator[Check]:
    for service in context.rollout.services:
        if service.after is not None:
            command = compose(service.delivery.paths, "ps", service.current.name)
            claim = fact("service", evidence(service.current, service.current.key))
            yield Check(
                text=f"`{service.current.name}` {what}",
                command=command,
                expected="`Up`",
                owner=context.owner(service.current.file.path),
                claim=claim,
            )


def _rolled_back(context: PlanContext) -> Iterator[Check]:
    for one in in_order(context):
        yield _status(context, one, "is back", "`successfully rolled out`, with the image noted before")
    yield from _running(context, "is back")


def _status(context: PlanContext, one: Touched, what: str, expected: str) -> Check:
    workload = one.current.workload
    namespace = namespace_of(one.delivery, [one])
    return Check(
        text=f"`{one.current.name}` {what}",
        command=rollout_status(namespace, one.current.key),
        expected=expected,
        owner=context.owner(workload.file.path),
        claim=fact("workload", evidence(workload, workload.title_node)),
    )


def _schema(context: PlanContext, pending: list[Pending]) -> Iterator[Check]:
    for one in pending:
        last = one.assessed[-1].migration
        command, says = status(one, last)
        if command is not None:
            yield Check(
                text="the schema is where it belongs",
                command=command,
                expected=says,
                owner=context.owner(last.file.path),
                claim=fact("newest migration", evidence(last)),
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
        limit = workload.progress_deadline_seconds
        seconds = limit if isinstance(limit, int) else _PROGRESS_DEADLINE
        where = workload.node.at("spec", "progressDeadlineSeconds") or workload.title_node
        yield derived(
            f"`{one.current.name}` makes no progress for {seconds} s: `rollout status` says"
            " `exceeded its progress deadline`",
            evidence(workload, where),
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
    if not _alert_rules(context):
        yield unknown("which rate of errors is too much: no alert rule of the repository says so")


# Monitoring --------------------------------------------------------------------------------------


def _watching(context: PlanContext, pending: list[Pending]) -> Iterator[MonitoringPoint]:
    blocking = [deed for one in pending for a in one.assessed for deed in a.blocking]
    if blocking:
        where = place(blocking[0])
        yield _point(
            "before",
            "transactions that a lock would wait for",
            LONG_RUNNING,
            derived("any row: the migration would queue behind it", where),
            "right before the migration",
        )
        yield _point(
            "during",
            "who waits for a lock",
            WAITING,
            derived(f"a row that waits longer than {LOCK_TIMEOUT}", where),
            "while migrations run",
        )
    seen: set[str | None] = set()
    for one in in_order(context):
        namespace = namespace_of(one.delivery, [one])
        if namespace in seen:
            continue
        seen.add(namespace)
        workload = one.current.workload
        where = evidence(workload, workload.title_node)
        yield _point(
            "during",
            "warnings of the cluster",
            kubectl(namespace, "get", "events", "--field-selector", "type=Warning", "--watch"),
            derived("`BackOff`, `Unhealthy` or `FailedScheduling` of a new pod, twice", where),
            "until every workload is rolled out",
        )
        yield _point(
            "after",
            "restarts and readiness",
            kubectl(namespace, "get", "pods", "--watch"),
            derived("RESTARTS rises, or READY stays below its number", where),
            "30 min",
        )
        yield _point(
            "after",
            "CPU and memory",
            kubectl(namespace, "top", "pods"),
            unknown("compare with what was noted before: no limit is written down for the service"),
            "30 min",
        )
    yield from _by_rules(context)
    for service in context.rollout.services:
        if service.after is not None:
            claim = derived(
                "an error that was not there before", evidence(service.current, service.current.key)
            )
            yield _point(
                "after",
                f"logs of `{service.current.name}`",
                compose(service.delivery.paths, "logs", "--since", "10m", "--follow", service.current.name),
                claim,
                "30 min",
            )


def _point(
    when: Literal["before", "during", "after"], signal: str, where: str, threshold: Claim, window: str
) -> MonitoringPoint:
    return MonitoringPoint(when=when, signal=signal, where=where, threshold=threshold, window=window)


def _by_rules(context: PlanContext) -> Iterator[MonitoringPoint]:
    for thing, rule in _alert_rules(context)[:_MOST_RULES]:
        name, expression = rule.text_at("alert") or "", rule.text_at("expr") or ""
        lasting = rule.text_at("for")
        node = rule.at("expr") or rule
        yield _point(
            "after",
            f"alert `{name}`",
            " ".join(expression.split()),
            fact(f"it holds for {lasting}" if lasting else "it holds", place_in(thing.file, node)),
            "30 min",
        )


def _alert_rules(context: PlanContext) -> list[tuple[KubernetesObject, Node]]:
    """Return the alert rules of the repository: those of PrometheusRule objects."""
    return [
        (thing, rule)
        for thing in context.after.elements(KubernetesObject)
        if thing.kind == "PrometheusRule"
        for group in thing.node.items_at("spec", "groups")
        for rule in group.items_at("rules")
        if rule.text_at("alert") and rule.text_at("expr")
    ]


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
