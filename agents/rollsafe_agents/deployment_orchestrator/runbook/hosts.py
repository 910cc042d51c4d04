"""Services of Compose files in the runbook."""

from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.artefacts.compose import ComposeService
from rollsafe.plans.cluster import compose
from rollsafe.plans.commands import line
from rollsafe.plans.contribution import PlanContext, derived, evidence, fact, place_in
from rollsafe.plans.migration_runners import URL
from rollsafe.plans.model import Claim
from rollsafe.workspace.dependencies import compose_calls
from rollsafe.workspace.rollout import TouchedService
from rollsafe.workspace.wiring import health_check_of
from rollsafe_agents.deployment_orchestrator.runbook.model import (
    Chore,
    Purpose,
    SecretPage,
    ServicePage,
)
from rollsafe_agents.deployment_orchestrator.runbook.workloads import chore, delivered, tasks

_CREDENTIAL: Final = ("password", "secret", "token", "key", "credential", "passwd")


def pages(context: PlanContext) -> Iterator[ServicePage]:
    """Yield a page for every Compose service."""
    for service in context.rollout.services:
        yield _of_service(context, service)


def _of_service(context: PlanContext, touched: TouchedService) -> ServicePage:
    service, paths = touched.current, touched.delivery.paths
    chores: list[tuple[Purpose, Iterable[Chore]]] = [
        ("look", _look(context, service, paths)),
        ("restart", _restart(service, paths)),
        ("scale", _scale(service, paths)),
        ("roll back", _back(service, paths)),
    ]
    return ServicePage(
        name=service.name,
        kind="Compose service",
        where=", ".join(f"`{path}`" for path in paths),
        owner=context.owner(service.file.path),
        schedule=None,
        facts=tuple(_service_facts(context, touched)),
        tasks=tasks(chores),
        secrets=tuple(_service_secrets(service, paths)),
        calls=tuple(_service_calls(context, service)),
    )


def _service_facts(context: PlanContext, touched: TouchedService) -> Iterator[Claim]:
    service = touched.current
    image = service.image
    if image is not None:
        yield fact(f"runs `{image.raw}`", evidence(service, service.image_node or service.key))
    if service.build is not None:
        yield fact(f"built from `{service.build.context or '.'}`", evidence(service, service.key))
    yield delivered(touched.delivery)
    for port in service.ports:
        if port.published is not None:
            yield fact(f"listens on port {port.published.first} of the host", evidence(service, port.node))
    if not health_check_of(service, context.after.graph):
        yield derived("nothing asks it whether it is healthy", evidence(service, service.key))
    if service.known is not None and service.known.keeps_data:
        yield derived(f"{service.known.title}: it keeps data", evidence(service, service.key))


def _look(context: PlanContext, service: ComposeService, paths: tuple[str, ...]) -> Iterator[Chore]:
    name, claim = service.name, fact("service", evidence(service, service.key))
    healthy = "`Up` and `(healthy)`" if health_check_of(service, context.after.graph) else "`Up`"
    yield chore("state", compose(paths, "ps", name), healthy, claim)
    said = compose(paths, "logs", "--since", "10m", name)
    yield chore("what it says", said, "no error that is new", claim)


def _restart(service: ComposeService, paths: tuple[str, ...]) -> Iterator[Chore]:
    name, claim = service.name, fact("service", evidence(service, service.key))
    yield chore("as it is", compose(paths, "restart", name), "`Started`", claim)
    again = compose(paths, "up", "--detach", "--wait", "--force-recreate", name)
    yield chore("with variables that were changed", again, "`Healthy` or `Started`", claim)


def _scale(service: ComposeService, paths: tuple[str, ...]) -> Iterator[Chore]:
    published = next((port for port in service.ports if port.published is not None), None)
    if published is not None:
        reason = fact("a port of the host", evidence(service, published.node))
        yield chore("not by number: two cannot listen on one port of the host", None, "–", reason)
    elif service.known is None or not service.known.keeps_data:
        number = f"{service.name}=$REPLICAS"
        more = compose(paths, "up", "--detach", "--no-recreate", "--scale", number, service.name)
        claim = fact("service", evidence(service, service.key))
        yield chore("until the next delivery", more, "as many as asked for in `ps`", claim)


def _back(service: ComposeService, paths: tuple[str, ...]) -> Iterator[Chore]:
    claim = fact("service", evidence(service, service.key))
    if service.known is not None and service.known.keeps_data:
        text = "not by its image alone: an older version may not read the data of a newer one"
        yield chore(text, None, "–", claim)
        return
    build = ("--build",) if service.build is not None else ()
    back = compose(paths, "up", "--detach", "--wait", *build, service.name)
    release = line("git", "switch", "--detach", "$RELEASE")
    yield chore("the release of before", release, "`HEAD is now at`", claim)
    yield chore("bring it up", back, "`Healthy` or `Started`", claim)


def _service_secrets(service: ComposeService, paths: tuple[str, ...]) -> Iterator[SecretPage]:
    for variable in service.environment:
        if any(word in variable.name.lower() for word in _CREDENTIAL):
            literal = variable.value is not None and "$" not in variable.value
            text = f"variable of `{service.name}`" + (", written out in the file" if literal else "")
            claim = fact(text, evidence(service, variable.node))
            chores = tuple(_rotation(service, paths, claim, literal=literal))
            yield SecretPage(name=variable.name, keys=(), source=claim, chores=chores)


def _rotation(
    service: ComposeService, paths: tuple[str, ...], claim: Claim, *, literal: bool
) -> Iterator[Chore]:
    text = "set the new value where the variable is set on the host"
    if literal:
        text = "take it out of the file, and set the new value in a variable on the host"
    yield chore(text, None, "it is not in the repository", claim)
    if service.known is not None and service.known.title == "PostgreSQL":
        text = "tell the database, which does not read the variable again once it has data"
        command = line("psql", URL, "--command", r"\password")
        yield chore(text, command, "it asks twice, and shows nothing", claim)
    again = compose(paths, "up", "--detach", "--wait", "--force-recreate", service.name)
    yield chore(f"start `{service.name}` with it", again, "`Healthy` or `Started`", claim)


def _service_calls(context: PlanContext, service: ComposeService) -> Iterator[Claim]:
    for call in compose_calls(one.current for one in context.rollout.services):
        if call.consumer == service.name:
            yield derived(f"needs `{call.provider}`", place_in(call.file, call.where))
        elif call.provider == service.name:
            yield derived(f"is needed by `{call.consumer}`", place_in(call.file, call.where))
