"""Services of Compose files, releases of charts and apps of platforms in the runbook."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.compose import ComposeService
from rollsafe.plans.cluster import compose, helm, kubectl
from rollsafe.plans.commands import line, words_of
from rollsafe.plans.contribution import PlanContext, derived, evidence, fact, place_in, unknown
from rollsafe.plans.migration_runners import URL
from rollsafe.plans.model import Claim
from rollsafe.text import Span
from rollsafe.workspace.delivery import Delivery, Means
from rollsafe.workspace.dependencies import compose_calls
from rollsafe.workspace.rollout import TouchedService
from rollsafe.workspace.wiring import health_check_of
from rollsafe_agents.deployment_orchestrator.runbook.model import (
    Chore,
    Purpose,
    SecretPage,
    ServicePage,
    Task,
)
from rollsafe_agents.deployment_orchestrator.runbook.workloads import chore, delivered

_INSTANCE: Final = "app.kubernetes.io/instance"
_CREDENTIAL: Final = ("password", "secret", "token", "key", "credential", "passwd")

_PLATFORMS: Final[dict[str, tuple[tuple[Purpose, str, tuple[str, ...], str], ...]]] = {
    "fly": (
        ("look", "state of its machines", ("flyctl", "status"), "all `started`, checks passing"),
        ("look", "what it says", ("flyctl", "logs"), "no error that is new"),
        ("restart", "its machines", ("flyctl", "apps", "restart"), "it reports success"),
        ("scale", "its machines", ("flyctl", "scale", "count", "$REPLICAS"), "it reports success"),
        ("roll back", "which images ran before", ("flyctl", "releases", "--image"), "a list"),
        ("roll back", "the image of before", ("flyctl", "deploy", "--image", "$IMAGE"), "it reports success"),
    ),
    "heroku": (
        ("look", "its dynos", ("heroku", "ps"), "all `up`"),
        ("look", "what it says", ("heroku", "logs", "--tail"), "no error that is new"),
        ("restart", "its dynos", ("heroku", "ps:restart"), "it reports success"),
        ("roll back", "which releases there are", ("heroku", "releases"), "a list"),
        ("roll back", "the release of before", ("heroku", "rollback"), "it reports success"),
    ),
    "vercel": (
        ("look", "which deployments there are", ("vercel", "ls"), "the newest is `Ready`"),
        ("look", "what it says", ("vercel", "logs", "$DEPLOYMENT_URL"), "no error that is new"),
        ("roll back", "the one of before", ("vercel", "rollback", "$DEPLOYMENT_URL"), "it reports success"),
    ),
}  # fmt: skip
"""What platforms are asked, by the tool that deploys to them."""


def pages(context: PlanContext) -> Iterator[ServicePage]:
    """Yield a page for every Compose service, and for every chart and platform by its delivery."""
    for service in context.rollout.services:
        yield _of_service(context, service)
    for delivery in context.rollout.deliveries:
        if delivery.means is Means.CHART and delivery.release:
            yield _of_chart(context, delivery)
        elif delivery.means is Means.OTHER and delivery.job is not None:
            yield _of_platform(context, delivery)


def _tasks(*chores: tuple[Purpose, Chore]) -> tuple[Task, ...]:
    order: dict[Purpose, list[Chore]] = {}
    for purpose, one in chores:
        order.setdefault(purpose, []).append(one)
    return tuple(Task(purpose=purpose, chores=tuple(found)) for purpose, found in order.items())


# Compose -----------------------------------------------------------------------------------------


def _of_service(context: PlanContext, touched: TouchedService) -> ServicePage:
    service, paths = touched.current, touched.delivery.paths
    return ServicePage(
        name=service.name,
        kind="Compose service",
        where=", ".join(f"`{path}`" for path in paths),
        owner=context.owner(service.file.path),
        schedule=None,
        facts=tuple(_service_facts(context, touched)),
        tasks=_tasks(*_service_chores(context, service, paths)),
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


def _service_chores(
    context: PlanContext, service: ComposeService, paths: tuple[str, ...]
) -> Iterator[tuple[Purpose, Chore]]:
    name, claim = service.name, fact("service", evidence(service, service.key))
    healthy = "`Up` and `(healthy)`" if health_check_of(service, context.after.graph) else "`Up`"
    yield "look", chore("state", compose(paths, "ps", name), healthy, claim)
    yield (
        "look",
        chore("what it says", compose(paths, "logs", "--since", "10m", name), "no error that is new", claim),
    )
    yield "restart", chore("as it is", compose(paths, "restart", name), "`Started`", claim)
    again = compose(paths, "up", "--detach", "--wait", "--force-recreate", name)
    yield "restart", chore("with variables that were changed", again, "`Healthy` or `Started`", claim)
    published = next((port for port in service.ports if port.published is not None), None)
    if published is not None:
        reason = fact("a port of the host", evidence(service, published.node))
        yield "scale", chore("not by number: two cannot listen on one port of the host", None, "–", reason)
    elif service.known is None or not service.known.keeps_data:
        more = compose(paths, "up", "--detach", "--no-recreate", "--scale", f"{name}=$REPLICAS", name)
        yield "scale", chore("until the next delivery", more, "as many as asked for in `ps`", claim)
    yield from (("roll back", one) for one in _service_back(service, paths, claim))


def _service_back(service: ComposeService, paths: tuple[str, ...], claim: Claim) -> Iterator[Chore]:
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
            claim = fact(f"variable of `{service.name}`", evidence(service, variable.node))
            yield SecretPage(
                name=variable.name, keys=(), source=claim, chores=tuple(_rotation(service, paths, claim))
            )


def _rotation(service: ComposeService, paths: tuple[str, ...], claim: Claim) -> Iterator[Chore]:
    yield chore(
        "set the new value where the variable is set on the host", None, "it is not in the repository", claim
    )
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


# Charts and platforms ----------------------------------------------------------------------------


def _of_chart(context: PlanContext, delivery: Delivery) -> ServicePage:
    release, namespace = delivery.release, delivery.namespace
    claim = delivered(delivery)
    chores: list[tuple[Purpose, Chore]] = [
        ("look", chore("the release", helm(namespace, "status", release), "`STATUS: deployed`", claim)),
    ]
    label = _labelled(context, delivery)
    if label is not None:
        chosen = ("--selector", f"{_INSTANCE}={release}")
        pods = kubectl(namespace, "get", "pods", *chosen)
        again = kubectl(namespace, "rollout", "restart", "deployment", *chosen)
        chores += [
            ("look", chore("its pods", pods, "all READY", label)),
            ("restart", chore("new pods, one after the other", again, "`restarted`", label)),
        ]
    chores += [
        (
            "roll back",
            chore(
                "which revisions there are",
                helm(namespace, "history", release),
                "the newest is `deployed`",
                claim,
            ),
        ),
        (
            "roll back",
            chore(
                "the one before",
                helm(namespace, "rollback", release, "--wait", "--timeout", "15m"),
                "`Rollback was a success`",
                claim,
            ),
        ),
    ]
    return ServicePage(
        name=release,
        kind="Helm release",
        where=f"namespace `{namespace}`" if namespace else "the namespace of the kubectl context",
        owner=context.owner(delivery.path),
        schedule=None,
        facts=(claim,),
        tasks=_tasks(*chores),
        secrets=(),
        calls=(),
    )


def _labelled(context: PlanContext, delivery: Delivery) -> Claim | None:
    """Return that the chart's pods have the usual label, where its templates say so."""
    prefix = f"{delivery.path}/templates/" if delivery.path else "templates/"
    for path in sorted(context.after.paths):
        source = context.after.read(path) if path.startswith(prefix) else None
        at = source.text.find(_INSTANCE) if source is not None else -1
        if source is not None and at >= 0:
            return derived("its objects are labelled so", place_in(source, Span(at, at + len(_INSTANCE))))
    return None


def _of_platform(context: PlanContext, delivery: Delivery) -> ServicePage:
    assert delivery.job is not None
    claim = delivered(delivery)
    known = _PLATFORMS.get(delivery.tool, ())
    own = words_of(delivery.command or "")
    chores = [
        (purpose, chore(text, line(*words), expected, claim)) for purpose, text, words, expected in known
    ]
    facts = [claim]
    if not known:
        text = f"how to restart, scale, look and go back with {delivery.tool}: no file says so"
        facts.append(unknown(text, *claim.evidence))
    return ServicePage(
        name=f"{delivery.job.id} ({delivery.tool})",
        kind="platform",
        where=f"where `{own[0]}` is logged in" if own else f"where {delivery.tool} deploys to",
        owner=context.owner(delivery.file.path),
        schedule=None,
        facts=tuple(facts),
        tasks=_tasks(*chores),
        secrets=(),
        calls=(),
    )
