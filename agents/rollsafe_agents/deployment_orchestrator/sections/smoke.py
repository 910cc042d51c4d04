"""Asking what was rolled out: from outside through its Ingress, from inside through its Service."""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Container, Service
from rollsafe.plans.cluster import ask, through_service
from rollsafe.plans.contribution import DraftStep, Phase, PlanContext, derived, evidence
from rollsafe.plans.model import Check, Claim
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.dependencies import entrances
from rollsafe.workspace.rollout import Touched
from rollsafe.workspace.wiring import services_of
from rollsafe_agents.deployment_orchestrator.sections.access import access
from rollsafe_agents.deployment_orchestrator.sections.cluster_steps import namespace_of
from rollsafe_agents.deployment_orchestrator.sections.strategy import is_new

_MOST_DOORS = 3


class Question(NamedTuple):
    """A command that asks a workload something, the answer to expect, and where that is written."""

    text: str
    command: str
    expected: str
    claim: Claim


def steps(context: PlanContext) -> Iterator[DraftStep]:
    """Yield one step per way in from outside and per readiness path of what is rolled out."""
    for question in questions(context):
        yield DraftStep(
            Phase.SMOKE,
            question.text,
            question.command,
            question.claim,
            question.expected,
            access(question.command),
        )


def checks(context: PlanContext, *, after_rollback: bool = False) -> Iterator[Check]:
    """Yield the same questions for the checklists; after a rollback what was new is not there any more."""
    for question in questions(context, without_new=after_rollback):
        where = question.claim.evidence[0].path
        yield Check(
            text=question.text,
            command=question.command,
            expected=question.expected,
            owner=context.owner(where),
            claim=question.claim,
        )


def questions(context: PlanContext, *, without_new: bool = False) -> list[Question]:
    """Return what to ask, from outside first, each thing once."""
    found: dict[str, Question] = {}
    for one in context.rollout.kept:
        if without_new and is_new(context, one):
            continue
        for question in questions_about(context, one):
            found.setdefault(question.command, question)
    return sorted(found.values(), key=lambda question: not question.command.startswith("curl"))


def questions_about(context: PlanContext, touched: Touched) -> list[Question]:
    """Return what to ask one workload, from outside first."""
    return [*_from_outside(context, touched), *_from_inside(context, touched)]


def _from_outside(context: PlanContext, touched: Touched) -> Iterator[Question]:
    for door in entrances(touched.current.workload, context.after)[:_MOST_DOORS]:
        if door.host is None or "*" in door.host or "{" in door.host or "$" in door.host:
            continue
        path = (door.path or "/").split("(", 1)[0]
        command = ask(f"{'https' if door.is_encrypted else 'http'}://{door.host}{path}")
        yield Question(
            f"ask `{touched.current.name}` from outside",
            command,
            "`200`, or the redirect you know",
            derived(f"{door.host}{path} leads to it", evidence(door.object, door.where)),
        )


def _from_inside(context: PlanContext, touched: Touched) -> Iterator[Question]:
    namespace = namespace_of(touched.delivery, [touched])
    workload = touched.current.workload
    probed = _probed(touched)
    if namespace is None or probed is None:
        return
    container, path = probed
    for service in services_of(workload, context.after.graph)[:1]:
        port = _port(service, container)
        if port is None:
            return
        probe = container.readiness_probe
        where = evidence(container, probe.key if probe is not None else container.title_node)
        yield Question(
            f"ask `{touched.current.name}` whether it is ready",
            through_service(namespace, service.name, port, path),
            "an answer, exit code 0",
            derived(f"its readiness path is `{path}`", where),
        )


def _probed(touched: Touched) -> tuple[Container, str] | None:
    for container in touched.containers:
        probe = container.readiness_probe
        if probe is not None and probe.handler == "http" and probe.path and "{" not in probe.path:
            return container, probe.path
    return None


def _port(service: Service, container: Container) -> int | str | None:
    """Return the Service's port behind which the container answers its probe."""
    probe = container.readiness_probe
    wanted = probe.port if probe is not None else None
    named = container.port_called(wanted) if isinstance(wanted, str) else None
    numbers = {wanted, named.number if named is not None else wanted}
    for port in service.ports:
        if port.target in numbers and isinstance(port.port, int):
            return port.port
    return None
