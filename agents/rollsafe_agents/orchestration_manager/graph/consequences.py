"""What is there after a failure, and how to go on: from what the files say, process by process."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.compose import ComposeService
from rollsafe.artefacts.github_workflow import Job, Step
from rollsafe.artefacts.github_workflow.failures import loss_of
from rollsafe.artefacts.migrations import Migration
from rollsafe.artefacts.other_pipelines import Dialect, OtherJob
from rollsafe.artefacts.recognition import Role
from rollsafe.artefacts.step_functions import State
from rollsafe.plans.commands import line
from rollsafe.plans.contribution import derived, evidence, fact, place_in, unknown
from rollsafe.plans.cpm import reachable
from rollsafe.plans.model import Claim, Evidence
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_gates import is_allowed_to_fail
from rollsafe.workspace.pipelines import Act, activities_of, rolls_back
from rollsafe_agents.orchestration_manager.graph.draft import Node, Process
from rollsafe_agents.orchestration_manager.graph.failures import fate_after
from rollsafe_agents.orchestration_manager.graph.model import Failure

_LASTING: Final = (Role.DEPLOY, Role.MIGRATE, Role.PUBLISH)
_MOST: Final = 8
CHANGING: Final = frozenset(role.value for role in _LASTING)
"""Roles of nodes that leave something behind when they have run."""


def failure(process: Process, id_: str, graph: Graph) -> Failure:
    """Return what happens when a node fails."""
    node = process.nodes[id_]
    fate = fate_after(process, id_)
    return Failure(
        node=id_,
        stops=len(fate.skipped),
        stopped=fate.skipped[:_MOST],
        goes_on=_some(list(fate.runs.values()), node.where),
        perhaps=_some(list(fate.unsure.values()), node.where),
        beside=tuple(_beside(process, node)),
        state=tuple(_state(process, node, graph)),
        recovery=tuple(_recovery(process, node, graph)),
    )


def worth_telling(process: Process) -> Iterator[str]:
    """Yield the nodes whose failure says more than that everything after them stays away, those first."""
    able = [node for node in process.nodes.values() if not node.is_instant and node.kind != "objects"]
    first = [node for node in able if CHANGING & set(node.roles)]
    yield from (node.id for node in first)
    yield from (node.id for node in able if node not in first)


def _some(claims: list[Claim], where: Evidence) -> tuple[Claim, ...]:
    if len(claims) <= _MOST:
        return tuple(claims)
    return (*claims[:_MOST], derived(f"and {len(claims) - _MOST} more", where))


# What is there -----------------------------------------------------------------------------------


def _state(process: Process, node: Node, graph: Graph) -> Iterator[Claim]:
    backwards = [(target, source) for source, target in process.edges]
    before = reachable(node.id, backwards)
    earlier = (process.nodes[one] for one in before)
    # A job that calls a workflow does nothing itself; the jobs of that workflow are nodes of their own.
    lasting = [one for one in earlier if CHANGING & set(one.roles) and not one.is_instant]
    for one in lasting[:_MOST]:
        roles = ", ".join(role for role in one.roles if role in CHANGING)
        yield derived(f"`{one.title}` ({roles}) is done and stays", one.where)
    element = node.element
    if isinstance(element, Job):
        yield from _state_of_job(element, node, graph)
    elif isinstance(element, OtherJob):
        yield from _state_elsewhere(element)
    elif isinstance(element, Migration):
        yield _state_of_migration(element)
    elif isinstance(element, ComposeService) and element.restart is not None:
        place = evidence(element, element.key_at("restart") or element.key)
        yield fact(f"Compose starts it again: `restart: {element.restart}`", place)
    elif isinstance(element, State):
        yield from _state_of_state(element)


def _beside(process: Process, node: Node) -> Iterator[Claim]:
    """Yield what neither comes before nor after a failed job, and therefore runs on."""
    if process.kind != "pipeline":
        return
    before = reachable(node.id, [(target, source) for source, target in process.edges])
    known = {node.id, *before, *reachable(node.id, process.edges)}
    beside = [one for one in process.nodes.values() if one.id not in known and not one.is_instant]
    if beside:
        names = ", ".join(f"`{one.title}`" for one in beside[:3]) + (" …" if len(beside) > 3 else "")
        yield derived(f"{len(beside)} beside it: {names}", *(one.where for one in beside[:3]))


def _state_of_job(job: Job, node: Node, graph: Graph) -> Iterator[Claim]:
    if is_allowed_to_fail(job):
        yield fact("its failure counts as success", evidence(job, job.continue_on_error))
    if len(node.legs) > 1 and job.matrix is not None:
        if job.fail_fast is False:
            place = evidence(job, job.node.key_at("strategy", "fail-fast") or job.key)
            yield fact("the other runs of the matrix go on: `fail-fast: false`", place)
        else:
            yield derived("the other runs of the matrix are cancelled", evidence(job, job.matrix))
    lasting = [act for act in activities_of(job, graph) if any(role in act for role in _LASTING)]
    for act in [act for act in lasting if not act.after_failure][:_MOST]:
        yield derived(f"`{_plain(act)}` may have taken effect, wholly or in part", _place(act))
    loose = [claim for step in job.steps for claim in _of_step(step)]
    yield from _some(loose, node.where)


def _of_step(step: Step) -> Iterator[Claim]:
    """Yield how a step does not end its job, or runs after another one has."""
    scalar = step.continue_on_error
    if scalar is not None and scalar.as_bool() is not False:
        yield fact(
            f"step `{_label(step)}` may fail: `continue-on-error: {scalar.text}`", evidence(step, scalar)
        )
    guard = step.if_
    if guard is not None and any(word in guard.text for word in ("always()", "failure()", "cancelled()")):
        text = f"step `{_label(step)}` runs after a failure in the job: `if: {' '.join(guard.text.split())}`"
        yield fact(text, evidence(step, guard))
    for activity in step.activities:
        loss = loss_of(activity) if not activity.classification.roles.isdisjoint(_WORTH) else None
        if loss is not None:
            text = f"`{activity.classification.tool}` may fail unseen: `{loss.by}` swallows it"
            yield fact(text, evidence(step, activity))


_WORTH: Final = frozenset({Role.DEPLOY, Role.MIGRATE, Role.TEST, Role.VERIFY, Role.ROLLBACK})


def _label(step: Step) -> str:
    return " ".join(step.label.replace("`", "'").split())[:60]


def _plain(act: Act) -> str:
    return act.title.replace("`", "'")


def _place(act: Act) -> Evidence:
    return Evidence(path=act.file.path, line=act.file.line_number(act.where))


def _state_elsewhere(job: OtherJob) -> Iterator[Claim]:
    """Yield what a job of GitLab, Azure, CircleCI or Argo leaves behind."""
    if job.forgiven is not None:
        place = place_in(job.forgiven.file or job.file, job.forgiven.where)
        yield fact(f"its failure counts as success: {job.forgiven.text}", place)
    for act in [act for act in job.acts if any(role in act.classification.roles for role in _LASTING)][
        :_MOST
    ]:
        text = f"`{act.title.replace('`', chr(39))}` may have taken effect, wholly or in part"
        yield derived(text, place_in(job.file, job.key))


def _state_of_state(state: State) -> Iterator[Claim]:
    """Yield what becomes of the other branches and items around a state when its failure is not caught."""
    parent = state.scope.parent
    if parent is None or any("States.ALL" in one.errors for one in state.catch):
        return
    if parent.type == "Parallel" and len(parent.branches) > 1:
        yield derived(f"the other branches of `{parent.name}` are stopped", evidence(parent, parent.key))
    if parent.type == "Map":
        tolerated = next((node for key in _TOLERATED if (node := parent.node.key_at(key)) is not None), None)
        if tolerated is None:
            yield derived(f"the other items of `{parent.name}` are stopped", evidence(parent, parent.key))
        else:
            text = f"`{parent.name}` goes on with its other items as far as `{tolerated.text}` lets it"
            yield fact(text, evidence(parent, tolerated))


_TOLERATED: Final = (
    "ToleratedFailurePercentage", "ToleratedFailureCount", "ToleratedFailurePercentagePath",
    "ToleratedFailureCountPath",
)  # fmt: skip


def _state_of_migration(migration: Migration) -> Claim:
    loose = [one for one in migration.up_statements if not migration.runs_in_transaction(one)]
    if not migration.up_statements:
        return unknown("what it does: no statement is read", evidence(migration))
    if loose:
        text = "a statement runs outside of a transaction: what stands before the failing one stays"
        return derived(text, evidence(loose[0]))
    return derived("it runs in one transaction: nothing of it stays", evidence(migration.up_statements[0]))


# How to go on ------------------------------------------------------------------------------------


def _recovery(process: Process, node: Node, graph: Graph) -> Iterator[Claim]:
    element = node.element
    if isinstance(element, Job):
        yield from _recovery_of_job(element, graph)
    elif isinstance(element, OtherJob):
        yield from _recovery_elsewhere(element)
    elif isinstance(element, Migration):
        yield derived("mend it and migrate again; the earlier ones stay applied", evidence(element))
    elif isinstance(element, ComposeService):
        command = line("docker", "compose", "-f", element.file.path, "up", "-d", element.name)
        yield derived(f"mend it, then `{command}`", evidence(element, element.key))
    elif isinstance(element, State):
        yield from _recovery_of_state(element)
    elif process.kind == "rollout":
        yield derived("section 5 of `rollsafe plan deploy` has the way back", node.where)


def _recovery_of_job(job: Job, graph: Graph) -> Iterator[Claim]:
    place = evidence(job, job.key)
    again = line("gh", "run", "rerun", "$RUN_ID", "--failed")
    yield derived(f"`{again}` runs it again, and what was skipped", place)
    acts = [act for act in activities_of(job, graph) if any(role in act for role in _LASTING)]
    for act in [act for act in acts if not act.classification.idempotent][:3]:
        yield unknown(f"whether `{_plain(act)}` may run twice: nothing says so", _place(act))
    if acts and Role.DEPLOY in {role for act in acts for role in act.classification.roles}:
        if rolls_back(job, graph):
            yield derived("something in the repository takes the deployment back", place)
        else:
            yield derived("nothing takes the deployment back: section 5 of `rollsafe plan deploy`", place)


_AGAIN: Final = {
    Dialect.GITLAB: "GitLab's Retry runs it again, and what was skipped",
    Dialect.AZURE: "Rerun failed jobs runs it again, and what was skipped",
    Dialect.CIRCLECI: "Rerun from failed runs it again, and what was skipped",
    Dialect.ARGO: "a retry of the workflow runs it again, and what was skipped",
}


def _recovery_elsewhere(job: OtherJob) -> Iterator[Claim]:
    place = evidence(job, job.key)
    if job.retries is not None:
        yield fact(job.retries.text, place_in(job.retries.file or job.file, job.retries.where))
    yield derived(_AGAIN[job.pipeline.dialect], place)
    lasting = [act for act in job.acts if any(role in act.classification.roles for role in _LASTING)]
    for act in [act for act in lasting if not act.classification.idempotent][:3]:
        yield unknown(f"whether `{act.title.replace('`', chr(39))}` may run twice: nothing says so", place)
    if Role.DEPLOY in job.roles:
        undone = any(Role.ROLLBACK in one.roles for one in job.pipeline.jobs)
        said = "a job of it takes a deployment back" if undone else "nothing takes the deployment back"
        yield derived(f"{said}: section 5 of `rollsafe plan deploy`", place)


def _recovery_of_state(state: State) -> Iterator[Claim]:
    if state.retry:
        tries = ", ".join(str(3 if one.max_attempts is None else one.max_attempts) for one in state.retry)
        yield fact(f"it is tried again, at most {tries} times", evidence(state, state.retry[0].node))
    around = list(_around(state))
    if not any(one.catch for one in around):
        yield derived("no `Catch`: the execution fails", evidence(state, state.key))
    elif not any("States.ALL" in one.errors for each in around for one in each.catch):
        first = next(one for one in around if one.catch)
        text = f"`Catch` of `{first.name}` takes some errors only: any other ends the execution"
        yield derived(text, evidence(first, first.catch[0].node))


def _around(state: State) -> Iterator[State]:
    """Yield a state and those it is inside of."""
    at: State | None = state
    while at is not None:
        yield at
        at = at.scope.parent
