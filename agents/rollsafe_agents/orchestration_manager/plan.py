"""The orchestration manager's part of a plan: what gates it, in which order, and what if a step fails."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Workflow
from rollsafe.plans.commands import access_for, from_pipeline, line
from rollsafe.plans.contribution import (
    Contribution,
    DraftRisk,
    DraftStep,
    Phase,
    PlanContext,
    Undo,
    derived,
    evidence,
    fact,
    unknown,
)
from rollsafe.plans.model import Change, Claim, Evidence
from rollsafe.plans.reach import Reach, reach, risk_of
from rollsafe.plans.risk import Hazard
from rollsafe.workspace.delivery import Means, deploying_jobs, is_surely_for
from rollsafe.workspace.pipeline_context import concurrency_of, environment_of
from rollsafe.workspace.pipeline_gates import disarmed_gates, gates
from rollsafe.workspace.pipelines import deployments, migrations, rolls_back
from rollsafe.workspace.rollout import Scope
from rollsafe_agents.orchestration_manager import passed_tests

_AUTOMATIC: Final = frozenset({"push", "schedule", "workflow_run", "release", "create", "merge_group"})


def contribute(context: PlanContext) -> Contribution:
    """Return gates, order, freeze and failure branches."""
    total = Contribution()
    jobs = deploying_jobs(context.after, context.environment)
    how_far = _reach(context)
    if _by_hand(context) and context.rollout.scope is Scope.CHANGES:
        for workflow in _automatic(context, jobs):
            total.steps += _freeze(workflow)
    total.steps += passed_tests.steps(context, jobs, _held(context, jobs))
    for job in _taking_part(context, jobs):
        if not is_surely_for(job, context.environment, context.after):
            what = f"whether job `{job.id}` of `{job.file.name}` deploys to {context.environment}"
            total.unknowns.append(unknown(f"{what}: nothing in it says so", evidence(job, job.key)))
        total.strategy += _what_it_does(context, job)
        total.preconditions += _approvals(context, job)
        total.risks += _risks(context, job, how_far)
    if not jobs:
        total.unknowns.append(
            unknown(f"which tests have to pass before {context.environment}: no workflow deploys")
        )
    if context.rollout.scope is Scope.CHANGES:
        total.changes += _changes(context)
    return total


def _taking_part(context: PlanContext, jobs: list[Job]) -> list[Job]:
    """Return the jobs whose deployment is part of the plan: what they name is in the repository."""
    rollout = context.rollout
    broken = {id(one.job) for one, _ in rollout.missing} - {id(one.job) for one in rollout.deliveries}
    return [job for job in jobs if id(job) not in broken]


def _reach(context: PlanContext) -> Reach:
    names = [one.current.workload.name for one in context.rollout.workloads]
    names += [one.current.name for one in context.rollout.services]
    return reach(context, names)


# Steps -------------------------------------------------------------------------------------------


def _by_hand(context: PlanContext) -> bool:
    """Say whether the plan's commands do what a pipeline does by itself."""
    return any(
        one.means is not Means.OTHER or from_pipeline(one.command or "") is not None
        for one in context.rollout.deliveries
    )


def _automatic(context: PlanContext, jobs: list[Job]) -> list[Workflow]:
    """Return the workflows that would do a part of this plan by themselves, each once."""
    mine = {id(one.job) for one in context.rollout.deliveries if one.job is not None}
    taking_part = (job for job in jobs if id(job) in mine or migrations(job, context.after.graph))
    started = (job for job in taking_part if _AUTOMATIC & job.workflow.triggers.keys())
    return list({id(job.workflow): job.workflow for job in started}.values())


def _freeze(workflow: Workflow) -> Iterator[DraftStep]:
    """Yield the steps that keep a pipeline from deploying in between, and let it go on at the end."""
    name = workflow.file.name
    off, on = line("gh", "workflow", "disable", name), line("gh", "workflow", "enable", name)
    events = ", ".join(sorted(_AUTOMATIC & workflow.triggers.keys()))
    claim = fact(f"it deploys by itself on {events}", evidence(workflow, workflow.on_key))
    yield DraftStep(
        Phase.FREEZE,
        f"hold `{name}`",
        off,
        claim,
        "no run in progress",
        access_for(off),
        gate=line("gh", "run", "list", "--workflow", name, "--status", "in_progress"),
        undo=(Undo(f"let `{name}` go on", on),),
    )
    yield DraftStep(Phase.RESUME, f"let `{name}` go on", on, claim, "exit code 0", access_for(on))


def _held(context: PlanContext, jobs: list[Job]) -> list[Workflow]:
    """Return the workflows whose part is done by hand: a run of them would deploy."""
    return [job.workflow for job in jobs] if _by_hand(context) else []


# What the pipeline does --------------------------------------------------------------------------


