"""Releases of charts and apps of platforms in the runbook."""

from collections.abc import Iterator
from typing import Final

from rollsafe.plans.cluster import helm, kubectl
from rollsafe.plans.commands import line, words_of
from rollsafe.plans.contribution import PlanContext, derived, place_in, unknown
from rollsafe.plans.model import Claim
from rollsafe.text import Span
from rollsafe.workspace.delivery import Delivery, Means
from rollsafe_agents.deployment_orchestrator.runbook.model import Chore, Purpose, ServicePage
from rollsafe_agents.deployment_orchestrator.runbook.workloads import chore, delivered, tasks

_INSTANCE: Final = "app.kubernetes.io/instance"

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
    """Yield a page for every chart and platform, by its delivery."""
    for delivery in context.rollout.deliveries:
        if delivery.means is Means.CHART and delivery.release:
            yield _of_chart(context, delivery)
        elif delivery.means is Means.OTHER and delivery.job is not None:
            yield _of_platform(context, delivery)


def _of_chart(context: PlanContext, delivery: Delivery) -> ServicePage:
    release, namespace = delivery.release, delivery.namespace
    claim = delivered(delivery)
    look = [chore("the release", helm(namespace, "status", release), "`STATUS: deployed`", claim)]
    restart: list[Chore] = []
    label = _labelled(context, delivery)
    if label is not None:
        chosen = ("--selector", f"{_INSTANCE}={release}")
        look.append(chore("its pods", kubectl(namespace, "get", "pods", *chosen), "all READY", label))
        again = kubectl(namespace, "rollout", "restart", "deployment", *chosen)
        restart.append(chore("new pods, one after the other", again, "`restarted`", label))
    before = helm(namespace, "rollback", release, "--wait", "--timeout", "15m")
    history = helm(namespace, "history", release)
    back = [
        chore("which revisions there are", history, "the newest is `deployed`", claim),
        chore("the one before", before, "`Rollback was a success`", claim),
    ]
    return ServicePage(
        name=release,
        kind="Helm release",
        where=f"namespace `{namespace}`" if namespace else "the namespace of the kubectl context",
        owner=context.owner(delivery.path),
        schedule=None,
        facts=(claim,),
        tasks=tasks([("look", look), ("restart", restart), ("roll back", back)]),
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
    chores: dict[Purpose, list[Chore]] = {}
    for purpose, text, words, expected in known:
        chores.setdefault(purpose, []).append(chore(text, line(*words), expected, claim))
    facts = [claim]
    if not known:
        text = "how to look, restart, scale and go back: no file says so, only how it is deployed"
        facts.append(unknown(text, *claim.evidence))
    return ServicePage(
        name=delivery.job.id if delivery.tool == "workflow" else f"{delivery.job.id} ({delivery.tool})",
        kind="platform",
        where=f"where `{own[0]}` is logged in" if own and known else "where its pipeline deploys to",
        owner=context.owner(delivery.file.path),
        schedule=None,
        facts=tuple(facts),
        tasks=tasks(chores.items()),
        secrets=(),
        calls=(),
    )
