"""The analysis after a rollback: facts of the change, the timeline, findings, questions and follow-ups."""

from rollsafe.plans.contribution import PlanContext
from rollsafe.plans.kind import PlanKind, PlanOption, PlanRequest, PlanRequestError, Slot
from rollsafe.plans.model import Verdict
from rollsafe.plans.run_report import RunReport, read_run_report
from rollsafe.workspace.rollout import Scope
from rollsafe_agents.deployment_orchestrator.incident.model import IncidentReport, RunFacts
from rollsafe_agents.deployment_orchestrator.incident.questions import (
    follow_ups,
    impact,
    kept_first,
    questions,
)
from rollsafe_agents.deployment_orchestrator.incident.timeline import timeline
from rollsafe_agents.deployment_orchestrator.rollback.way_back import subject_of, way_back
from rollsafe_agents.deployment_orchestrator.sections.changed_findings import changed_findings


def make(context: PlanContext, request: PlanRequest) -> IncidentReport:
    """Return what is known of what was deployed and taken back."""
    way, run = way_back(context), _run_of(request)
    plan, found = way.plan, changed_findings(context)
    moments = timeline(way, run)
    verdict, reason = _judged(plan.scope, sum(one.at is None for one in moments))
    return IncidentReport(
        title=f"Incident report: {subject_of(plan).removeprefix('take back ')}",
        **context.head,
        verdict=verdict,
        verdict_reason=reason,
        not_understood=plan.not_understood,
        unknowns=plan.unknowns,
        run=_facts(run, plan.content_hash) if run is not None else None,
        keep=tuple(kept_first(context)),
        impact=tuple(impact(way)),
        timeline=tuple(moments),
        changes=plan.changes,
        findings=tuple(found),
        questions=tuple(questions(way, found)),
        follow_ups=tuple(follow_ups(way, found)),
        contacts=plan.contacts,
    )


def _run_of(request: PlanRequest) -> RunReport | None:
    """Return the report of the run that was handed over.

    Raises:
        PlanRequestError: the file holds none.
    """
    text = request.documents.get("run")
    if text is None:
        return None
    found = read_run_report(text)
    if found is None:
        how = "`rollsafe plan run report --format json` writes one"
        raise PlanRequestError(f"{request.one('run')}: no report of a run; {how}")
    return found


def _facts(run: RunReport, plan: str) -> RunFacts:
    return RunFacts(
        run=run.run,
        state=run.state,
        is_sealed=run.is_sealed,
        is_of_this_plan=run.plan == plan,
        seconds=run.seconds,
    )


def _judged(scope: str, blanks: int) -> tuple[Verdict, str]:
    if scope == Scope.REDEPLOY.value:
        return Verdict.INCOMPLETE, "nothing differs from the base: `--base REF` names what ran before"
    if scope == Scope.WHOLE.value:
        return Verdict.INCOMPLETE, "no base: what changed is not known (`--base REF`)"
    return Verdict.INCOMPLETE, f"{blanks} times of the timeline to fill in"


PLAN = PlanKind(
    title="Incident report",
    summary="after a rollback: what changed, the timeline, what was known before, questions and follow-ups",
    model=IncidentReport,
    make=make,
    options=(
        PlanOption("run", "Report of the run, from `plan run report --format json`", "FILE", is_file=True),
    ),
    slots=(Slot("story", "What happened", "What happened, in order, for people who were not there?"),),
)
