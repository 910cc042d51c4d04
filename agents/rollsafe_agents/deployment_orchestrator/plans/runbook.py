"""The runbook: per service what it is, where it runs, how it is looked after, and by whom."""

from collections.abc import Iterator

from rollsafe.plans.contribution import PlanContext, fact, place_in, unknown
from rollsafe.plans.kind import PlanKind, PlanRequest, PlanRequestError
from rollsafe.plans.model import Claim, Verdict
from rollsafe.text import nearest
from rollsafe.text.records import replace
from rollsafe.workspace.rollout import rollout_of
from rollsafe_agents.deployment_orchestrator.runbook import hosts, releases, workloads
from rollsafe_agents.deployment_orchestrator.runbook.model import Runbook, ServicePage
from rollsafe_agents.deployment_orchestrator.runbook.secrets import pipeline_secrets
from rollsafe_agents.deployment_orchestrator.sections.monitoring import alert_rules


def make(context: PlanContext, request: PlanRequest) -> Runbook:
    """Return the runbook of all services of the environment, or of one."""
    everything = rollout_of(context.after, None, sorted(context.after.paths), context.environment)
    whole = replace(context, before=None, find_rollout=lambda: everything)
    pages = (*workloads.pages(whole), *hosts.pages(whole), *releases.pages(whole))
    found = sorted(pages, key=lambda one: one.name)
    services = _chosen(found, request.subject)
    unknowns = tuple(_unknowns(whole, services))
    name = (
        f"`{request.subject}`" if request.subject else f"{len(services)} service{'s' * (len(services) != 1)}"
    )
    return Runbook(
        title=f"Runbook: {name.strip('`')} ({context.environment})",
        verdict=Verdict.READY if services else Verdict.INCOMPLETE,
        verdict_reason=_reason(services, len(unknowns)),
        **context.head,
        not_understood=context.frame.skipped,
        unknowns=unknowns,
        services=tuple(services),
        pipeline=tuple(pipeline_secrets(whole)) if not request.subject else (),
        alerts=tuple(_alerts(whole)),
    )


def _chosen(found: list[ServicePage], name: str) -> list[ServicePage]:
    """Return the pages that are asked for.

    Raises:
        PlanRequestError: there is no service of that name.
    """
    chosen = [one for one in found if not name or one.name == name]
    if chosen or not name:
        return chosen
    names = [one.name for one in found]
    close = nearest(name, names)
    listed = f"; nearest: `{close}`" if close else f"; there are {', '.join(names) or 'none'}"
    raise PlanRequestError(f"no service `{name}`{listed}")


def _reason(services: list[ServicePage], unknowns: int) -> str:
    if not services:
        return "no file says what runs"
    return f"{unknowns} unknown" if unknowns else "every command follows from the files"


def _unknowns(context: PlanContext, services: list[ServicePage]) -> Iterator[Claim]:
    if context.owners is None and services:
        yield unknown("who answers for what: a `CODEOWNERS` file would say")
    told = {secret.source.text: secret.source for one in services for secret in one.secrets}
    yield from (claim for claim in told.values() if claim.status == "UNKNOWN")
    if not alert_rules(context) and services:
        yield unknown("which alerts there are: no file of the repository has any")


def _alerts(context: PlanContext) -> Iterator[Claim]:
    for thing, rule in alert_rules(context):
        yield fact(f"alert `{rule.text_at('alert')}`", place_in(thing.file, rule.at("alert") or rule))


PLAN = PlanKind(
    title="Runbook",
    summary="per service: what it is, how to look, restart, scale, go back, rotate secrets, and who owns it",
    model=Runbook,
    make=make,
    subject="SERVICE",
)
