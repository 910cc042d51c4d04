"""A pipeline of GitLab, Azure, CircleCI or Argo as a flow."""

from typing import Final

from rollsafe.artefacts.other_pipelines import Dialect, OtherJob, OtherPipeline, Said, When
from rollsafe.artefacts.recognition import Role
from rollsafe.plans.contribution import PlanContext, derived, evidence, fact, place_in, unknown
from rollsafe.plans.model import Claim, Evidence
from rollsafe_agents.workflow_orchestrator.flow.draft import (
    END,
    START,
    Clock,
    Flow,
    On,
    Retry,
    State,
    Transition,
)
from rollsafe_agents.workflow_orchestrator.flow.effects import lasting_effect, unhandled
from rollsafe_agents.workflow_orchestrator.flow.events import Sent
from rollsafe_agents.workflow_orchestrator.flow.model import Participant

_KINDS: Final = {
    Dialect.GITLAB: "GitLab pipeline",
    Dialect.AZURE: "Azure pipeline",
    Dialect.CIRCLECI: "CircleCI workflow",
    Dialect.ARGO: "Argo workflow",
}
_ON: Final[dict[When, On]] = {
    When.SUCCESS: "success",
    When.FAILURE: "failure",
    When.ALWAYS: "always",
    When.UNKNOWN: "choice",
}


def names_of(pipeline: OtherPipeline) -> tuple[str, ...]:
    """Return what a pipeline can be called: by its file, by its own name."""
    own = pipeline.name.partition("#")[2]
    return tuple(one for one in (own, pipeline.name, pipeline.file.name) if one)


def flow_of(pipeline: OtherPipeline, context: PlanContext) -> Flow:
    """Return a pipeline as a flow; groups of jobs are states that take no time."""
    where = place_in(pipeline.file, pipeline.where)
    name = pipeline.name.partition("#")[2] or pipeline.file.name
    flow = Flow(name, _KINDS[pipeline.dialect], pipeline.file.path, where)
    ids = {job.id: f"s{number}" for number, job in enumerate(pipeline.jobs)}
    for job in pipeline.jobs:
        flow.add(_state(job, ids[job.id]))
    for job in pipeline.jobs:
        _ways(flow, job, ids)
    flow.missing += [fact(one.text, _place(pipeline, one)) for one in pipeline.dangling]
    flow.questions += [unknown(one.text, _place(pipeline, one)) for one in pipeline.unread]
    if pipeline.limited is not None:
        flow.limit = pipeline.limit
        flow.limited = fact(pipeline.limited.text, _place(pipeline, pipeline.limited))
    _people(flow, pipeline, context)
    _starts(flow, pipeline)
    return flow


def _place(pipeline: OtherPipeline, said: Said) -> Evidence:
    return place_in(said.file or pipeline.file, said.where)