def _what_it_does(context: PlanContext, job: Job) -> Iterator[Claim]:
    graph = context.after.graph
    shipping, changing = deployments(job, graph), migrations(job, graph)
    name = f"job `{job.id}` of `{job.file.name}`"
    triggers = ", ".join(job.workflow.triggers) or "nothing"
    waits = ", ".join(f"`{need.id}`" for need in job.needs)
    after = f", after {waits}" if waits else ", without waiting for another job"
    yield fact(f"{name} runs on {triggers}{after}", evidence(job, job.key))
    if shipping and changing and context.rollout.new_migrations:
        first, second = (
            ("deploys", "migrates") if _stands_before(shipping[0], changing[0]) else ("migrates", "deploys")
        )
        places = [
            Evidence(path=a.file.path, line=a.file.line_number(a.where)) for a in (shipping[0], changing[0])
        ]
        yield derived(
            f"{name} {first} first and {second} then: where that differs, the steps below count", *places
        )
    undone = (
        "and something in the repository takes it back"
        if rolls_back(job, graph)
        else "and nothing takes it back"
    )
    if shipping:
        where = Evidence(path=shipping[0].file.path, line=shipping[0].file.line_number(shipping[0].where))
        yield derived(f"when the deployment of `{job.id}` fails, {_what_follows(job)}, {undone}", where)


def _stands_before(one: object, other: object) -> bool:
    first, second = getattr(one, "where", None), getattr(other, "where", None)
    return getattr(first, "start", 0) < getattr(second, "start", 0)


def _what_follows(job: Job) -> str:
    """Return which jobs run or stay away when `job` fails."""
    later = [one for one in job.dependants]
    if not later:
        return "no other job runs after it"
    goes_on = [one.id for one in later if one.if_ is not None and _survives(one)]
    if goes_on:
        return ", ".join(f"`{name}`" for name in goes_on) + f" run{'s' * (len(goes_on) == 1)} all the same"
    return ", ".join(f"`{one.id}`" for one in later) + f" stay{'s' * (len(later) == 1)} away"


def _survives(job: Job) -> bool:
    text = job.if_.text if job.if_ is not None else ""
    return "always()" in text or "failure()" in text or "!cancelled()" in text


def _approvals(context: PlanContext, job: Job) -> Iterator[Claim]:
    environment = environment_of(job, context.after.graph)
    if environment is None:
        return
    name = f"environment `{environment.name}`" if "$" not in environment.name else "the environment"
    yield unknown(
        f"whom {name} of job `{job.id}` asks for approval: that is set in the forge",
        evidence(job, job.key),
    )


# Risks -------------------------------------------------------------------------------------------


def _risks(context: PlanContext, job: Job, how_far: Reach) -> Iterator[DraftRisk]:
    yield from _gate_risks(context, job, how_far)
    yield from _unseen(context, job, how_far)
    if not concurrency_of(job, context.after.graph):
        reason = fact("no `concurrency`", evidence(job, job.key))
        name = f"two runs of `{job.id}` may deploy at once"
        told = "start it once, and see that no run is in progress"
        if _by_hand(context) and _AUTOMATIC & job.workflow.triggers.keys():
            told = "hold the workflow"
        held = f"hold `{job.workflow.file.name}`"
        yield risk_of(Hazard.MISSING_GATE, name, how_far, reason, told, Phase.FREEZE, held)


def _gate_risks(context: PlanContext, job: Job, how_far: Reach) -> Iterator[DraftRisk]:
    graph = context.after.graph
    for gate in disarmed_gates(job, graph):
        reason = derived(f"`{job.id}` runs although `{gate.id}` failed", evidence(job, job.if_ or job.key))
        name = f"the pipeline deploys what `{gate.id}` rejects"
        yield risk_of(Hazard.MISSING_GATE, name, how_far, reason, "look at the tests by hand", Phase.GATES)
    beside = [one for one in gates(job.workflow, graph) if one not in job.needs_closure]
    if beside:
        listed = ", ".join(f"`{one.id}`" for one in beside)
        reason = fact("not among its `needs`", evidence(beside[0], beside[0].key))
        name = f"`{job.id}` does not wait for {listed}"
        yield risk_of(Hazard.MISSING_GATE, name, how_far, reason, "look at it by hand", Phase.GATES)


def _unseen(context: PlanContext, job: Job, how_far: Reach) -> Iterator[DraftRisk]:
    graph = context.after.graph
    changing = migrations(job, graph) if context.rollout.new_migrations else ()
    for act in (*deployments(job, graph), *changing):
        if act.command is not None and act.command.or_true:
            where = Evidence(path=act.file.path, line=act.file.line_number(act.where))
            reason = fact("`|| true` swallows it", where)
            name = f"a failure of `{act.classification.tool}` stays unseen"
            yield risk_of(Hazard.LATE_DISCOVERY, name, how_far, reason, "by hand, without it")


# Changes -----------------------------------------------------------------------------------------


def _changes(context: PlanContext) -> Iterator[Change]:
    """Yield the jobs of workflows that differ."""
    for changed in context.changed:
        old = context.before.inside(changed.path, Workflow) if context.before is not None else []
        new = context.after.inside(changed.path, Workflow)
        before = {job.id: job for workflow in old for job in workflow.jobs}
        after = {job.id: job for workflow in new for job in workflow.jobs}
        for name in dict.fromkeys((*before, *after)):
            was, now = before.get(name), after.get(name)
            if was is not None and now is not None and was.file.slice(was) == now.file.slice(now):
                continue
            if now is not None:
                claim = fact("job", evidence(now, now.key))
            elif was is not None:
                claim = fact("job", context.old(was, was.key))
            else:
                continue
            yield Change(
                node=f"{changed.path}: {name}",
                kind="pipeline job",
                before="there" if was is not None else None,
                after=("new" if was is None else "differs") if now is not None else None,
                reversible="yes",
                claim=claim,
            )
