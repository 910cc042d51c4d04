"""A GitHub workflow as a flow: its jobs, what starts them and what they wait for."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Workflow
from rollsafe.artefacts.recognition import Role
from rollsafe.plans.commands import line
from rollsafe.plans.contribution import PlanContext, derived, evidence, fact, unknown
from rollsafe.plans.model import Check, Claim
from rollsafe.plans.times import MINUTE
from rollsafe.workspace.pipeline_context import concurrency_of, environment_of
from rollsafe.workspace.pipelines import activities_of, called_workflow, roles_of_job, rolls_back
from rollsafe_agents.workflow_orchestrator.flow.draft import END, START, Clock, Flow, On, State, Transition
from rollsafe_agents.workflow_orchestrator.flow.effects import lasting_effect, unhandled
from rollsafe_agents.workflow_orchestrator.flow.events import Sent
from rollsafe_agents.workflow_orchestrator.flow.model import FieldSchema, Participant

_DEFAULT_MINUTES: Final = 360


def flow_of(workflow: Workflow, context: PlanContext) -> Flow:
    """Return a workflow as a flow."""
    path = workflow.file.path
    flow = Flow(
        workflow.name or workflow.file.name, "GitHub workflow", path, evidence(workflow, workflow.on_key)
    )
    ids = {job.id.lower(): f"s{number}" for number, job in enumerate(workflow.jobs)}
    for job in workflow.jobs:
        flow.add(_state(job, ids[job.id.lower()], context))
    for job in workflow.jobs:
        _ways(flow, job, ids)
    _people(flow, workflow, context)
    _triggers(flow, workflow)
    flow.clocks += _clocks(workflow)
    _watching(flow, workflow, context)
    return flow


def _state(job: Job, id_: str, context: PlanContext) -> State:
    limit, limited = _limit(job, context)
    rounds = 1
    matrix = job.matrix
    if matrix is not None and job.max_parallel is not None and job.max_parallel > 0:
        if matrix.legs is None:
            limit, limited = None, unknown("its matrix is known only when it runs", evidence(job, matrix))
        else:
            rounds = -(-matrix.legs // job.max_parallel)
    return State(
        id=id_,
        name=job.id,
        kind="called workflow" if job.uses is not None else "job",
        where=evidence(job, job.key),
        parent="",
        limit=limit,
        limited=limited,
        works=True,
        handled=_handled(job, context),
        effect=_effect(job, context),
        undone=_undone(job, context),
        rounds=max(rounds, 1),
        look=line("gh", "run", "view", "$RUN_ID", "--json", "jobs"),
    )


def _limit(job: Job, context: PlanContext) -> tuple[int | None, Claim]:
    if job.uses is not None:
        return _limit_of_call(job, context)
    node = job.timeout_node
    if node is None:
        return _DEFAULT_MINUTES * MINUTE, derived(
            "no `timeout-minutes`: GitHub ends it after 6 h", evidence(job, job.key)
        )
    if job.timeout is None or job.timeout < 0:
        return None, unknown(
            f"`timeout-minutes: {node.text}` is known only when it runs", evidence(job, node)
        )
    return job.timeout * MINUTE, fact(f"`timeout-minutes: {job.timeout}`", evidence(job, node))


def _limit_of_call(job: Job, context: PlanContext) -> tuple[int | None, Claim]:
    """Return how long a called workflow takes at most, where it is in the repository and calls no other."""
    from rollsafe_agents.workflow_orchestrator.flow.duration import longest_of

    callee = called_workflow(job, context.after.graph)
    where = evidence(job, job.uses or job.key)
    if callee is None or any(one.uses is not None for one in callee.jobs):
        return None, unknown(
            f"how long `{job.uses.text if job.uses else job.id}` takes: it is not read", where
        )
    found = longest_of(flow_of(callee, context))
    if found.total is None:
        return None, unknown(f"how long `{callee.file.name}` takes: {found.claim.text}", where)
    return found.total, derived(f"`{callee.file.name}`: {found.claim.text}", where)


def _effect(job: Job, context: PlanContext) -> Claim | None:
    roles = roles_of_job(job, context.after.graph)
    return None if job.repairs else lasting_effect(frozenset(roles), job.id, evidence(job, job.key))


def _undone(job: Job, context: PlanContext) -> Claim | None:
    if _effect(job, context) is None or not rolls_back(job, context.after.graph):
        return None
    return derived("something in the repository takes its deployment back", evidence(job, job.key))


def _handled(job: Job, context: PlanContext) -> Claim | None:
    """Return what deals with a failure of a job: a step of its own, or a job that runs then."""
    for step in job.steps:
        if step.if_ is not None and step.if_.after_failure:
            return fact(f"step `{_flat(step.label)}` runs then", evidence(step, step.if_))
    for other in job.dependants:
        if other.if_ is not None and other.if_.after_failure:
            return fact(f"job `{other.id}` runs then", evidence(other, other.if_))
    return unhandled(_effect(job, context), job.id, evidence(job, job.key))


def _flat(text: str) -> str:
    return " ".join(text.replace("`", "'").split())[:60]


# Ways --------------------------------------------------------------------------------------------


def _ways(flow: Flow, job: Job, ids: dict[str, str]) -> None:
    mine = ids[job.id.lower()]
    guard = " ".join(job.if_.text.split())[:80] if job.if_ is not None else ""
    on: On = "success"
    if job.if_ is not None and job.if_.after_failure:
        on = "failure"
    elif job.if_ is not None and "always()" in job.if_.text:
        on = "always"
    if not job.needs:
        claim = fact("needs nothing", evidence(job, job.if_ or job.key))
        flow.transitions.append(Transition(START, mine, "start", guard, claim))
    for need in job.needs:
        source, place = ids.get(need.id.lower()), evidence(job, need.node)
        if source is None:
            flow.missing.append(fact(f"`{job.id}` needs `{need.id}`, which is no job of it", place))
        else:
            claim = fact(f"needs `{need.id}`", place)
            flow.transitions.append(Transition(source, mine, on, guard, claim))
    if all(one.if_ is not None and one.if_.after_failure for one in job.waiting()):
        claim = derived("nothing waits for its success", evidence(job, job.key))
        flow.transitions.append(Transition(mine, END, "end", "", claim))
    if job.is_disabled:
        flow.unreachable.append(fact(f"`{job.id}` never runs", evidence(job, job.if_ or job.key)))


# What else the file says -------------------------------------------------------------------------


def _people(flow: Flow, workflow: Workflow, context: PlanContext) -> None:
    owner = context.owner(workflow.file.path)
    people = {
        "": Participant(name=flow.name, role="orchestrator", owner=owner, claim=fact("workflow", flow.where))
    }
    for job in workflow.jobs:
        if job.uses is not None:
            claim = fact(f"called by `{job.id}`", evidence(job, job.uses))
            people.setdefault(
                job.uses.text,
                Participant(name=job.uses.text, role="called workflow", owner=owner, claim=claim),
            )
        environment = environment_of(job, context.after.graph)
        if environment is not None:
            claim = fact(
                f"environment of `{job.id}`", evidence(job, environment) if job.environment else evidence(job)
            )
            name = f"environment {environment.name}"
            people.setdefault(name, Participant(name=name, role="target", owner=owner, claim=claim))
            question = (
                f"whom `{environment.name}` asks for approval, and how long that may take: set in the forge"
            )
            flow.questions.append(unknown(question, *claim.evidence))
        for name in job.services:
            claim = fact(f"service container of `{job.id}`", evidence(job, job.services[name]))
            people.setdefault(
                name, Participant(name=name, role="service container", owner=owner, claim=claim)
            )
    flow.participants += people.values()
    calls = [job for job in workflow.jobs if job.uses is not None]
    if not calls:
        flow.contracts = derived("it calls no other workflow", flow.where)
    elif all(_is_declared(job, context) for job in calls):
        places = [evidence(job, job.uses) for job in calls if job.uses is not None]
        flow.contracts = derived("every workflow it calls declares its inputs in this repository", *places)
    else:
        flow.calls += [
            unknown(f"whether `{job.uses.text}` takes what `{job.id}` hands over", evidence(job, job.uses))
            for job in calls
            if job.uses is not None and not _is_declared(job, context)
        ]


def _is_declared(job: Job, context: PlanContext) -> bool:
    """Say whether the workflow a job calls is here and declares everything the job hands over."""
    callee = called_workflow(job, context.after.graph)
    trigger = callee.triggers.get("workflow_call") if callee is not None else None
    return trigger is not None and job.inputs.keys() <= trigger.inputs.keys()


def _triggers(flow: Flow, workflow: Workflow) -> None:
    for trigger in workflow.triggers.values():
        filters = ", ".join([*trigger.branches, *trigger.tags, *trigger.types, *trigger.workflows][:6])
        fields = tuple(
            FieldSchema(
                name=name,
                type=node.text_at("type") or "string",
                required=bool(node.bool_at("required")),
                format="" if node.text_at("default") is None else "has a default",
                place=evidence(workflow, node),
            )
            for name, node in trigger.inputs.items()
        )
        flow.sent.append(
            Sent(
                name=trigger.name,
                direction="in",
                channel=filters or "any",
                producer="GitHub",
                consumer=flow.name,
                claim=fact(f"`{trigger.name}` starts it", evidence(workflow, trigger)),
                own=fields,
                needs_schema=trigger.name == "repository_dispatch",
            )
        )


def _clocks(workflow: Workflow) -> Iterator[Clock]:
    """Yield the times it starts by itself; a concurrency group of the whole workflow keeps runs apart."""
    held = workflow.concurrency
    meets = "both run at once" if held is None else "the next one waits for it"
    cancel = held.cancel_node if held is not None else None
    if cancel is not None and cancel.as_bool() is not False:
        meets = "the next one may cancel it"
    for trigger in workflow.triggers.values():
        for cron in trigger.crons:
            yield Clock(cron.text, meets, held is None, fact("`schedule`", evidence(workflow, cron)))


def _watching(flow: Flow, workflow: Workflow, context: PlanContext) -> None:
    graph = context.after.graph
    for job in workflow.jobs:
        for held in concurrency_of(job, graph)[:1]:
            owner = held.job or held.workflow
            whose = f"`{held.job.id}`: " if held.job is not None else ""
            text = f"{whose}one run at a time in `{held.concurrency.group}`"
            flow.reliability.append(fact(text, evidence(owner, held.concurrency)))
    telling = [act for job in workflow.jobs for act in activities_of(job, graph) if Role.NOTIFY in act]
    if telling:
        first = telling[0]
        place = flow.where.model_copy(
            update={"path": first.file.path, "line": first.file.line_number(first.where)}
        )
        flow.observed = derived("it tells somebody how it went", place)
    command = line("gh", "run", "list", "--workflow", workflow.file.name, "--status", "failure")
    flow.monitoring.append(
        Check(
            text=f"failed runs of `{workflow.file.name}`",
            command=command,
            expected="none new",
            owner=context.owner(workflow.file.path),
            claim=fact("workflow", flow.where),
        )
    )
