"""Pipelines of GitLab, Azure, CircleCI and Argo as processes."""

from collections.abc import Mapping
from typing import Final

from rollsafe.artefacts.other_pipelines import OtherJob, OtherPipeline, Said, When
from rollsafe.artefacts.recognition import role_of_name
from rollsafe.plans.contribution import derived, fact, place_in, unknown
from rollsafe.plans.model import Claim, Evidence
from rollsafe.plans.times import words
from rollsafe.workspace.other_pipelines import other_pipelines
from rollsafe.workspace.view import View
from rollsafe_agents.orchestration_manager.graph.draft import Node, Process, all_before
from rollsafe_agents.orchestration_manager.graph.fates import Fate, in_order

_STAGE: Final = "stage"


def elsewhere(view: View) -> list[Process]:
    """Return the pipelines as processes."""
    return [_process(one) for one in other_pipelines(view)]


def said_at(pipeline: OtherPipeline, said: Said) -> Evidence:
    """Return where a pipeline says something."""
    return place_in(said.file or pipeline.file, said.where)


def _process(pipeline: OtherPipeline) -> Process:
    made = Process(pipeline.name, "pipeline", place_in(pipeline.file, pipeline.where))
    for job in pipeline.jobs:
        made.add(_node(pipeline, job))
        _remarks(made, job)
    for job in pipeline.jobs:
        _waits(made, job)
    made.dangling += [fact(one.text, said_at(pipeline, one)) for one in pipeline.dangling]
    made.unknowns += [unknown(one.text, said_at(pipeline, one)) for one in pipeline.unread]
    if pipeline.limited is not None:
        made.asides.append(fact(pipeline.limited.text, said_at(pipeline, pipeline.limited)))
    return made


def _waits(made: Process, job: OtherJob) -> None:
    """Add the edges to a job; all of a stage before all of the next one is drawn once."""
    stages = [wait for wait in job.waits if wait.why.startswith("stage ")]
    if stages:
        claim = fact(f"{stages[0].why.split(' follows ')[0]} follows", place_in(job.file, stages[0].where))
        mine = f"{made.name}/{job.id}"
        all_before(made, [f"{made.name}/{wait.source}" for wait in stages], [mine], _STAGE, claim)
    for wait in job.waits:
        if wait not in stages:
            claim = fact(wait.why, place_in(wait.file or job.file, wait.where))
            made.wait(f"{made.name}/{wait.source}", f"{made.name}/{job.id}", "needs", claim)


def _node(pipeline: OtherPipeline, job: OtherJob) -> Node:
    limit, limited = _limit(job)
    legs = tuple(str(number) for number in range(1, job.legs + 1)) if job.legs and 1 < job.legs <= 256 else ()
    named = role_of_name(job.id.rpartition("/")[2])
    roles = {role.value for role in job.roles} or ({named.value} if named is not None else set[str]())
    idle = "runs only after a failure" if job.when is When.FAILURE else ""
    return Node(
        id=f"{pipeline.name}/{job.id}",
        kind=job.kind,
        title=job.id,
        where=place_in(job.file, job.key),
        limit=limit,
        limited=limited,
        names=(f"{pipeline.name}/{job.id}", job.id),
        legs=legs,
        most_at_once=job.most_at_once,
        is_instant=job.is_instant or bool(idle),
        idle=idle,
        is_repeated=job.legs is None,
        roles=tuple(sorted(roles)),
        element=job,
    )


def _limit(job: OtherJob) -> tuple[int | None, Claim | None]:
    """Return how long a job takes at most with all its tries and the rounds of its runs."""
    if job.limit is None or job.limited is None or job.legs is None or job.waits_again is None:
        return None, None
    rounds = -(-job.legs // job.most_at_once) if job.most_at_once else 1
    whole = (job.limit * job.tries + job.waits_again) * rounds
    more = f", all tries and rounds: {words(whole)}" if whole != job.limit else ""
    place = said_at(job.pipeline, job.limited)
    return whole, fact(job.limited.text + more, place) if not more else derived(
        job.limited.text + more, place
    )


def _remarks(made: Process, job: OtherJob) -> None:
    if job.legs is None:
        text = f"how many runs `{job.id}` has: that is computed"
        made.unknowns.append(unknown(text, place_in(job.file, job.key)))


# When a job fails --------------------------------------------------------------------------------


def fate_elsewhere(process: Process, failed: str, later: tuple[str, ...]) -> Fate:
    """Return what becomes of everything that waits for a job of GitLab, Azure, CircleCI or Argo."""
    first = process.nodes[failed].element
    forgiven = first if isinstance(first, OtherJob) and first.forgiven is not None else None
    results = {failed: "success" if forgiven is not None else "failure"}
    runs: dict[str, Claim] = {}
    unsure: dict[str, Claim] = {}
    before: dict[str, list[str]] = {}
    for wait in process.waits:
        before.setdefault(wait.target, []).append(wait.source)
    for id_ in in_order(process, later):
        node = process.nodes[id_]
        held = _holds(node, [results.get(one, "success") for one in before.get(id_, ())], results)
        results[id_] = {True: "success", False: "skipped", None: "unknown"}[held]
        if held is True and (not node.is_instant or node.idle):
            runs[id_] = _why(process, node, forgiven)
        elif held is None:
            unsure[id_] = _why(process, node, None)
    return Fate(tuple(id_ for id_ in later if results[id_] == "skipped"), runs, unsure)


def _holds(node: Node, before: list[str], results: Mapping[str, str]) -> bool | None:
    job = node.element
    if not isinstance(job, OtherJob):
        return not any(one in ("failure", "skipped") for one in before)
    bad = any(one in ("failure", "skipped") for one in before)
    if job.when is When.ALWAYS:
        return True
    if job.when is When.FAILURE:
        return any(one == "failure" for one in results.values())
    if job.when is When.UNKNOWN:
        return None
    return False if bad else None if "unknown" in before else True


def _why(process: Process, node: Node, forgiven: OtherJob | None) -> Claim:
    job = node.element
    if forgiven is not None and forgiven.forgiven is not None:
        text = f"`{node.title}`: a failure of `{forgiven.id}` counts as success, {forgiven.forgiven.text}"
        return fact(text, said_at(forgiven.pipeline, forgiven.forgiven))
    if isinstance(job, OtherJob) and job.condition is not None:
        return fact(f"`{node.title}`: {job.condition.text}", said_at(job.pipeline, job.condition))
    wait = next((one for one in process.waits if one.target == node.id), None)
    return derived(f"`{node.title}`", *(wait.claim.evidence if wait is not None else (node.where,)))
