"""What to look at before, during and after a deployment, and when to stop."""

from collections.abc import Iterator
from typing import Final, Literal

from rollsafe.artefacts.kubernetes import KubernetesObject
from rollsafe.formats.nodes import Node
from rollsafe.plans.cluster import compose, kubectl
from rollsafe.plans.contribution import (
    Contribution,
    PlanContext,
    derived,
    evidence,
    fact,
    place_in,
    unknown,
)
from rollsafe.plans.database import LONG_RUNNING, WAITING
from rollsafe.plans.migration_runners import LOCK_TIMEOUT
from rollsafe.plans.model import Claim, Evidence, MonitoringPoint
from rollsafe.workspace.delivery import Means
from rollsafe_agents.deployment_orchestrator.sections.cluster_steps import in_order, namespace_of
from rollsafe_agents.deployment_orchestrator.sections.migrations import place
from rollsafe_agents.deployment_orchestrator.sections.pending import Pending

_MOST_RULES: Final = 4
_WINDOW: Final = "30 min"


def contribute(context: PlanContext, pending: list[Pending], total: Contribution) -> None:
    """Add the points of database, clusters, alert rules and Compose services."""
    total.monitoring += _of_database(pending)
    for namespace, where in _namespaces(context).items():
        total.monitoring += _of_namespace(namespace, where)
    total.monitoring += _of_rules(context)
    total.monitoring += _of_services(context)


def alert_rules(context: PlanContext) -> list[tuple[KubernetesObject, Node]]:
    """Return the alert rules of the repository: those of PrometheusRule objects."""
    return [
        (thing, rule)
        for thing in context.after.elements(KubernetesObject)
        if thing.kind == "PrometheusRule"
        for group in thing.node.items_at("spec", "groups")
        for rule in group.items_at("rules")
        if rule.text_at("alert") and rule.text_at("expr")
    ]


def _point(
    when: Literal["before", "during", "after"], signal: str, where: str, threshold: Claim, window: str
) -> MonitoringPoint:
    return MonitoringPoint(when=when, signal=signal, where=where, threshold=threshold, window=window)


def _of_database(pending: list[Pending]) -> Iterator[MonitoringPoint]:
    blocking = [deed for one in pending for a in one.assessed for deed in a.blocking]
    if not blocking:
        return
    where = place(blocking[0])
    queue = derived("any row: the migration would queue behind it", where)
    yield _point("before", "transactions a lock would wait for", LONG_RUNNING, queue, "right before it")
    waiting = derived(f"a row that waits longer than {LOCK_TIMEOUT}", where)
    yield _point("during", "who waits for a lock", WAITING, waiting, "while migrations run")


def _namespaces(context: PlanContext) -> dict[str | None, Evidence]:
    """Return the namespaces that get new pods, each with a place that says so."""
    found: dict[str | None, Evidence] = {}
    for one in in_order(context):
        workload = one.current.workload
        found.setdefault(namespace_of(one.delivery, [one]), evidence(workload, workload.title_node))
    for delivery in context.rollout.deliveries:
        if delivery.means is Means.CHART:
            found.setdefault(delivery.namespace, place_in(delivery.file, delivery.where))
    return found


def _of_namespace(namespace: str | None, where: Evidence) -> Iterator[MonitoringPoint]:
    events = kubectl(namespace, "get", "events", "--field-selector", "type=Warning", "--watch")
    bad = derived("`BackOff`, `Unhealthy` or `FailedScheduling` of a new pod, twice", where)
    yield _point("during", "warnings of the cluster", events, bad, "until all is rolled out")
    pods = kubectl(namespace, "get", "pods", "--watch")
    restarts = derived("RESTARTS rises, or READY stays below its number", where)
    yield _point("after", "restarts and readiness", pods, restarts, _WINDOW)
    limits = unknown("compare with what was noted before: no limit is written down for the service")
    yield _point("after", "CPU and memory", kubectl(namespace, "top", "pods"), limits, _WINDOW)


def _of_rules(context: PlanContext) -> Iterator[MonitoringPoint]:
    for thing, rule in alert_rules(context)[:_MOST_RULES]:
        name, expression = rule.text_at("alert") or "", rule.text_at("expr") or ""
        lasting = rule.text_at("for")
        holds = fact(
            f"it holds for {lasting}" if lasting else "it holds",
            place_in(thing.file, rule.at("expr") or rule),
        )
        yield _point("after", f"alert `{name}`", " ".join(expression.split()), holds, _WINDOW)


def _of_services(context: PlanContext) -> Iterator[MonitoringPoint]:
    for service in context.rollout.services:
        if service.after is not None:
            name = service.current.name
            where = evidence(service.current, service.current.key)
            command = compose(service.delivery.paths, "logs", "--since", "10m", "--follow", name)
            new = derived("an error that was not there before", where)
            yield _point("after", f"logs of `{name}`", command, new, _WINDOW)