def _state(job: OtherJob, id_: str) -> State:
    where = evidence(job, job.key)
    rounds = -(-job.legs // job.most_at_once) if job.legs and job.most_at_once else 1
    computed = unknown(f"how many runs `{job.id}` has: that is computed", where) if job.legs is None else None
    limit, limited = _limit(job, where)
    return State(
        id=id_,
        name=job.id,
        kind=job.kind,
        where=where,
        parent="",
        limit=limit,
        limited=limited,
        works=not job.is_instant,
        handled=_handled(job),
        retries=(
            Retry(job.tries - 1, job.waits_again, fact(job.retries.text, _place(job.pipeline, job.retries))),
        )
        if job.retries is not None
        else (),
        effect=_effect(job),
        undone=_undone(job),
        undoes=Role.ROLLBACK in job.roles,
        repeats=computed,
        rounds=rounds,
    )


def _limit(job: OtherJob, where: Evidence) -> tuple[int | None, Claim]:
    if job.asks is not None and job.kind == "approval":
        return None, unknown(f"how long `{job.id}` waits: until somebody answers", where)
    if job.is_instant:
        return 0, derived("takes no time of its own", where)
    if job.limit is not None and job.limited is not None:
        return job.limit, fact(job.limited.text, _place(job.pipeline, job.limited))
    if job.pipeline.dialect is Dialect.ARGO:
        return None, derived("no `activeDeadlineSeconds`: nothing ends it", where)
    return None, unknown(f"which limit {job.pipeline.dialect.value} gives `{job.id}`: none is written", where)


def _effect(job: OtherJob) -> Claim | None:
    if Role.ROLLBACK in job.roles:
        return None
    return lasting_effect(frozenset(job.roles), job.id, evidence(job, job.key))


def _undone(job: OtherJob) -> Claim | None:
    """Return the job of the pipeline that takes a deployment back."""
    other = next((one for one in job.pipeline.jobs if Role.ROLLBACK in one.roles and one is not job), None)
    if other is None or Role.DEPLOY not in job.roles or _effect(job) is None:
        return None
    return derived(f"`{other.id}` takes it back, by its commands", evidence(other, other.key))


def _handled(job: OtherJob) -> Claim | None:
    where = evidence(job, job.key)
    if job.forgiven is not None:
        if _effect(job) is None:
            return None
        place = _place(job.pipeline, job.forgiven)
        return derived(f"nothing notices when `{job.id}` fails: {job.forgiven.text}", place)
    for other in job.pipeline.jobs:
        if other.when in (When.FAILURE, When.ALWAYS) and other.condition is not None and _notices(other, job):
            place = _place(other.pipeline, other.condition)
            return fact(f"`{other.id}` runs then: {other.condition.text}", place)
    return unhandled(_effect(job), job.id, where)


def _notices(other: OtherJob, job: OtherJob) -> bool:
    """Say whether a job waits for another one, or for a group that one is in and it is not."""
    parts = job.id.split("/")
    groups = {f"{'/'.join(parts[:depth])}/" for depth in range(1, len(parts))}
    apart = [group for group in groups if not other.id.startswith(group)]
    return any(
        wait.source == job.id or any(wait.source.startswith(group) for group in apart) for wait in other.waits
    )


def _ways(flow: Flow, job: OtherJob, ids: dict[str, str]) -> None:
    mine = ids[job.id]
    guard = job.condition.text.replace("`", "")[:80] if job.condition is not None else ""
    if job.is_manual:
        guard = "somebody starts it"
    elif job.is_optional:
        guard = guard or "if its rules say so"
    waits = [wait for wait in job.waits if wait.source in ids]
    if not waits:
        claim = fact("waits for nothing", evidence(job, job.key))
        flow.transitions.append(Transition(START, mine, "start", guard, claim))
    for wait in waits:
        claim = fact(wait.why, place_in(wait.file or job.file, wait.where))
        flow.transitions.append(Transition(ids[wait.source], mine, _ON[job.when], guard, claim))
    following = [one for one in job.pipeline.jobs if any(wait.source == job.id for wait in one.waits)]
    if all(one.when is When.FAILURE for one in following):
        claim = derived("nothing waits for its success", evidence(job, job.key))
        flow.transitions.append(Transition(mine, END, "end", "", claim))


# What else the file says -------------------------------------------------------------------------


def _people(flow: Flow, pipeline: OtherPipeline, context: PlanContext) -> None:
    owner = context.owner(pipeline.file.path)
    people = {
        "": Participant(name=flow.name, role="orchestrator", owner=owner, claim=fact("pipeline", flow.where))
    }
    for job in pipeline.jobs:
        if job.environment is not None:
            claim = fact(f"environment of `{job.id}`", _place(pipeline, job.environment))
            name = f"environment {job.environment.text}"
            people.setdefault(name, Participant(name=name, role="target", owner=owner, claim=claim))
            text = f"whom `{job.environment.text}` asks for approval: set in {pipeline.dialect.value}"
            flow.questions.append(unknown(text, *claim.evidence))
        if job.asks is not None:
            claim = fact(job.asks.text, _place(pipeline, job.asks))
            name = f"whoever answers `{job.id}`"
            people.setdefault(name, Participant(name=name, role="approver", owner=owner, claim=claim))
        if job.forgiven is not None:
            text = f"a failure of `{job.id}` counts as success: {job.forgiven.text}"
            flow.reliability.append(fact(text, _place(pipeline, job.forgiven)))
        if job.lock is not None:
            text = f"`{job.id}`: one at a time in `{job.lock.text}`"
            flow.reliability.append(fact(text, _place(pipeline, job.lock)))
    flow.participants += people.values()
    if not any(job.kind == "called pipeline" for job in pipeline.jobs) and not pipeline.unread:
        flow.contracts = derived("it calls no other pipeline", flow.where)
    telling = next((job for job in pipeline.jobs if Role.NOTIFY in job.roles), None)
    if telling is not None:
        flow.observed = derived(f"`{telling.id}` tells somebody how it went", evidence(telling, telling.key))


def _starts(flow: Flow, pipeline: OtherPipeline) -> None:
    host = pipeline.dialect.value
    for one in pipeline.triggers:
        claim = fact("it starts it", _place(pipeline, one))
        flow.sent.append(Sent(one.text, "in", host, host, flow.name, claim, needs_schema=False))
    for one in pipeline.crons:
        claim = fact("its schedule starts it", _place(pipeline, one))
        name = f"schedule {one.text}"
        flow.sent.append(Sent(name, "in", "clock", host, flow.name, claim, needs_schema=False))
        apart = pipeline.apart
        meets = "both run at once" if apart is None else f"{apart.text} keeps them apart"
        flow.clocks.append(Clock(one.text, meets, apart is None, claim))
