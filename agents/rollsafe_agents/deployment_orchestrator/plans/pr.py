"""The body of a pull request: what changes and why it is safe, how it is tested, deployed and taken back."""

from rollsafe.plans.contribution import ON_CALL, PlanContext
from rollsafe.plans.kind import PlanKind, PlanRequest, Slot
from rollsafe_agents.deployment_orchestrator.pull_request import facts
from rollsafe_agents.deployment_orchestrator.pull_request.model import PullRequestPlan
from rollsafe_agents.deployment_orchestrator.rollback.way_back import warning, way_back
from rollsafe_agents.deployment_orchestrator.sections.changed_findings import changed_findings


def make(context: PlanContext, request: PlanRequest) -> PullRequestPlan:
    """Return the body for what differs from the base."""
    way = way_back(context)
    plan = way.plan
    found, tests = changed_findings(context), facts.tests(context)
    broken = list(facts.breaking(way))
    owners = sorted({context.owner(one.path) for one in context.changed} - {ON_CALL})
    return PullRequestPlan(
        title=f"Pull request: {plan.title.partition(': ')[2]}",
        **context.head,
        verdict=plan.verdict,
        verdict_reason=plan.verdict_reason,
        not_understood=plan.not_understood,
        unknowns=(*facts.open_questions(tests), *plan.unknowns),
        changes=plan.changes,
        files=tuple(one.path for one in context.changed),
        safe=tuple(facts.safe(way)),
        breaking=tuple(broken),
        risks=plan.risks,
        risk_score=plan.risk_score,
        findings=tuple(found),
        tests=tuple(tests),
        notes=tuple(facts.notes(plan)),
        rollback=tuple(one for one in way.steps if one.advice != "leave"),
        mind=warning(way),
        pages=tuple(facts.pages(context)),
        checklist=tuple(facts.checklist(way, found, broken, owners)),
    )


PLAN = PlanKind(
    title="Pull request",
    summary="the body of a pull request: what changes and why it is safe, how it is tested and taken back",
    model=PullRequestPlan,
    make=make,
    since_fork=True,
    slots=(Slot("summary", "For the reviewer", "What does the change do, and what deserves a second look?"),),
)
